/** One batch: read after the checkpoint, apply, write rows and checkpoint. */
import { classifyFault, readStreams } from '@commitments/event-store'
import { apply, type Held, type LogLine, needsStream, park, type ReadLine, readLine, type Streams } from './apply.ts'
import { applyOrPark, type Projector, readBatch, type Step } from './projection.ts'
import { linkTargets, type Row, rowOf } from './row.ts'
import { loadStates, remember, weigh } from './states.ts'
import { writeBatch } from './write.ts'

/** As `Projection.step` promises, for how each proposal stands. */
export async function step(projector: Projector, upTo = Number.MAX_SAFE_INTEGER): Promise<Step> {
  const entries = await readBatch(projector, upTo)
  return entries.length === 0 ? { outcome: 'idle' } : applyBatch(projector, entries)
}

async function applyBatch(projector: Projector, entries: readonly LogLine[]): Promise<Step> {
  const { generation, pool, states, position } = projector
  const before = await loadStates(pool, states, generation, new Set(entries.map((entry) => entry.proposalId)))
  // A row that is ahead of our checkpoint was written by somebody who overtook us since we last knew.
  if ([...before.values()].some((held) => held.position > position)) return { outcome: 'superseded' }
  return applyOrPark(
    entries,
    async (some) => write(projector, some, await fold(projector, before, some.map(readLine))),
    (guilty) => parkUnstorable(projector, before.get(guilty.proposalId) ?? null, guilty),
  )
}

/** As it was before the event; without its state where not even that can be stored any more. */
async function parkUnstorable(projector: Projector, before: Held | null, guilty: LogLine): Promise<Step> {
  const parked = park(before, guilty, 'unstorable')
  try {
    return await write(projector, [guilty], [parked])
  } catch (error) {
    if (classifyFault(error) !== 'content') throw error
    return write(projector, [guilty], [{ ...parked, state: null }])
  }
}

async function write(projector: Projector, entries: readonly LogLine[], after: readonly Held[]): Promise<Step> {
  const { generation, state, position: from, pool, states, timeZone } = projector
  const { position: to } = entries.at(-1) as LogLine
  const changes = after.map((held) => withRow(held, timeZone))
  const rows = changes.map(({ row }) => row)
  const written = await writeBatch(pool, { generation, state, from, to, rows })
  if (written === null) return { outcome: 'superseded' }
  projector.position = to
  const fresh = changes.map(({ held, row }) => weigh(held, row.state?.length ?? 0))
  for (const one of fresh) remember(states, one)
  const parked = changes.map(({ held }) => held).filter((held) => held.parked)
  const alone = fresh.filter(({ held }) => held.state && !held.parked && !written.linked.has(held.proposalId))
  const changed = rows.flatMap((row) => [row.proposal_id, ...linkTargets(row.labels)])
  return { outcome: 'applied', events: entries.length, changed, alone, parked }
}

/** Streams that are in memory at once. */
const streamsAtOnce = 50

/**
 * What is held after the lines, of each proposal that they change. Where an event rereads the past the stream of its
 * proposal is read as well. That is once for a batch, however many of them it holds, and a few streams at a time.
 */
async function fold({ pool }: Projector, before: ReadonlyMap<string, Held>, lines: readonly ReadLine[]) {
  const rereading = new Set(lines.filter(needsStream).map(({ entry }) => entry.proposalId))
  const plain = lines.filter(({ entry }) => !rereading.has(entry.proposalId))
  const after = applyAll(before, plain)
  for (const some of chunks([...rereading], streamsAtOnce)) {
    const theirs = new Set(some)
    const streams = await readStreams(pool, some)
    after.push(
      ...applyAll(
        before,
        lines.filter(({ entry }) => theirs.has(entry.proposalId)),
        streams,
      ),
    )
  }
  return after
}

/** The lines of each proposal in order; what comes between two proposals does not matter. */
export function applyAll(before: ReadonlyMap<string, Held>, lines: Iterable<ReadLine>, streams?: Streams): Held[] {
  const after = new Map<string, Held>()
  for (const line of lines) {
    const { proposalId } = line.entry
    const held = after.get(proposalId) ?? before.get(proposalId) ?? null
    const next = apply(held, line, streams)
    if (next !== held) after.set(proposalId, next)
  }
  return [...after.values()]
}

function* chunks<T>(items: readonly T[], size: number): Generator<readonly T[]> {
  for (let start = 0; start < items.length; start += size) yield items.slice(start, start + size)
}

/**
 * What is held, and its row. A state that no status can be told of (a mistake in the rules) is parked as well, without
 * the state: it must not stop the other proposals of its batch.
 */
export function withRow(held: Held, timeZone: string): { held: Held; row: Row } {
  try {
    return { held, row: rowOf(held, timeZone) }
  } catch {
    const parked = { position: held.position, code: 'impossible' } as const
    const without = { ...held, state: null, parked: held.parked ?? parked }
    return { held: without, row: rowOf(without, timeZone) }
  }
}
