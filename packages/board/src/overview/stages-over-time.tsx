/** Proposals at each stage over time, by known dates: a strip for each stage, all on one scale, with a table. */
import { scaleLinear } from 'd3-scale'
import { area, curveStepAfter } from 'd3-shape'
import { useId } from 'preact/hooks'
import { ask } from '../data/ask.ts'
import { useReading } from '../data/reading.ts'
import { labelOf } from '../data/vocabulary.ts'
import { todayIn } from '../dates/days.ts'
import { pointInWords } from '../dates/words.ts'
import { type Axis, positionOn } from '../parts/date-mark.tsx'
import { Panel } from '../parts/panel.tsx'
import { StageGlyph } from '../parts/stage.tsx'
import { useWidth } from '../parts/width.ts'
import { YearAxis, YearGrid } from '../parts/year-axis.tsx'
import { readShell } from '../shell.ts'
import { language, say } from '../texts/reader.ts'
import type { Series } from '../time/series.ts'
import { type Stage, stages } from '../url/codes.ts'
import { hereWith, query } from '../url/location.ts'
import { filtersOf } from '../url/moment.ts'

/** Delivered is at the top, because results are read first. */
const strips = stages.toReversed()
const windows = ['all', '10', '3'] as const

export function StagesOverTime() {
  const words = say.value.overview
  const { knownAt, knownAtPosition, years = '10' } = query.value
  const known = { ...(knownAt !== undefined && { knownAt }), ...(knownAtPosition !== undefined && { knownAtPosition }) }
  const from =
    years === 'all' ? {} : { from: `${Number(todayIn(readShell().timeZone).slice(0, 4)) - Number(years)}-12-31` }
  const step = years === 'all' ? 'year' : 'month'
  const question = { axis: 'asOf', step, ...from, ...filtersOf(query.value), ...known } as const
  const reading = useReading(ask('/v1/portfolio/series', question))
  const choice = (
    <nav class="choice" aria-label={words.window}>
      {windows.map((name) => (
        <a key={name} href={hereWith({ years: name === '10' ? undefined : name })} aria-current={years === name}>
          {words.windows[name]}
        </a>
      ))}
    </nav>
  )
  return (
    <Panel id="over-time" title={words.overTime} reading={reading} aside={choice}>
      {(series) => (
        <>
          <Strips series={series} />
          <Words series={series} />
          <SeriesTable series={series} />
        </>
      )}
    </Panel>
  )
}

/** Describes the picture for readers who do not see it, and explains the hatching. */
function Words({ series }: { readonly series: Series }) {
  const words = say.value.overview
  const last = series.steps.at(-1)
  const only = last === undefined ? 0 : last.byRecordOnly.total
  return only === 0 ? null : <p class="quiet">{words.recordOnly(only)}</p>
}

const height = 44

function Strips({ series }: { readonly series: Series }) {
  const [frame, width] = useWidth(600)
  const { steps } = series
  const first = steps[0]
  const last = steps.at(-1)
  if (first === undefined || last === undefined) return null
  const axis = { from: String(first.at), to: String(last.at), width }
  const most = Math.max(1, ...steps.flatMap(({ byStage }) => stages.map((stage) => byStage[stage] ?? 0)))
  const up = scaleLinear([0, most], [height - 1, 2])
  const { asOf } = query.value
  const marked = asOf === undefined || asOf < axis.from || asOf > axis.to ? null : positionOn(axis, asOf)
  return (
    <figure class="strips">
      <figcaption class="spoken">{say.value.overview.overTime}</figcaption>
      {strips.map((stage) => (
        <div class="strip" key={stage}>
          <span class="strip-name">
            <StageGlyph stage={stage} /> {labelOf('stages', stage)}
            <span class="spoken">{stripInWords(stage, series)}</span>
          </span>
          <div class="strip-chart" ref={stage === strips[0] ? frame : null}>
            <Strip stage={stage} series={series} axis={axis} up={up} marked={marked} />
          </div>
          <b class="strip-now">{last.byStage[stage] ?? 0}</b>
        </div>
      ))}
      <div class="strip axis" aria-hidden="true">
        <span />
        <div class="strip-chart">
          <YearAxis axis={axis} />
        </div>
        <span />
      </div>
    </figure>
  )
}

/** Describes the shape of a strip for readers who do not see it. */
function stripInWords(stage: Stage, { steps }: Series): string {
  const told = steps.map((step) => ({ day: pointInWords(String(step.at), language.value), count: count(step, stage) }))
  return say.value.overview.stripWords(told)
}

interface StripProps {
  readonly stage: Stage
  readonly series: Series
  readonly axis: Axis
  readonly up: (count: number) => number
  readonly marked: number | null
}

function Strip({ stage, series, axis, up, marked }: StripProps) {
  const { width } = axis
  const hatch = useId()
  const { steps } = series
  const end = steps.at(-1)
  const shape = area<Series['steps'][number]>()
    .x(({ at }) => positionOn(axis, String(at)))
    .y0(height - 1)
    .y1(({ byStage }) => up(byStage[stage] ?? 0))
    .curve(curveStepAfter)
  // Proposals of which only the day of recording is known are not drawn as if something had happened on that day.
  const certain = steps.map((step) => ({
    ...step,
    byStage: { [stage]: count(step, stage) - recordedOnly(step, stage) },
  }))
  const only = end === undefined ? 0 : recordedOnly(end, stage)
  const columnWidth = Math.max(10, width / 60)
  return (
    <svg class={`stage-${stage}`} viewBox={`0 0 ${width} ${height}`} width={width} height={height} aria-hidden="true">
      <defs>
        <pattern id={hatch} width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
          <rect class="hatch-ground" width="6" height="6" />
          <rect class="hatch-line" width="3" height="6" />
        </pattern>
      </defs>
      <YearGrid axis={axis} height={height} />
      <path class="shape" d={shape(certain as Series['steps']) ?? ''} />
      {end !== undefined && count(end, stage) > 0 ? (
        <>
          <rect
            class="shape"
            x={width - columnWidth}
            width={columnWidth}
            y={up(count(end, stage) - only)}
            height={height - 1 - up(count(end, stage) - only)}
          />
          {only === 0 ? null : (
            <rect
              class="hatched"
              x={width - columnWidth}
              width={columnWidth}
              y={up(count(end, stage))}
              height={up(count(end, stage) - only) - up(count(end, stage))}
              fill={`url(#${hatch})`}
            />
          )}
        </>
      ) : null}
      <line class="base" x1="0" x2={width} y1={height - 0.5} y2={height - 0.5} />
      {marked === null ? null : <line class="marked-day" x1={marked} x2={marked} y1="0" y2={height} />}
    </svg>
  )
}

function count({ byStage }: Series['steps'][number], stage: Stage): number {
  return byStage[stage] ?? 0
}

function recordedOnly({ byRecordOnly }: Series['steps'][number], stage: Stage): number {
  return byRecordOnly.byStage[stage] ?? 0
}

/** The same numbers, with one row for each step at which any of them changed. */
function SeriesTable({ series }: { readonly series: Series }) {
  const words = say.value.overview
  const rows = series.steps.filter((step, index) => {
    const before = series.steps[index - 1]
    return before === undefined || JSON.stringify(step.byStage) !== JSON.stringify(before.byStage)
  })
  return (
    <details class="explain">
      <summary>{words.asTable}</summary>
      <table class="cards">
        <thead>
          <tr>
            <th scope="col">{words.until}</th>
            {stages.map((stage) => (
              <th key={stage} scope="col" class="number">
                {labelOf('stages', stage)}
              </th>
            ))}
            <th scope="col" class="number">
              {words.recordOnlyColumn}
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map((step) => (
            <tr key={step.at}>
              <th scope="row">{pointInWords(String(step.at), language.value)}</th>
              {stages.map((stage) => (
                <td key={stage} class="number" data-label={labelOf('stages', stage)}>
                  {count(step, stage)}
                </td>
              ))}
              <td class="number" data-label={words.recordOnlyColumn}>
                {step.byRecordOnly.total}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  )
}
