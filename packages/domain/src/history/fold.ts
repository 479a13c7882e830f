import type { RecordedEvent } from '../event-types.ts'
import { evolve, ImpossibleHistory, readEvent } from '../evolve.ts'
import type { Proposal } from '../proposal.ts'
import { reread } from './effective.ts'
import { isRereading, type Rereading, rereadingOf } from './rereading.ts'

/**
 * The state of a whole stream, or null for an empty one: the one entry for whole streams, in order of version from 1.
 *
 * The fold is as if every event had been recorded as it is understood now ({@link effectiveHistory}). Of the state, `version`, `position` and
 * `recordedAt` are those of the last recorded event, whatever became of it, and the evidence of the corrections and retractions that hold
 * is counted. A stream without them is folded by `evolve` alone. After such a fold, `evolve` carries on as after any other.
 *
 * @throws ImpossibleHistory for what cannot be a stream of our log.
 */
export function foldStream(events: Iterable<RecordedEvent>): Proposal | null {
  const stream = Array.isArray(events) ? (events as readonly RecordedEvent[]) : [...events]
  if (!stream.some(isRereading)) return stream.reduce<Proposal | null>(evolve, null)
  followOneAnother(stream)
  const rereading = rereadingOf(stream)
  const { proposal, waiting } = readInOrder(reread(stream, rereading))
  if (waiting[0]) throw new ImpossibleHistory('nothing-there', waiting[0])
  return proposal && asRecorded(proposal, stream, rereading)
}

/** How far events have been read. */
export interface Reading {
  proposal: Proposal | null
  /** Events that refer to something which no event before them brought. */
  waiting: RecordedEvent[]
}

/**
 * Reads events as they are understood now, in order of version, but for those that name what only a later event brings. Only a correction
 * leads to one: it may name things that were recorded up to now (domain.md, Events), such as the funding line that a disbursement really
 * belongs to. Such an event is read as soon as what it names is there, and so is what builds on it. The state is the same for every caller,
 * because the order follows from the events alone.
 *
 * @param visit is told of each event that is read, with the state before it.
 * @param before how far events before these have been read; it is left as it is.
 * @returns the state, and the events whose thing never came: of a stream of our log there are none, but a part of one may have some.
 */
export function readInOrder(
  events: Iterable<RecordedEvent>,
  visit: Visit = nobody,
  before: Reading = nothingRead,
): Reading {
  const reading: Reading = { proposal: before.proposal, waiting: [...before.waiting] }
  for (const event of events) {
    if (!readOne(reading, event, visit)) reading.waiting.push(event)
    else if (reading.waiting.length > 0) readWaiting(reading, visit)
  }
  return reading
}

export type Visit = (event: RecordedEvent, before: Proposal | null) => void

function nobody(): void {}

const nothingRead: Reading = { proposal: null, waiting: [] }

function readOne(reading: Reading, event: RecordedEvent, visit: Visit): boolean {
  const before = reading.proposal
  try {
    reading.proposal = readEvent(before, event)
  } catch (error) {
    if (error instanceof ImpossibleHistory && error.code === 'nothing-there') return false
    throw error
  }
  visit(event, before)
  return true
}

/** Each that is read may be what another one waits for. */
function readWaiting(reading: Reading, visit: Visit): void {
  for (let before = Infinity; reading.waiting.length > 0 && reading.waiting.length < before; ) {
    before = reading.waiting.length
    reading.waiting = reading.waiting.filter((event) => !readOne(reading, event, visit))
  }
}

/** What the stream itself leaves in a state that was read from it, or from a part of it. */
export function asRecorded(
  proposal: Proposal,
  stream: readonly RecordedEvent[],
  { retractedBy }: Rereading = rereadingOf(stream),
): Proposal {
  const last = stream.at(-1)
  if (!last) return proposal
  const { version, position, recordedAt } = last
  let { evidenceCount } = proposal
  for (const event of stream) {
    if (isRereading(event) && !retractedBy.has(event.version)) evidenceCount += event.evidence?.length ?? 0
  }
  return { ...proposal, version, position, recordedAt, evidenceCount }
}

/** What `evolve` sees to one by one. */
function followOneAnother(stream: readonly RecordedEvent[]): void {
  for (const [index, event] of stream.entries()) {
    if (event.version !== index + 1) throw new ImpossibleHistory('wrong-version', event)
    if (event.proposalId !== stream[0]?.proposalId) throw new ImpossibleHistory('wrong-proposal', event)
  }
}
