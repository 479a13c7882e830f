/** Pure: the read model's state of a proposal, and the effect of one line of the log on it. */
import { decodeLine, evolveIfLast, foldStream, type Proposal, type RecordedEvent } from '@commitments/domain'

import { codeOf, type Parked, type ParkedCode, parkedAt } from '../projections/parked.ts'
import { type LogLine, type ReadLine, setAside } from '../streams/log-line.ts'

/** The state of one proposal. The members other than `state` are those of the last event that changed anything here. */
export interface Held {
  readonly proposalId: string
  /** Null if not even the first event could be applied. */
  readonly state: Proposal | null
  /** The version of the state. */
  readonly version: number
  readonly position: number
  /** `recordedAt` of that event. */
  readonly updatedAt: string
  readonly parked: Parked | null
  /** What was thrown when it was parked, for our log; it is not stored. */
  readonly cause?: unknown
}

/** The lines of whole streams in the order of versions, by proposal; they can continue beyond the line that is applied. */
export type Streams = ReadonlyMap<string, readonly string[]>

const noStreams: Streams = new Map()

/**
 * The state after one more line. A line that cannot be applied parks its proposal, which from then on stays as it was before that line. The
 * same line gives the same result at every attempt, so this is not for temporary faults.
 *
 * @param streams must contain the stream of a line for which {@link applyAlone} returns null.
 * @throws if the line was already applied, or its stream is missing: then the caller is wrong, not the log.
 */
export function apply(before: Held | null, line: ReadLine, timeZone: string, streams: Streams = noStreams): Held {
  return applyAlone(before, line, timeZone) ?? applyWithStream(before, line, timeZone, streamOf(line.entry, streams))
}

/** The same, from the previous state alone; null if that is not enough because the event changes how earlier events are read. */
export function applyAlone(before: Held | null, { entry, event }: ReadLine, timeZone: string): Held | null {
  if (before?.parked) return before
  const expected = (before?.version ?? 0) + 1
  if (entry.version < expected) {
    throw new Error(`Version ${entry.version} of ${entry.proposalId} (position ${entry.position}) was applied already.`)
  }
  if (entry.version > expected) return park(before, entry, 'impossible', new Error(`version ${expected} is missing`))
  if (event === null) return park(before, entry, entry.line === setAside ? 'too-costly' : 'unreadable')
  try {
    const state = evolveIfLast(before?.state ?? null, event, timeZone)
    return state && hold(state, event)
  } catch (error) {
    return park(before, entry, codeOf(error), error)
  }
}

function applyWithStream(
  before: Held | null,
  { entry, event }: ReadLine,
  timeZone: string,
  stream: readonly string[],
): Held {
  try {
    const state = foldStream(stream.map(decodeLine), timeZone)
    return state === null || event === null ? park(before, entry, 'impossible') : hold(state, event)
  } catch (error) {
    return park(before, entry, codeOf(error), error)
  }
}

/** The stream up to this line, without later events: a batch applies to what was known then. */
function streamOf({ proposalId, version }: LogLine, streams: Streams): readonly string[] {
  const lines = streams.get(proposalId) ?? []
  if (lines.length < version) throw new Error(`Of ${proposalId} ${lines.length} lines were given, and not ${version}.`)
  return lines.slice(0, version)
}

/** The state to keep after an event that led to `state`. */
export function hold(state: Proposal, event: RecordedEvent): Held {
  const { proposalId, version, position, recordedAt } = event
  return { proposalId, state, version, position, updatedAt: recordedAt, parked: null }
}

export function park(before: Held | null, entry: LogLine, code: ParkedCode, cause?: unknown): Held {
  const { proposalId, position, line } = entry
  return {
    proposalId,
    state: before?.state ?? null,
    version: before?.version ?? 0,
    position,
    updatedAt: recordedAtOf(line) ?? before?.updatedAt ?? '1970-01-01T00:00:00Z',
    parked: parkedAt(position, code, cause),
    ...(cause === undefined ? {} : { cause }),
  }
}

/** `append_events` itself wrote this part of the line, so it is there even if the rest is broken. */
function recordedAtOf(line: string): string | null {
  return (
    /^\{"position":\d+,(?:"erased":\{[^}]*\},"leafHash":"[^"]*",)?"recordedAt":"([0-9TZ:.-]+)"/.exec(line)?.[1] ?? null
  )
}
