/** The next planned ends, as precisely as they are known. */
import { useReading } from '../data/reading.ts'
import { askRows } from '../data/rows.ts'
import { labelOf } from '../data/vocabulary.ts'
import { ConditionChip } from '../parts/chips.tsx'
import { When } from '../parts/dates.tsx'
import { listOf } from '../parts/figure.ts'
import { Panel } from '../parts/panel.tsx'
import { StageGlyph } from '../parts/stage.tsx'
import { Translated } from '../parts/translated.tsx'
import { say } from '../texts/reader.ts'
import type { Condition } from '../url/codes.ts'
import { hrefOf, query } from '../url/location.ts'
import { filtersOf, momentOf } from '../url/moment.ts'

/** Conditions of proposals with a date that is not past. */
const ahead: readonly Condition[] = ['due-soon', 'on-track', 'at-risk', 'suspended']
const shown = 6

export function DatesAhead() {
  const words = say.value.overview
  const filters = filtersOf(query.value)
  const condition = ahead.filter((one) => filters.condition?.includes(one) !== false)
  const narrowed = { ...filters, ...momentOf(query.value), condition }
  const reading = useReading(
    condition.length === 0
      ? null
      : askRows(
          { ...narrowed, sort: 'plannedEnd', limit: shown },
          'proposalId',
          'title',
          'stage',
          'condition',
          'planned',
        ),
  )
  if (condition.length === 0) return null
  return (
    <Panel id="ahead" title={words.datesAhead} reading={reading}>
      {({ proposals, total }) => {
        const dated = proposals.filter(({ planned }) => planned.end !== null)
        if (dated.length === 0) return <p class="quiet">{words.noDatesAhead}</p>
        return (
          <>
            <ol class="ahead">
              {dated.map(({ proposalId, title, stage, condition: standing, planned }) => (
                <li key={proposalId}>
                  <span class="ahead-date">
                    <When date={planned.end} />
                  </span>
                  <a href={hrefOf({ name: 'proposal', proposalId })}>
                    <StageGlyph stage={stage} />
                    <span class="spoken">{labelOf('stages', stage)}</span> <Translated text={title} />
                  </a>
                  <ConditionChip condition={standing} />
                </li>
              ))}
            </ol>
            <p>
              <a href={listOf({ condition, sort: 'plannedEnd', view: 'dates' })}>{words.allAhead(total)}</a>
            </p>
          </>
        )
      }}
    </Panel>
  )
}
