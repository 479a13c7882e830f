/** One batch: reads after the checkpoint, applies the events, and writes rows and checkpoint. */

import {
  collecting,
  decodeLine,
  eventsASlice,
  foldingStream,
  type RecordedEvent,
  type Sliced,
} from '@commitments/domain'
import { classifyFault } from '@commitments/event-store'
import type { Tracing } from '@commitments/http-kit'
import { inTurns } from '@commitments/http-kit/slices'
import { dropOthersOnErasure } from '../projections/erasures.ts'
import { codeOf, parkedAt } from '../projections/parked.ts'
import { applyOrPark, type Projector, readBatch, type Step } from '../projections/projection.ts'
import { isPassedOver } from '../projections/set-aside.ts'
import { eventIdOf, isErasure, type LogLine, type ReadLine, readLine, setAside } from '../streams/log-line.ts'
import { inPortions } from '../streams/portions.ts'
import { readStreamsUpTo } from '../streams/read-streams.ts'
import { apply, applyAlone, type Held, hold, park, type Streams } from './apply.ts'
import { foldingEntries } from './fold-stream-lines.ts'
import { linkTargets, type Row, rowOf } from './row.ts'
import { loadStates, remember, type States } from './states.ts'
import { writeBatch, writePassedOver } from './write-status.ts'

/** What `Projection.step` promises, for statuses. */
export async function step(projector: Projector<States>, upTo = Number.MAX_SAFE_INTEGER): Promise<Step> {
  const began = Date.now()
  const entries = await readBatch(projector, upTo)
  const [first] = entries
  if (first === undefined) return { outcome: 'idle' }
  await dropOthersOnErasure(projector, entries)
  if (isPassedOver(projector, first)) return passOver(projector, first)
  const result = await applyOrPark(
    entries,
    (some) => applyBatch(projector, some),
    (offending, cause) => parkUnstorable(projector, offending, cause),
  )
  if (projector.tell && result.outcome === 'applied')
    tellOfEvents(projector.tell, entries.slice(0, result.events), began)
  return result
}

const named = /"traceparent":"([^"]{55})"/

/** The trace of a request ends where its event is visible. */
function tellOfEvents(tell: Tracing['tell'], entries: readonly LogLine[], from: number): void {
  const to = Date.now()
  for (const { line, position, proposalId } of entries) {
    const [, traceparent] = named.exec(line) ?? []
    const attributes = { 'commitments.position': position, 'commitments.proposal_id': proposalId }
    tell({ name: 'apply proposal-status', traceparent, from, to, attributes })
  }
}

async function passOver(projector: Projector<States>, offending: LogLine): Promise<Step> {
  const { generation, state, position: from, pool, memory, timeZone } = projector
  const { proposalId, position: to } = offending
  const held = park(null, { ...offending, line: setAside }, 'too-costly')
  const rows = [rowOf(held, timeZone)]
  if (!(await writePassedOver(pool, { generation, state, from, to, rows }))) return { outcome: 'superseded' }
  projector.position = to
  memory.byProposal.delete(proposalId)
  memory.position = to
  return { outcome: 'applied', events: 1, lastId: eventIdOf(offending.line), changed: [proposalId], parked: [held] }
}

async function applyBatch(projector: Projector<States>, entries: readonly LogLine[]): Promise<Step> {
  const before = await loadBefore(projector, entries)
  // A row that is ahead of our checkpoint was written by another instance that has overtaken us.
  if ([...before.values()].some((held) => held.position > projector.position)) return { outcome: 'superseded' }
  return write(projector, entries, await fold(projector, before, entries))
}

function loadBefore(
  { pool, memory, generation }: Projector<States>,
  entries: readonly LogLine[],
): Promise<Map<string, Held>> {
  return loadStates(pool, memory, generation, new Set(entries.map(({ proposalId }) => proposalId)))
}

/** Parks the proposal in the state before the event; without its state if not even that can be stored any more. */
async function parkUnstorable(projector: Projector<States>, offending: LogLine, cause: unknown): Promise<Step> {
  const before = await loadBefore(projector, [offending])
  const parked = park(before.get(offending.proposalId) ?? null, offending, 'unstorable', cause)
  try {
    return await write(projector, [offending], [parked])
  } catch (error) {
    if (classifyFault(error) !== 'content') throw error
    return write(projector, [offending], [{ ...parked, state: null }])
  }
}

async function write(projector: Projector<States>, entries: readonly LogLine[], after: readonly Held[]): Promise<Step> {
  const { generation, state, position: from, pool, memory, timeZone } = projector
  const last = entries.at(-1) as LogLine
  const { position: to } = last
  const changes = await inTurns(collecting(after, (held) => [withRow(held, timeZone)]))
  const rows = changes.map(({ row }) => row)
  const written = await writeBatch(pool, { generation, state, from, to, rows })
  if (written === null) return { outcome: 'superseded' }
  projector.position = to
  const linked = rows.flatMap(({ labels }) => linkTargets(labels))
  const kept = changes.map(({ held, row }) => {
    return { held, jsonLength: row.state?.length ?? 0, isLinked: written.linked.has(held.proposalId) }
  })
  remember(memory, to, kept, linked)
  const parked = changes.map(({ held }) => held).filter((held) => held.parked)
  const changed = rows.some(({ renamings }) => renamings) ? 'many' : [...rows.map((row) => row.proposal_id), ...linked]
  return { outcome: 'applied', events: entries.length, lastId: eventIdOf(last.line), changed, parked }
}

/**
 * The states after the entries, for each proposal that they change. If a line does not count last in its stream, or changes how earlier
 * events are read, the stream of its proposal is read as well: once for a batch, and a few streams at a time.
 */
async function fold(
  { pool, timeZone }: Projector<States>,
  before: ReadonlyMap<string, Held>,
  entries: readonly LogLine[],
): Promise<Held[]> {
  const { after, wanting } = await inTurns(foldingAlone(before, entries, timeZone))
  const upTo = entries.at(-1)?.position ?? 0
  for (const some of inPortions(wanting, (own) => (own.at(-1) as ReadLine).entry.version)) {
    const ids = some.map(([first]) => (first as ReadLine).entry.proposalId)
    const streams = await readStreamsUpTo(pool, 'proposal-status', ids, upTo)
    for (const own of some) after.push(await inTurns(anew(before, own, timeZone, streams)))
  }
  return after
}

interface FoldedAlone {
  readonly after: Held[]
  /** The lines of each proposal whose stream is needed. */
  readonly wanting: readonly (readonly ReadLine[])[]
}

/** A batch can have a thousand lines of as many proposals, which together would hold up reads for a tenth of a second on a busy machine. */
function* foldingAlone(
  before: ReadonlyMap<string, Held>,
  entries: readonly LogLine[],
  timeZone: string,
): Sliced<FoldedAlone> {
  const after: Held[] = []
  const wanting: (readonly ReadLine[])[] = []
  const lines = yield* collecting(entries, (entry) => [readLine(entry)])
  for (const [proposalId, own] of Map.groupBy(lines, ({ entry }) => entry.proposalId)) {
    const held = before.get(proposalId) ?? null
    // A parked proposal stays as it was before its event, but without the erased texts.
    const next = held?.parked && own.some(({ entry }) => isErasure(entry)) ? null : applyAll(held, own, timeZone)
    if (next === null) wanting.push(own)
    else if (next !== held) after.push(next)
    yield
  }
  return { after, wanting }
}

/** Applies the lines of one proposal, in order; null if its stream is needed. */
function applyAll(before: Held | null, lines: readonly ReadLine[], timeZone: string): Held | null {
  let held = before
  for (const line of lines) {
    held = applyAlone(held, line, timeZone)
    if (held === null) return null
  }
  return held
}

/** The same with the stream, as far as it can be applied. A parked proposal is folded from its beginning, and parked again where it was. */
function* anew(
  before: ReadonlyMap<string, Held>,
  own: readonly ReadLine[],
  timeZone: string,
  streams: ReadonlyMap<string, readonly LogLine[]>,
): Sliced<Held> {
  const { proposalId } = (own[0] as ReadLine).entry
  const held = before.get(proposalId) ?? null
  const entries = streams.get(proposalId) ?? []
  if (held?.parked) return (yield* foldingEntries(entries, timeZone)).held
  return yield* withStream(held, own, timeZone, new Map([[proposalId, entries.map(({ line }) => line)]]))
}

/**
 * The same with the stream, in slices: in one fold if all of it can be applied, otherwise line by line. A stream may have thousands of
 * events, and this process answers reads meanwhile.
 */
export function* withStream(
  before: Held | null,
  lines: readonly ReadLine[],
  timeZone: string,
  streams: Streams,
): Sliced<Held> {
  const folded = yield* inOneFold(before, lines, timeZone, streams)
  if (folded) return folded
  let held = before
  for (const line of lines) {
    held = apply(held, line, timeZone, streams)
    yield
  }
  return held as Held
}

function* inOneFold(
  before: Held | null,
  lines: readonly ReadLine[],
  timeZone: string,
  streams: Streams,
): Sliced<Held | null> {
  const last = lines.at(-1)
  const stream = last && streams.get(last.entry.proposalId)?.slice(0, last.entry.version)
  const follow = lines.every(({ event, entry }, index) => event && entry.version === (before?.version ?? 0) + index + 1)
  if (!last?.event || before?.parked || !follow || stream?.length !== last.entry.version) return null
  try {
    const state = yield* foldingStream(yield* decoding(stream), timeZone)
    return state && hold(state, last.event)
  } catch {
    // The caller then finds out which event it was.
    return null
  }
}

function* decoding(lines: readonly string[]): Sliced<readonly RecordedEvent[]> {
  const events: RecordedEvent[] = []
  for (const line of lines) if (events.push(decodeLine(line)) % eventsASlice === 0) yield
  return events
}

/**
 * The state and its row. A state for which no status can be computed (a mistake in the rules) is parked as well, without the state: it must
 * not stop the other proposals of its batch.
 */
export function withRow(held: Held, timeZone: string): { held: Held; row: Row } {
  try {
    return { held, row: rowOf(held, timeZone) }
  } catch (error) {
    const parked = parkedAt(held.position, codeOf(error), error)
    const without = { ...held, state: null, parked: held.parked ?? parked, cause: error }
    return { held: without, row: rowOf(without, timeZone) }
  }
}
