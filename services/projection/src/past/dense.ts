/**
 * The state of dense proposals at a moment. Their moments are not in the tables (bitemporal-rows.ts), so their streams are folded on
 * request, and the results are added to the tables within the query. Only one request folds at a time, one stream after another, in slices
 * between other work. Results are remembered.
 */

import {
  byRecordUntil,
  conditionSteps,
  type Day,
  effectiveHistory,
  eventsASlice,
  foldingStream,
  inOrder,
  orderOf,
  type Proposal,
  type RecordedEvent,
  type Sliced,
} from '@commitments/domain'
import { erasuresSoFar, TookTooLong } from '@commitments/event-store'
import { inTurns } from '@commitments/http-kit/slices'
import { createTurns, inTurn, type Turns } from '@commitments/http-kit/turns'
import { type RawBuilder, sql } from 'kysely'
import { LRUCache } from 'lru-cache'
import type { Snapshot } from '../projections/snapshot.ts'
import { type LogLine } from '../streams/log-line.ts'
import { firstImpossible, readable } from './apply-batch.ts'
import { type FacetsRow, facetsRow, type MomentRow, momentRow, stillKnown } from './bitemporal-rows.ts'
import type { PointInTime } from './point-in-time.ts'
import { contentOf } from './row-content.ts'
import { readStreams } from './streams-at.ts'
import { createGrowing, passOver, stretchesOf } from './timeline.ts'
import { facetsColumns, facetsDefinition, momentColumns, momentDefinition } from './write-past.ts'

interface Row {
  readonly moment: MomentRow
  readonly facets: FacetsRow
}

/** Results of earlier folds. */
export interface FoldMemory {
  readonly rows: LRUCache<string, readonly Row[]>
  /** One request at a time. */
  readonly turns: Turns
}

/** @param maxBytes approximate bytes of the remembered rows */
export function createFoldMemory(maxBytes: number): FoldMemory {
  return { rows: new LRUCache({ maxSize: maxBytes, sizeCalculation: weightOf }), turns: createTurns(1) }
}

function weightOf(rows: readonly Row[]): number {
  return 500 + JSON.stringify(rows).length * 2
}

/** Milliseconds for one request. What it has folded by then is remembered, so the next request gets further. */
const foldingLimit = 10_000

/**
 * The moment with the rows of its dense proposals; most ledgers have none.
 *
 * @param timeZone of the ledger
 * @throws TookTooLong if there is more to fold than one request may
 */
export async function withDense(
  at: PointInTime,
  snapshot: Snapshot,
  timeZone: string,
  memory: FoldMemory,
): Promise<PointInTime> {
  const dense = await readDense(snapshot, at.known)
  if (dense.length === 0) return at
  const fold = rememberingFold(at, { snapshot, timeZone, memory })
  const rows = await inTurn(memory.turns, () => foldEach(dense, (one) => fold.at(one, at.asOf)))
  return beside(at, rows)
}

/**
 * The same for all days, as known at the moment: the rows of a dense proposal are its ranges of days.
 *
 * @throws TookTooLong as above
 */
export async function withDenseDays(
  at: PointInTime,
  snapshot: Snapshot,
  timeZone: string,
  memory: FoldMemory,
): Promise<PointInTime> {
  const dense = await readDense(snapshot, at.known)
  if (dense.length === 0) return at
  const fold = rememberingFold(at, { snapshot, timeZone, memory })
  return beside(at, await inTurn(memory.turns, () => foldEach(dense, fold.days)))
}

/**
 * The same for some positions, in ascending order, as of the day of the moment. Each row is known from one of these positions until the
 * next at which its proposal has further events.
 *
 * @throws TookTooLong as above
 */
export async function withDensePositions(
  at: PointInTime,
  positions: readonly number[],
  snapshot: Snapshot,
  timeZone: string,
  memory: FoldMemory,
): Promise<PointInTime> {
  const dense = await readDense(snapshot, at.known)
  if (dense.length === 0) return at
  const fold = rememberingFold(at, { snapshot, timeZone, memory })
  const versions = await readVersions(snapshot, dense, positions)
  const rows = await inTurn(memory.turns, () =>
    foldEach(versions, async (one) =>
      (await fold.at(one, at.asOf)).map(
        (row): Row => ({ ...row, moment: { ...row.moment, known_from: one.from, known_to: one.to } }),
      ),
    ),
  )
  return beside(at, rows)
}

function beside(at: PointInTime, rows: readonly Row[]): PointInTime {
  const moments = JSON.stringify(rows.map(({ moment }) => moment))
  const facets = new Map(rows.map(({ facets }) => [`${facets.proposal_id} ${facets.facets}`, facets]))
  return { ...at, folded: { moments, facets: JSON.stringify([...facets.values()]) } }
}

interface Versions extends Dense {
  /** The first of the positions at which this was known, and the first at which more was known. */
  readonly from: number
  readonly to: number
}

/** The versions of dense proposals that are the last known ones at some of the positions. */
async function readVersions(
  { db }: Snapshot,
  dense: readonly Dense[],
  positions: readonly number[],
): Promise<readonly Versions[]> {
  const { rows } = await sql<Versions>`
    SELECT id, version, "eventId", ${erasures}, from_position AS "from", coalesce(lead(from_position) OVER (PARTITION BY id ORDER BY version), ${sql.lit(stillKnown)}) AS "to"
      FROM (SELECT d.id, e.version, e.event_id AS "eventId", min(p.position) AS from_position
        FROM unnest(${dense.map(({ id }) => id)}::text[]) AS d(id) CROSS JOIN unnest(${positions}::bigint[]) AS p(position)
        CROSS JOIN LATERAL (SELECT version, event_id FROM events e WHERE e.proposal_id = d.id AND e.position <= p.position
          ORDER BY version DESC LIMIT 1) e GROUP BY d.id, e.version, e.event_id) v
     ORDER BY id, version`.execute(db)
  return rows
}

interface Dense {
  readonly id: string
  /** The last version that was known. */
  readonly version: number
  /** The id of its event: in another past of the log, a version can be another event. */
  readonly eventId: string
  /** How many erasures there were: each may have changed what earlier lines say. */
  readonly erasures: number
}

const erasures = sql.raw(`${erasuresSoFar} AS erasures`)

async function readDense({ db, generation }: Snapshot, known: number): Promise<readonly Dense[]> {
  const { rows } =
    await sql<Dense>`SELECT d.proposal_id AS id, e.version, e.event_id AS "eventId", ${erasures} FROM dense_moments d CROSS JOIN LATERAL
      (SELECT version, event_id FROM events e WHERE e.proposal_id = d.proposal_id AND e.position <= ${known}::bigint
        ORDER BY version DESC LIMIT 1) e
    WHERE d.generation = ${sql.lit(generation)} ORDER BY d.proposal_id`.execute(db)
  return rows
}

interface Folding {
  readonly snapshot: Snapshot
  readonly timeZone: string
  readonly memory: FoldMemory
}

/** Folds streams up to a version, unless the result is remembered. Streams are read one at a time, up to what was known at the moment. */
function rememberingFold({ known }: PointInTime, { snapshot, timeZone, memory: { rows: remembered } }: Folding) {
  const once = async (
    { id, version, eventId, erasures: erased }: Dense,
    of: string,
    fold: (entries: LogLine[]) => Sliced<Row[]>,
  ) => {
    const key = [eventId, erased, of].join(' ')
    const before = remembered.get(key)
    if (before !== undefined) return before
    const streams = await readStreams(snapshot, [id], known)
    const rows = await inTurns(fold((streams.get(id) ?? []).slice(0, version)))
    remembered.set(key, rows)
    return rows
  }
  return {
    at: (dense: Dense, asOf: Day | null) => once(dense, asOf ?? '', (entries) => rowAt(entries, asOf, timeZone)),
    days: (dense: Dense) => once(dense, 'days', (entries) => rowsOfDays(entries, timeZone)),
  }
}

/** Folds one after the other, within the time for one request. */
async function foldEach<Of>(all: readonly Of[], fold: (one: Of) => Promise<readonly Row[]>): Promise<Row[]> {
  const until = performance.now() + foldingLimit
  const rows: Row[] = []
  for (const one of all) {
    if (performance.now() > until) throw new TookTooLong('Not all dense proposals were folded in time.')
    rows.push(...(await fold(one)))
  }
  return rows
}

/** The row that the tables would hold for a proposal at a moment, if there is any. */
function* rowAt(entries: readonly LogLine[], asOf: Day | null, timeZone: string): Sliced<Row[]> {
  const { events } = yield* readable(entries)
  const last = events.at(-1)
  if (last === undefined) return []
  let proposal: Proposal | null
  try {
    proposal = yield* stateAt(events, asOf, timeZone)
  } catch (error) {
    // Folds as far as possible: the proposal is parked there.
    const { event } = yield* firstImpossible(events, 0, timeZone, error)
    proposal = yield* stateAt(events.slice(0, event.version - 1), asOf, timeZone)
  }
  if (proposal === null) return []
  const { version, position, recordedAt } = last
  const content = contentOf(proposal)
  const conditions = conditionSteps({ ...proposal, version, position, recordedAt }, timeZone)
  const until = byRecordUntil(effectiveHistory(events), timeZone)
  const stretch = { from: asOf ?? '0001-01-01', content, conditions, byRecordUntil: until }
  const moment = momentRow({ ...last, position: 0 }, stretch, 'infinity')
  return [{ moment, facets: facetsRow(last.proposalId, content) }]
}

/** The rows that the tables would hold for a proposal on all days. */
function* rowsOfDays(entries: readonly LogLine[], timeZone: string): Sliced<Row[]> {
  const { events } = yield* readable(entries)
  const last = events.at(-1)
  if (last === undefined) return []
  let growing = createGrowing(timeZone)
  try {
    yield* passOver(growing, events)
  } catch (error) {
    // Folds as far as possible: the proposal is parked there.
    const { event } = yield* firstImpossible(events, 0, timeZone, error)
    growing = createGrowing(timeZone)
    yield* passOver(growing, events.slice(0, event.version - 1))
  }
  const stretches = stretchesOf(growing)
  return stretches.map((stretch, index): Row => {
    const end = stretches[index + 1]?.from ?? 'infinity'
    const moment = momentRow({ ...last, position: 0 }, stretch, end)
    return { moment, facets: facetsRow(last.proposalId, stretch.content) }
  })
}

/** The fold of the events that count by the day; without a day, of all known events. */
function* stateAt(events: readonly RecordedEvent[], asOf: Day | null, timeZone: string): Sliced<Proposal | null> {
  if (asOf === null) return yield* foldingStream(events, timeZone)
  const reading = inOrder(orderOf(effectiveHistory(events), timeZone))
  let proposal: Proposal | null = null
  for (let count = 1; ; count += 1) {
    const read = reading.next()
    if (read.done || read.value.from > asOf) return proposal
    proposal = read.value.after
    if (count % eventsASlice === 0) yield
  }
}

/** The table of moments together with the folded rows. */
export function momentsTable({ folded }: PointInTime, snapshot: Pick<Snapshot, 'generation'>): RawBuilder<unknown> {
  return withFolded('proposal_moments', folded?.moments, snapshot)
}

/** The table of facets, likewise. */
export function facetsTable({ folded }: PointInTime, snapshot: Pick<Snapshot, 'generation'>): RawBuilder<unknown> {
  return withFolded('moment_facets', folded?.facets, snapshot)
}

function withFolded(name: keyof typeof tables, json: string | undefined, { generation }: Pick<Snapshot, 'generation'>) {
  if (json === undefined) return sql.raw(name)
  const [before = '', after = ''] = besideTable(name, String(generation), '|').split('|')
  return sql`${sql.raw(before)}${json}${sql.raw(after)}`
}

const tables = {
  proposal_moments: { columns: momentColumns.join(', '), definition: momentDefinition },
  moment_facets: { columns: facetsColumns.join(', '), definition: facetsDefinition },
}

/** One of these tables together with rows given as JSON; `generation` and `json` are inserted into the statement unchanged. */
export function besideTable(name: keyof typeof tables, generation: string, json: string): string {
  const { columns, definition } = tables[name]
  return `(SELECT generation, ${columns} FROM ${name}
    UNION ALL SELECT ${generation}::integer, ${columns} FROM json_to_recordset(${json}::json) AS t(${definition}))`
}
