/** The agreement: its content, how binding it is, and its parties; and the agenda of a session. */

import { labelOf, meaningOf } from '../data/vocabulary.ts'
import { When } from '../parts/dates.tsx'
import { PartyName } from '../parts/party.tsx'
import { Section } from '../parts/section.tsx'
import { Translated } from '../parts/translated.tsx'
import { say } from '../texts/reader.ts'
import { hrefOf } from '../url/location.ts'
import type { Status } from './status.ts'

export function AgreementPart({ status }: { readonly status: Status }) {
  const { agreement, agenda } = status
  if (agreement === null && agenda === null) return null
  return (
    <Section id="agreement" title={say.value.proposal.sections.agreement}>
      {agreement === null ? null : <Agreement agreement={agreement} />}
      {agenda === null ? null : <Agenda agenda={agenda} />}
    </Section>
  )
}

function Agreement({ agreement }: { readonly agreement: NonNullable<Status['agreement']> }) {
  const words = say.value.proposal
  const { form, instrument, terms, parties, version } = agreement
  return (
    <dl class="members">
      <div>
        <dt>{words.firmness}</dt>
        <dd>
          <b title={meaningOf('forms', form)}>{labelOf('forms', form)}</b> <a href={`#v${version}`}>#{version}</a>
        </dd>
      </div>
      {instrument === null ? null : (
        <div>
          <dt>{words.instrument}</dt>
          <dd>
            <Translated text={instrument.title} /> {instrument.number ?? ''}{' '}
            {instrument.signedOn === undefined ? null : <When date={instrument.signedOn} />}
          </dd>
        </div>
      )}
      <div>
        <dt>{words.agreedBy}</dt>
        <dd>
          <ul class="values">
            {parties.map((party) => (
              <li key={party}>
                <PartyName party={party} />
              </li>
            ))}
          </ul>
        </dd>
      </div>
      {terms?.objectives === undefined ? null : (
        <div>
          <dt>{words.objectives}</dt>
          <dd>
            <Translated text={terms.objectives} />
          </dd>
        </div>
      )}
      {terms?.deliverables === undefined ? null : (
        <div>
          <dt>{words.deliverables}</dt>
          <dd>
            <ul class="values">
              {terms.deliverables.map((deliverable, index) => (
                <li key={index}>
                  <Translated text={deliverable} />
                </li>
              ))}
            </ul>
          </dd>
        </div>
      )}
    </dl>
  )
}

function Agenda({ agenda }: { readonly agenda: NonNullable<Status['agenda']> }) {
  const words = say.value.proposal
  return (
    <>
      <h3>{words.agenda(agenda.declaredCount ?? null)}</h3>
      <ol class="plain">
        {agenda.items?.map(({ item, title, leadsTo, resolved }) => (
          <li key={item} value={item}>
            <Translated text={title} />
            {resolved === undefined ? null : <b> · {labelOf('resolutions', resolved.outcome)}</b>}
            {leadsTo?.map((proposalId) => (
              <span key={proposalId}>
                {' '}
                → <a href={hrefOf({ name: 'proposal', proposalId })}>{proposalId}</a>
              </span>
            ))}
          </li>
        ))}
      </ol>
    </>
  )
}
