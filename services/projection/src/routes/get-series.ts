import { Day, Ending, instantOf, Stage } from '@commitments/domain'
import { defineRoute, invalid, type RouteDefinition } from '@commitments/http-kit'
import { LRUCache } from 'lru-cache'
import { z } from 'zod'
import { filterQuery, filtersOf } from '../lists/filters.ts'
import { createRecent, type Recent, readRecent, type SeenOnDay } from '../lists/recent.ts'
import { isInstant } from '../past/instant.ts'
import { firstRecordedFrom, type PointInTime } from '../past/point-in-time.ts'
import type { Snapshot } from '../projections/snapshot.ts'
import { axes, mostSteps, type Place, type SeriesQuestion, steps } from '../series/asked.ts'
import { mostChangePoints } from '../series/change-points.ts'
import { readSeries, type Series } from '../series/read-series.ts'
import type { Service } from '../service.ts'
import { type PastQuery, pastProblems, pastQuery, pointOf, readPast, storing, waitForPast } from './as-of.ts'
import { mustHaveSeen, untilSeen } from './at-least.ts'
import { atLeast, conditional, notModified, readHeaders, tagOf, waitProblems } from './reading.ts'
import { TreeMoneySchema } from './related-schemas.ts'

const Count = z.int().min(0)

/** A place as given in the query; which kind an axis accepts is checked with the axis. */
const AskedPlace = z
  .string()
  .max(60)
  .refine((text) => isDay(text) || isPosition(text) || isInstant(text), {
    error: 'must be a day, such as 2024-01-01; with `axis=known` a position of the log or an instant (RFC 3339)',
  })

const Place = z.union([Day, Count])

const Query = z.strictObject({
  axis: z.enum(axes).default('asOf').meta({
    description:
      '`asOf`: the steps are days, and what was known stays the same. `known`: the steps are positions of the log, and the day stays the same.',
  }),
  from: AskedPlace.optional().meta({
    description:
      'The beginning of the series: a day, or with `axis=known` a position or an instant. The default is the first day or position at which a matching proposal counts.',
    examples: ['2015-01-01'],
  }),
  to: AskedPlace.optional().meta({
    description:
      'The end of the series, in the same form. The default is today, or with `axis=known` the end of the log.',
    examples: ['2025-12-31'],
  }),
  step: z.enum(steps).default('year').meta({
    description:
      '`year`, `month`, `day`: one step on the last day of each, and one at the end of the series. With `axis=known`, each step is the last position that was recorded in the year, month or day, in the time zone of the ledger. `event`: one step at the beginning, and one at every change point.',
  }),
  ...filterQuery,
  ...pastQuery,
  ...atLeast,
})
type Query = z.output<typeof Query>

const PortfolioSeries = z
  .object({
    axis: z.enum(axes).meta({ description: 'What the steps are: days (`asOf`), or positions of the log (`known`).' }),
    step: z.enum(steps).meta({ description: 'The distance between two steps.' }),
    timeZone: z.string().max(60).meta({ description: 'The time zone of the ledger, in which its days begin.' }),
    from: Place.meta({ description: 'The first day or position of the series.' }),
    to: Place.meta({ description: 'The last day or position of the series.' }),
    steps: z
      .array(
        z.object({
          at: Place.meta({ description: 'The day, or with `axis=known` the position.' }),
          recordedAt: z.string().max(40).nullable().optional().meta({
            format: 'date-time',
            description:
              'Only with `axis=known`: when that position was recorded; null for 0, which is before the first event.',
          }),
          total: Count,
          byStage: z.partialRecord(Stage, Count),
          byEnding: z.partialRecord(z.union([Ending, z.literal('none')]), Count),
          money: TreeMoneySchema,
          byRecordOnly: z.object({ total: Count, byStage: z.partialRecord(Stage, Count) }).meta({
            description:
              'How many of these count only because they were recorded: no known date shows that they existed by then. So a rise may come from the recording, and not from the world.',
          }),
        }),
      )
      .max(mostSteps)
      .meta({
        description: 'In ascending order. The figures of a step are those of `GET /v1/portfolio` at that moment.',
      }),
    changePoints: z
      .array(Place)
      .max(mostChangePoints)
      .meta({
        description: `The days or positions at which something changes: a matching proposal appears, disappears, or changes in a member that lists filter by or totals add up. At most ${mostChangePoints}: if there are more, an evenly spread selection with the first and the last, and \`changePointsTotal\` is the larger number. With \`axis=known\`, every event of a proposal with more than 500 events counts as a change.`,
      }),
    changePointsTotal: Count.meta({ description: 'How many change points there are in all.' }),
  })
  .meta({ id: 'PortfolioSeries', description: 'The portfolio at many moments, along one axis of time.' })

export function getSeriesRoute(service: Service): RouteDefinition {
  const kept: KeptSeries = new LRUCache({ maxSize: keptBytes, sizeCalculation: sizeOf })
  return defineRoute({
    method: 'GET',
    url: '/v1/portfolio/series',
    operationId: 'getPortfolioSeries',
    tag: 'Status',
    summary: 'The portfolio over time',
    description:
      'Stages, endings and money at each step along one axis of time. Each step equals `GET /v1/portfolio` with the same filters at that moment. Steps before the beginning of the ledger are included: there is nothing to count there. ' +
      `At most ${mostSteps} steps: if there would be more, the problem names a \`step\` that fits. Conditions are omitted, because they change with the day; as a filter, \`condition\` means the condition on the day of each step. ` +
      'In a busy ledger the series is not recomputed for each event. `Log-Position` is the last position that the answer includes; `atLeast` waits for a position.',
    access: { scope: 'read' },
    query: Query,
    responses: {
      200: { description: 'The series.', schema: PortfolioSeries, headers: readHeaders },
      304: notModified,
    },
    problems: [...pastProblems, ...waitProblems],
    work: 'page',
    handler: async ({ query, raw }) => {
      checkAxis(query)
      const { body, etag, logId, position, settled } = await keptSeries(service, kept, query)
      return conditional(service, raw, { body, etag, logId, position, headers: storing(settled) })
    },
  })
}

/** A parameter that the axis varies cannot also be fixed. */
function checkAxis({ axis, from, to, asOf, knownAt, knownAtPosition }: Query): void {
  const other = axis === 'asOf' ? { asOf } : { knownAt, knownAtPosition }
  const [given] = Object.entries(other).flatMap(([name, value]) => (value === undefined ? [] : [name]))
  if (given !== undefined) {
    const message = `must be omitted with \`axis=${axis}\`; \`from\` and \`to\` give the range`
    throw invalid([{ path: `query.${given}`, message }])
  }
  for (const [name, place] of Object.entries({ from, to })) {
    if (place === undefined || isDay(place) === (axis === 'asOf')) continue
    const message = axis === 'asOf' ? 'must be a day' : 'must be a position of the log, or an instant (RFC 3339)'
    throw invalid([{ path: `query.${name}`, message: `${message} with \`axis=${axis}\`` }])
  }
}

function isDay(place: string): boolean {
  return Day.safeParse(place).success
}

function isPosition(place: string): boolean {
  return /^\d{1,16}$/.test(place) && Number.isSafeInteger(Number(place))
}

interface SeriesAnswer extends SeenOnDay {
  readonly body: string
  readonly etag: string
  readonly settled: boolean
}

/** By request: a view that is requested again is computed again only when the ledger has changed. */
type KeptSeries = LRUCache<string, Recent<SeriesAnswer>>

const keptBytes = 8 * 1024 * 1024

function sizeOf({ last }: Recent<SeriesAnswer>): number {
  return 1_000 + (last?.value.body.length ?? 0)
}

/** What was known at an instant is not kept: events that are recorded at that same instant still belong to it. */
async function keptSeries(service: Service, kept: KeptSeries, query: Query): Promise<SeriesAnswer> {
  const { atLeast: position = 0, ...question } = query
  if (isOfInstant(query)) return computeSeries(service, query)
  await waitForPast(service, query)
  const key = JSON.stringify(question)
  const recent = kept.get(key) ?? createRecent(() => computeSeries(service, question))
  kept.set(key, recent)
  const read = async () => {
    const answer = await readRecent(recent, { ...service.moments, day: service.today() }, position)
    mustHaveSeen(position, answer)
    return answer
  }
  const answer = await untilSeen(service, position, read, service.moments)
  // Set again now that its size is known.
  kept.set(key, recent)
  return answer
}

function isOfInstant({ knownAt, from, to }: Query): boolean {
  return knownAt !== undefined || [from, to].some((place) => place !== undefined && isInstant(place))
}

function computeSeries(service: Service, query: Query): Promise<SeriesAnswer> {
  const { timeZone, folds } = service
  const day = service.today()
  const { pasts } = service.moments
  return readPast(service, query, async (snapshot) => {
    const { question, settled } = await questionOf(service, snapshot, query)
    const series = await readSeries({ ...question, snapshot, timeZone }, folds)
    const { logId, generation, position } = snapshot
    const body = bodyOf(question, series, timeZone)
    return { logId, pasts, generation, position, day, body, etag: tagOf(logId, body), settled }
  })
}

function bodyOf({ axis, step, to }: SeriesQuestion, { steps, changes }: Series, timeZone: string): string {
  const { from, points, total } = changes
  return JSON.stringify({ axis, step, timeZone, from, to, steps, changePoints: points, changePointsTotal: total })
}

interface Resolved {
  readonly question: SeriesQuestion
  /** Nothing that is recorded from now on can change the answer. */
  readonly settled: boolean
}

async function questionOf(service: Service, snapshot: Snapshot, query: Query): Promise<Resolved> {
  const { axis, step } = query
  const filters = filtersOf(query)
  const { at, settled, from, to } = await endsOf(service, snapshot, query)
  if (from !== null && from > to)
    throw invalid([{ path: 'query.from', message: `must not be after \`to\`, which is ${to}` }])
  const instant = filters.updatedSince === undefined ? null : instantOf(filters.updatedSince)
  const since = instant === null ? null : await firstRecordedFrom(snapshot, instant, at.known)
  return { question: { axis, step, filters, from, to, at, since }, settled }
}

interface Ends {
  readonly at: PointInTime
  readonly settled: boolean
  readonly from: Place | null
  readonly to: Place
}

async function endsOf(service: Service, snapshot: Snapshot, query: Query): Promise<Ends> {
  const { axis, from, to, asOf, knownAt, knownAtPosition } = query
  if (axis === 'asOf') {
    const { at, settled } = await pointOf(service, snapshot, { knownAt, knownAtPosition })
    return { at, settled, from: from ?? null, to: to ?? service.today() }
  }
  const { at, settled } = await pointOf(service, snapshot, { asOf, ...knownBy(to) }, 'to')
  if (from === undefined) return { at, settled, from: null, to: at.known }
  const first = await pointOf(service, snapshot, knownBy(from), 'from')
  return { at, settled: settled && first.settled, from: first.at.known, to: at.known }
}

function knownBy(place: string | undefined): PastQuery {
  if (place === undefined) return {}
  return isPosition(place) ? { knownAtPosition: Number(place) } : { knownAt: place }
}
