/** Milestones: the first due date, the current one, when each was reached, and the delay. */

import { labelOf } from '../data/vocabulary.ts'
import { When } from '../parts/dates.tsx'
import { Section } from '../parts/section.tsx'
import { Translated } from '../parts/translated.tsx'
import { say } from '../texts/reader.ts'
import type { Status } from './status.ts'

export function MilestonesPart({ status }: { readonly status: Status }) {
  const words = say.value.proposal
  const { milestones, delivery } = status
  if (milestones.length === 0) return null
  return (
    <Section id="milestones" title={words.sections.milestones}>
      <table class="cards">
        <thead>
          <tr>
            <th scope="col">{words.milestone}</th>
            <th scope="col">{words.due}</th>
            <th scope="col">{words.outcome}</th>
            <th scope="col">{words.slipped}</th>
          </tr>
        </thead>
        <tbody>
          {milestones.map(({ milestone, title, due, firstDue, obligatory, planned, reached, version }) => (
            <tr key={milestone}>
              <th scope="row">
                <Translated text={title} /> <a href={`#v${version}`}>#{version}</a>
                {obligatory ? <span class="sub">{words.obligatory}</span> : null}
              </th>
              <td data-label={words.due}>
                {planned ? <When date={due} /> : <span class="none">{words.neverPlanned}</span>}
                {firstDue === due ? null : (
                  <span class="sub">
                    {words.firstDue} <When date={firstDue} />
                  </span>
                )}
              </td>
              <td data-label={words.outcome}>
                {reached === null ? (
                  <span class="none">{words.open}</span>
                ) : (
                  <>
                    {labelOf('outcomes', reached.outcome)} · <When date={reached.occurredOn} />{' '}
                    <a href={`#v${reached.version}`}>#{reached.version}</a>
                    {reached.reason === null ? null : (
                      <span class="sub">
                        <Translated text={reached.reason} />
                      </span>
                    )}
                  </>
                )}
              </td>
              <td data-label={words.slipped}>
                <Slipped which={milestone} slippage={delivery.slippage} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Section>
  )
}

interface SlippedProps {
  readonly which: string
  readonly slippage: Status['delivery']['slippage']
}

function Slipped({ which, slippage }: SlippedProps) {
  const days = slippage.find((one) => one.which === which)?.days ?? null
  if (days === null) return <span class="none">–</span>
  return <>{say.value.proposal.slippedBy(days.atLeast, days.atMost)}</>
}
