import type { Queryable } from './queryable.ts'

/** An event as append_events takes it. */
export interface EventToAppend {
  proposalId: string
  /** The version of the event; it is appended only if its stream is then at the version before. 1 begins a stream. */
  version: number
  /** A UUID, made once for an event and reused when it is sent again; it identifies a repeat. */
  eventId: string
  /** First 16 bytes of SHA-256 over caller and Idempotency-Key, in hexadecimal. */
  keyDigest: string | null
  /** The domain's encodeRest: the line without position and time. The database refuses one that differs from the members here. */
  rest: string
  /**
   * The id of the event that it follows in its stream, as the decision saw it: after a failover that lost a tail, a stream can have as many
   * events as before, and others. Absent or null: only the version is compared.
   */
  follows?: string | null
  /** Other streams that the decision looked at, their versions (0: did not exist), and the ids of their last events. */
  restsOn: readonly { proposalId: string; version: number; follows?: string | null }[]
}

/** The result of one event. */
export type Appended =
  /** In the log, and durable there. `recordedAt` as in the line. */
  | { outcome: 'appended'; version: number; position: number; recordedAt: string }
  /** This event was in the log before this call: an earlier answer was lost. */
  | { outcome: 'repeated'; version: number; position: number; recordedAt: string }
  /** Its key belongs to the recorded event at `position`. */
  | { outcome: 'key-exists'; position: number }
  /** Its stream (now at `actual`), one that it depends on, or an earlier event in its run was not as the decision assumed. */
  | { outcome: 'version-conflict'; actual: number }
  /** Only with allOrNone: this one would have been appended, another would not. */
  | { outcome: 'not-appended' }

const statement = {
  name: 'append_events',
  text: 'SELECT outcome, at_position, at_version, at_time FROM append_events($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14,$15)',
}

interface OutcomeRow {
  outcome: Appended['outcome']
  at_position: number
  at_version: number
  at_time: string
}

/** What the caller knows of the log; an append to a log that is another one there is refused. */
export interface KnownPast {
  /** The newest event that it was told of; null: not compared. */
  readonly newest: { readonly position: number; readonly eventId: string } | null
  /** As {@link readLogState} gave it; null: not compared. */
  readonly timeline: string | null
}

/** The SQLSTATE of an append to a log that lacks the newest event that the caller was told of: nothing was recorded. The message says so. */
export const lostState = 'LH002'
/** The SQLSTATE of an append on another server or timeline than the caller's: nothing was recorded, and it has to look first. */
export const movedState = 'LH003'

/** Work that gives way at each `yield`. */
type Sliced<Made> = Generator<void, Made>

interface AppendOptions {
  readonly allOrNone?: boolean
  readonly known?: KnownPast
  /** How the arguments of a batch are made: a service lets other work in between, because a batch can have ten thousand events. */
  readonly inTurns?: <Made>(work: Sliced<Made>) => Made | Promise<Made>
}

/**
 * Appends a batch as one statement and one transaction; pass a pool, or a client outside of a transaction. Returns a result for each event,
 * in their order. The events of one stream form a run: after one that is not appended, the rest of its run is not appended either.
 *
 * Throws the errors of node-postgres; `classifyFault` says whether the batch may still be in the log.
 */
export async function appendEvents(
  client: Queryable,
  events: readonly EventToAppend[],
  { allOrNone = false, known, inTurns = drained }: AppendOptions = {},
): Promise<Appended[]> {
  if (events.length === 0) return []
  const columns = await inTurns(appendColumns(events))
  const { newest = null, timeline = null } = known ?? {}
  const past = [newest?.position ?? null, newest?.eventId ?? null, timeline]
  const values = [...columns, allOrNone, ...followedColumns(events), ...past]
  const { rows } = await client.query<OutcomeRow>({ ...statement, values })
  return rows.map(toAppended)
}

/**
 * Appends nothing, but waits for the lock of the log as an append does, and has its rights: whether the log takes writes now.
 *
 * @throws what {@link appendEvents} throws
 */
export async function appendNothing(client: Queryable): Promise<void> {
  await client.query({
    ...statement,
    values: [...drained(appendColumns([])), false, ...followedColumns([]), null, null, null],
  })
}

function toAppended(row: OutcomeRow): Appended {
  const { outcome, at_position: position, at_version: version } = row
  switch (outcome) {
    case 'appended':
    case 'repeated':
      return { outcome, version, position, recordedAt: row.at_time }
    case 'key-exists':
      return { outcome, position }
    case 'version-conflict':
      return { outcome, actual: version }
    case 'not-appended':
      return { outcome }
    default:
      throw new Error(
        `append_events gave an outcome that this version does not know: ${String(outcome satisfies never)}`,
      )
  }
}

/** The first nine arguments of append_events, in the form that is cheapest to send and to parse. */
function* appendColumns(events: readonly EventToAppend[]): Sliced<unknown[]> {
  const places = placesOfStreams(events)
  yield
  const place = (proposalId: string) => places.get(proposalId) as number
  const rests = events.flatMap((event, index) => event.restsOn.map((other) => ({ event: index + 1, ...other })))
  const own = [
    () => textArray([...places.keys()]),
    () => plainArray(events.map((event) => place(event.proposalId))),
    () => plainArray(events.map((event) => event.version)),
    () => plainArray(events.map((event) => event.eventId)),
    () => plainArray(events.map((event) => (event.keyDigest ? `"\\\\x${event.keyDigest}"` : 'NULL'))),
  ]
  const columns: unknown[] = []
  for (const make of own) {
    columns.push(make())
    yield
  }
  return [
    ...columns,
    yield* linesOf(events),
    plainArray(rests.map((other) => other.event)),
    plainArray(rests.map((other) => place(other.proposalId))),
    plainArray(rests.map((other) => other.version)),
  ]
}

/** What each event follows, and what was the last event of each stream that it rests on, in the order of `appendColumns`. */
function followedColumns(events: readonly EventToAppend[]): string[] {
  return [ids(events), ids(events.flatMap(({ restsOn }) => restsOn))]
}

function ids(members: readonly { follows?: string | null }[]): string {
  return plainArray(members.map(({ follows }) => follows ?? 'NULL'))
}

/** Every stream that is written to or depended on, once each, numbered from 1. */
function placesOfStreams(events: readonly EventToAppend[]): Map<string, number> {
  const places = new Map<string, number>()
  const note = (proposalId: string) => {
    if (!places.has(proposalId)) places.set(proposalId, places.size + 1)
  }
  for (const event of events) {
    note(event.proposalId)
    for (const other of event.restsOn) note(other.proposalId)
  }
  return places
}

function plainArray(members: readonly (string | number)[]): string {
  return `{${members.join(',')}}`
}

const lineEnd = Buffer.from('\n')
/** Lines that are encoded in one slice: less than a millisecond. */
const linesASlice = 50

/**
 * As bytes, each line encoded separately: joined as text, one line in Vietnamese or Korean makes all others as slow to encode as itself
 * (twice the memory, and unit by unit).
 */
function* linesOf(events: readonly EventToAppend[]): Sliced<Buffer> {
  const parts: Buffer[] = []
  for (const [index, event] of events.entries()) {
    if (index % linesASlice === linesASlice - 1) yield
    parts.push(lineEnd, Buffer.from(event.rest))
  }
  yield
  return Buffer.concat(parts.slice(1))
}

/** The result of sliced work, in one go. */
function drained<Made>(work: Sliced<Made>): Made {
  for (;;) {
    const next = work.next()
    if (next.done) return next.value
  }
}

function textArray(members: readonly string[]): string {
  return plainArray(members.map((member) => `"${member.replace(/["\\]/g, '\\$&')}"`))
}
