/** First what somebody can act on, then the rest. "No date known" is a separate answer, and the largest. */
import { daysBetween } from '../dates/days.ts'
import { Chip, ConditionFigure } from '../parts/chips.tsx'
import { listOf, type Portfolio } from '../parts/figure.ts'
import { Translated } from '../parts/translated.tsx'
import { say } from '../texts/reader.ts'
import type { Condition } from '../url/codes.ts'
import { hrefOf } from '../url/location.ts'

const urgent: readonly Condition[] = ['overdue', 'at-risk', 'due-soon', 'suspended']
const calm: readonly Condition[] = ['unknown', 'on-track', 'stale', 'done', 'ended']

export function Attention({ portfolio }: { readonly portfolio: Portfolio }) {
  const words = say.value.overview
  const { contested } = portfolio
  return (
    <>
      <ul class="chips">
        {urgent.map((condition) => (
          <ConditionItem key={condition} condition={condition} portfolio={portfolio} />
        ))}
        <li>
          <Chip
            tone={contested === 0 ? 'quiet' : 'contested'}
            glyph="≠"
            href={listOf({ contested: 'true' })}
            title={say.value.contestedMeans}
          >
            <b>{contested}</b> {say.value.contestedOf}
          </Chip>
        </li>
      </ul>
      <LongestOverdue portfolio={portfolio} />
      <ul class="chips">
        {calm.map((condition) => (
          <ConditionItem key={condition} condition={condition} portfolio={portfolio} />
        ))}
      </ul>
      <details class="explain">
        <summary>{words.noDateWhat}</summary>
        <p>{words.noDateMeans}</p>
      </details>
    </>
  )
}

function ConditionItem({ condition, portfolio }: { readonly condition: Condition; readonly portfolio: Portfolio }) {
  const sort = condition === 'overdue' ? ({ sort: 'plannedEnd' } as const) : {}
  const href = listOf({ condition: [condition], ...sort })
  return (
    <li>
      <ConditionFigure condition={condition} count={portfolio.byCondition[condition] ?? 0} href={href} />
    </li>
  )
}

function LongestOverdue({ portfolio }: { readonly portfolio: Portfolio }) {
  const { proposals } = portfolio.overdue
  if (proposals.length === 0) return null
  return (
    <ol class="longest">
      {proposals.slice(0, 3).map(({ proposalId, title, plannedEnd }) => (
        <li key={proposalId}>
          <b class="days">{plannedEnd === null ? '' : say.value.daysLate(daysBetween(plannedEnd, portfolio.day))}</b>{' '}
          <a href={hrefOf({ name: 'proposal', proposalId })}>
            <Translated text={title} />
          </a>
        </li>
      ))}
    </ol>
  )
}
