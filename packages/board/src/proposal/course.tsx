/** The course of the project: rescheduled dates, amended terms, consents, indicators and external assessments, each in its own section. */

import { labelOf } from '../data/vocabulary.ts'
import { When } from '../parts/dates.tsx'
import { PartyName } from '../parts/party.tsx'
import { Section } from '../parts/section.tsx'
import { Translated } from '../parts/translated.tsx'
import { Members, memberName } from '../parts/value.tsx'
import { say } from '../texts/reader.ts'
import type { Status } from './status.ts'

export function hasCourse(status: Status): boolean {
  const { reschedulings, amendments, consents, indicators, assessments, delivery } = status
  const { progress, deliverables } = delivery
  return [reschedulings, amendments, consents, indicators, assessments, progress, deliverables].some(
    (list) => list.length > 0,
  )
}

export function Course({ status }: { readonly status: Status }) {
  if (!hasCourse(status)) return null
  return (
    <Section id="course" title={say.value.proposal.sections.course}>
      <Deliverables status={status} />
      <Reschedulings status={status} />
      <Amendments status={status} />
      <Consents status={status} />
      <Indicators status={status} />
      <Assessments status={status} />
    </Section>
  )
}

function Reference({ version }: { readonly version: number }) {
  return <a href={`#v${version}`}>#{version}</a>
}

function Deliverables({ status: { delivery } }: { readonly status: Status }) {
  const words = say.value.proposal
  const all = [...delivery.deliverables, ...delivery.progress.flatMap(({ deliverables }) => deliverables)]
  if (all.length === 0) return null
  return (
    <>
      <h3>{words.delivered}</h3>
      <ul class="plain">
        {all.map((text, index) => (
          <li key={index}>
            <Translated text={text} />
          </li>
        ))}
      </ul>
      {delivery.acceptedBy.length === 0 ? null : (
        <p>
          {words.acceptedBy}{' '}
          {delivery.acceptedBy.map((party, index) => (
            <span key={party}>
              {index === 0 ? '' : ', '}
              <PartyName party={party} />
            </span>
          ))}
        </p>
      )}
    </>
  )
}

function Reschedulings({ status: { reschedulings } }: { readonly status: Status }) {
  const words = say.value.proposal
  if (reschedulings.length === 0) return null
  return (
    <>
      <h3>{words.moved}</h3>
      <ul class="plain">
        {reschedulings.map(({ which, from, to, reason, occurredOn, version }) => (
          <li key={version}>
            {memberName(which)}: <When date={from} /> → <When date={to} /> (<When date={occurredOn} />){' '}
            <Reference version={version} />
            <span class="sub">
              <Translated text={reason} />
            </span>
          </li>
        ))}
      </ul>
    </>
  )
}

/** The terms changed in the world: before and after in two columns, with nothing struck through. */
function Amendments({ status: { amendments } }: { readonly status: Status }) {
  const words = say.value.proposal
  if (amendments.length === 0) return null
  return (
    <>
      <h3>⇄ {words.amendments}</h3>
      <ul class="plain">
        {amendments.map(({ before, rationale, decision, occurredOn, version }) => (
          <li key={version}>
            {words.amendedOn} <When date={occurredOn} /> <Reference version={version} />
            <p>
              <Translated text={rationale} />
            </p>
            {decision === null ? null : (
              <p>
                <Translated text={decision} />
              </p>
            )}
            <p class="sub">{words.before}</p>
            <Members members={[...Object.entries(before.planned), ...Object.entries(before.terms ?? {})]} />
          </li>
        ))}
      </ul>
    </>
  )
}

function Consents({ status: { consents } }: { readonly status: Status }) {
  const words = say.value.proposal
  if (consents.length === 0) return null
  return (
    <>
      <h3>{words.consents}</h3>
      <ul class="plain">
        {consents.map(({ act, party, occurredOn, version }) => (
          <li key={version}>
            <PartyName party={party} />: {labelOf('consentActs', act)} · <When date={occurredOn} />{' '}
            <Reference version={version} />
          </li>
        ))}
      </ul>
    </>
  )
}

function Indicators({ status: { indicators } }: { readonly status: Status }) {
  const words = say.value.proposal
  if (indicators.length === 0) return null
  return (
    <>
      <h3>{words.indicators}</h3>
      <ul class="plain">
        {indicators.map((report) => (
          <li key={report.version}>
            <Translated text={report.title} /> (<Translated text={report.unit} />){' '}
            <Reference version={report.version} />
            <Members
              of="indicator-reported"
              members={(['baseline', 'target', 'actual', 'direction', 'period'] as const).flatMap((name) =>
                report[name] === undefined ? [] : [[name, report[name]] as const],
              )}
            />
          </li>
        ))}
      </ul>
    </>
  )
}

/** On the assessor's own scale; an assessment never changes the stage. */
function Assessments({ status: { assessments } }: { readonly status: Status }) {
  const words = say.value.proposal
  if (assessments.length === 0) return null
  return (
    <>
      <h3>{words.assessments}</h3>
      <p class="quiet">{words.assessmentsMean}</p>
      <ul class="plain">
        {assessments.map(({ assessor, scale, score, occurredOn, version }) => (
          <li key={version}>
            <PartyName party={assessor} />: <b>{score}</b> (<Translated text={scale} />) · <When date={occurredOn} />{' '}
            <Reference version={version} />
          </li>
        ))}
      </ul>
    </>
  )
}
