import { decodeLine, evolveIfLast, foldStream, type Proposal, type RecordedEvent } from '@commitments/domain'

/** The result of folding a stream as far as possible. */
interface Folded {
  readonly proposal: Proposal | null
  /** The first event that cannot follow those before it: there, the service parks the proposal. */
  readonly impossible: RecordedEvent | null
}

/** Folds a whole stream; if that is impossible, as much of its beginning as possible. */
export function foldAll(events: readonly RecordedEvent[], timeZone: string): Folded {
  try {
    return { proposal: foldStream(events, timeZone), impossible: null }
  } catch {
    return foldBeginning(events, timeZone)
  }
}

function foldBeginning(events: readonly RecordedEvent[], timeZone: string): Folded {
  let proposal: Proposal | null = null
  for (const [index, event] of events.entries()) {
    try {
      proposal = evolveIfLast(proposal, event, timeZone) ?? foldStream(events.slice(0, index + 1), timeZone)
    } catch {
      return { proposal, impossible: event }
    }
  }
  return { proposal, impossible: null }
}

/** The events of lines that were checked to be lines of a log. */
export function eventsOf(lines: readonly Buffer[]): RecordedEvent[] {
  return lines.map((line) => decodeLine(line.toString('utf8')))
}
