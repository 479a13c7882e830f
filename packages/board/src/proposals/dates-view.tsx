/** Proposals along a time axis: planned start and end, and open milestones, each as precisely as it is known. */
import { ask } from '../data/ask.ts'
import { useReading } from '../data/reading.ts'
import { labelOf } from '../data/vocabulary.ts'
import { reachOf } from '../dates/bounds.ts'
import { inWords } from '../dates/words.ts'
import { ConditionChip } from '../parts/chips.tsx'
import { type Axis, DateMark, positionOn } from '../parts/date-mark.tsx'
import { StageGlyph } from '../parts/stage.tsx'
import { best, Translated } from '../parts/translated.tsx'
import { useWidth } from '../parts/width.ts'
import { YearAxis, YearGrid } from '../parts/year-axis.tsx'
import { language, say } from '../texts/reader.ts'
import { hrefOf, query } from '../url/location.ts'
import { filtersOf, momentOf } from '../url/moment.ts'
import { PagesOfList, type Row } from './pages-of-list.tsx'

export function DatesView() {
  const words = say.value.list
  const [frame, width] = useWidth(500)
  const portfolio = useReading(ask('/v1/portfolio', { ...filtersOf(query.value), ...momentOf(query.value) }))
  const today = portfolio.answer?.value.day
  const axisOf = (rows: readonly Row[]): Axis | null => {
    const reach = reachOf([...rows.flatMap(datesOf), ...(today === undefined ? [] : [today])])
    return reach === null ? null : { ...reach, width }
  }
  return (
    <PagesOfList
      usualSort="plannedEnd"
      frame={(rows, { proposals }) => {
        const axis = axisOf(proposals)
        return (
          <>
            <p class="quiet">{words.sortedByLastDay}</p>
            <div class="dates-row head" aria-hidden="true">
              <span />
              <span />
              <div ref={frame}>{axis === null ? null : <YearAxis axis={axis} />}</div>
            </div>
            <ul class="dates">{rows}</ul>
          </>
        )
      }}
      rows={(proposals, first) => {
        const axis = axisOf(first.proposals)
        const dated = proposals.filter((row) => datesOf(row).some((date) => date !== null))
        const others = proposals.filter((row) => !dated.includes(row))
        return (
          <>
            {dated.map((row) => (
              <DatesRow key={row.proposalId} row={row} axis={axis} today={today} />
            ))}
            {others.length === 0 ? null : <Undated rows={others} />}
          </>
        )
      }}
    />
  )
}

/** In a separate lane: these cannot be drawn, but must not be forgotten. */
function Undated({ rows }: { readonly rows: readonly Row[] }) {
  return (
    <li class="undated">
      <details open>
        <summary>{say.value.list.undated(rows.length)}</summary>
        <ul>
          {rows.map((row) => (
            <li key={row.proposalId}>
              <RowTitle row={row} />
            </li>
          ))}
        </ul>
      </details>
    </li>
  )
}

function RowTitle({ row: { proposalId, title, stage } }: { readonly row: Row }) {
  return (
    <span class="dates-title">
      <StageGlyph stage={stage} />
      <span>
        <span class="spoken">{labelOf('stages', stage)}</span>{' '}
        <a href={hrefOf({ name: 'proposal', proposalId })}>
          <Translated text={title} />
        </a>
      </span>
    </span>
  )
}

function openMilestones({ milestones }: Row) {
  return milestones.filter(({ reached, due }) => reached === null && due !== null)
}

function datesOf(row: Row): (string | null)[] {
  return [row.planned.start, row.planned.end, ...openMilestones(row).map(({ due }) => due)]
}

interface DatesRowProps {
  readonly row: Row
  readonly axis: Axis | null
  readonly today: string | undefined
}

const height = 26

function DatesRow({ row, axis, today }: DatesRowProps) {
  const { condition, planned } = row
  return (
    <li class="dates-row">
      <RowTitle row={row} />
      <span class="spoken">{inSentence(row)}</span>
      <span class="dates-lane">
        {planned.end === null ? (
          <span class="no-date">{inWords(null, language.value)}</span>
        ) : (
          <ConditionChip condition={condition} />
        )}
      </span>
      <div>
        {axis === null ? null : (
          <svg viewBox={`0 0 ${axis.width} ${height}`} width={axis.width} height={height} aria-hidden="true">
            <YearGrid axis={axis} height={height} />
            {today === undefined ? null : (
              <line class="today" x1={positionOn(axis, today)} x2={positionOn(axis, today)} y1={0} y2={height} />
            )}
            {planned.start === null ? null : (
              <DateMark when={planned.start} axis={axis} middle={height / 2} of="start" />
            )}
            {openMilestones(row).map(({ milestone, due }) =>
              due === null ? null : (
                <DateMark key={milestone} when={due} axis={axis} middle={height / 2} of="milestone" />
              ),
            )}
            {planned.end === null ? null : <DateMark when={planned.end} axis={axis} middle={height / 2} of="end" />}
          </svg>
        )}
      </div>
    </li>
  )
}

/** Describes the marks of a row. */
function inSentence(row: Row): string {
  const words = say.value.list
  const { start, end } = row.planned
  return [
    ...(start === null ? [] : [words.starts(inWords(start, language.value))]),
    ...(end === null ? [] : [words.ends(inWords(end, language.value))]),
    ...openMilestones(row).map(({ title, due }) => `${best(title).text}: ${inWords(due, language.value)}`),
  ].join('; ')
}
