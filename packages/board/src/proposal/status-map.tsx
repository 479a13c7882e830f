/** What was known, when, of which day: a row for each change of the knowledge, a column from each day on which something changes. */
import type { AnswerTo } from '@commitments/client'
import { ask } from '../data/ask.ts'
import { useReading } from '../data/reading.ts'
import { labelOf } from '../data/vocabulary.ts'
import { dayNumber, todayIn } from '../dates/days.ts'
import { instantInWords } from '../dates/instants.ts'
import { dayInDigits, pointInWords } from '../dates/words.ts'
import { conditionGlyph, conditionName, lowered } from '../parts/chips.tsx'
import { Panel } from '../parts/panel.tsx'
import { StageGlyph } from '../parts/stage.tsx'
import { useWidth } from '../parts/width.ts'
import { readShell } from '../shell.ts'
import { language, say } from '../texts/reader.ts'
import { hereWith, query } from '../url/location.ts'
import { momentOf } from '../url/moment.ts'
import { type Cell, gridOf, type Rectangle } from './map-grid.ts'
import type { Status } from './status.ts'

type Moments = AnswerTo<'/v1/proposals/{proposalId}/moments'>

/** More rows than that are no picture: a link leads to what was known before. */
const mostEvents = 60

export function StatusMap({ status: { proposalId } }: { readonly status: Status }) {
  const { sections, map: words } = say.value.proposal
  const asked = { ...momentOf(query.value), limit: mostEvents }
  const reading = useReading(ask('/v1/proposals/{proposalId}/moments', asked, { proposalId }))
  return (
    <Panel id="map" title={sections.map} reading={reading}>
      {(moments) => (
        <>
          <p class="quiet">{words.lead}</p>
          <Picture moments={moments} />
          {moments.earlier === null ? null : (
            <p>
              <a href={hereWith({ knownAtPosition: moments.earlier })}>{words.earlier}</a>
            </p>
          )}
        </>
      )}
    </Panel>
  )
}

/** Pixels: a column that can be pressed, room for a day, for a second sign, for the word of a stage, and for that of a condition. */
const least = { column: 24, day: 20, sign: 48, stage: 128, condition: 240 }
/** Pixels of the column that says since when. */
const knownWidth = 96

function Picture({ moments }: { readonly moments: Moments }) {
  const words = say.value.proposal.map
  const [frame, whole] = useWidth(600)
  const end = query.value.asOf ?? todayIn(readShell().timeZone)
  const { days, rows } = gridOf(moments.moments, end)
  const widths = widthsOf(days, end, whole - knownWidth)
  const every = Math.ceil((least.day * days.length) / (whole - knownWidth))
  const events = new Map(moments.recorded.map((event) => [event.position, event]))
  return (
    <div ref={frame}>
      <table class="status-map">
        <colgroup>
          {[knownWidth, ...widths].map((width, column) => (
            // In shares, because paper has another width.
            <col key={column} style={{ width: `${(width / whole) * 100}%` }} />
          ))}
        </colgroup>
        <thead>
          <tr>
            <th scope="col" class="known">
              {words.known}
            </th>
            {days.map((day, column) => (
              <th key={day} scope="col">
                <span class={column % every === 0 ? 'day' : 'spoken'}>{dayInDigits(day, language.value)}</span>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ position, cells }) => {
            const event = events.get(position)
            return (
              <tr key={position}>
                <th scope="row" class="known">
                  {event === undefined ? (
                    position
                  ) : (
                    <>
                      <a href={`#v${event.version}`}>#{event.version}</a> <KnownOn instant={event.recordedAt} />
                    </>
                  )}
                </th>
                {cells.map((cell) => (
                  <MapCell key={cell.column} cell={cell} since={event?.version ?? 0} widths={widths} />
                ))}
              </tr>
            )
          })}
        </tbody>
      </table>
    </div>
  )
}

/** In the same form as the days of the columns. */
function KnownOn({ instant }: { readonly instant: string }) {
  const { timeZone } = readShell()
  return (
    <time dateTime={instant} title={instantInWords(instant, language.value, timeZone)}>
      {dayInDigits(todayIn(timeZone, new Date(instant)), language.value)}
    </time>
  )
}

/** By their days, but none narrower than what can be pressed, as long as there is room. */
function widthsOf(days: readonly string[], end: string, room: number): number[] {
  const lengths = days.map((day, column) => dayNumber(days[column + 1] ?? end) - dayNumber(day) + 1)
  const all = lengths.reduce((sum, length) => sum + length, 0)
  const narrowest = Math.min(least.column, room / days.length)
  const rest = room - narrowest * days.length
  return lengths.map((length) => narrowest + (rest * length) / all)
}

interface MapCellProps {
  readonly cell: Cell
  readonly since: number
  readonly widths: readonly number[]
}

function MapCell({ cell: { column, columns, rows, of }, since, widths }: MapCellProps) {
  if (of === null) {
    return (
      <td class="nothing" colSpan={columns}>
        <span class="spoken">{say.value.proposal.map.nothing}</span>
      </td>
    )
  }
  const width = widths.slice(column, column + columns).reduce((sum, one) => sum + one, 0)
  return (
    <td class={`stage-${of.stage}`} colSpan={columns} rowSpan={rows}>
      <a
        href={hereWith({ asOf: of.from, knownAtPosition: of.knownFrom, knownAt: undefined })}
        title={inWords(of, since)}
      >
        <StageGlyph stage={of.stage} />
        <span aria-hidden="true">
          {width < least.sign ? null : ` ${conditionGlyph(of.condition)}`}
          {width < least.stage ? null : ` ${stateOf(of)}`}
          {width < least.condition ? null : `, ${lowered(conditionName(of.condition))}`}
        </span>
        <span class="spoken">{inWords(of, since)}</span>
      </a>
    </td>
  )
}

function stateOf({ stage, ending }: Rectangle): string {
  return ending === null ? labelOf('stages', stage) : labelOf('endings', ending)
}

function inWords(of: Rectangle, since: number): string {
  const state = `${stateOf(of)}, ${lowered(conditionName(of.condition))}`
  return say.value.proposal.map.cell(pointInWords(of.from, language.value), since, state)
}
