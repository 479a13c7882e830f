/** A line of the log as it was read, and its event. */
import { decodeLine, type RecordedEvent } from '@commitments/domain'

/** A line with the columns of its row. */
export interface LogLine {
  readonly position: number
  readonly proposalId: string
  readonly version: number
  readonly line: string
}

/** The line of an event that is set aside: its bytes are not read, and neither is what comes after it. */
export const setAside = ''

/** The id of the event in a line; null if it has none. */
export function eventIdOf(line: string | undefined): string | null {
  return /^.{0,200}"eventId":"([\da-f-]{36})"/.exec(line ?? '')?.[1] ?? null
}

/** Whether a line records an erasure: what earlier lines of its proposal say has changed. */
export function isErasure({ line }: Pick<LogLine, 'line'>): boolean {
  // No member of data is called so, and inside of a text the quotes are escaped.
  return line.includes(',"type":"erased",')
}

/** A line, and its event; null if the line is not an event, or is not the event of its row. */
export interface ReadLine {
  readonly entry: LogLine
  readonly event: RecordedEvent | null
}

/** Reads a line; it never throws. */
export function readLine(entry: LogLine): ReadLine {
  return { entry, event: eventOf(entry) }
}

function eventOf({ position, proposalId, version, line }: LogLine): RecordedEvent | null {
  let event: RecordedEvent
  try {
    event = decodeLine(line)
  } catch {
    return null
  }
  const agrees = event.position === position && event.proposalId === proposalId && event.version === version
  return agrees ? event : null
}
