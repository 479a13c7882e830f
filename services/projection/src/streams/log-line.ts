/** A line of the log as it is read, and the event that it is. */
import { decodeLine, type RecordedEvent } from '@commitments/domain'

/** A line with the columns that found it. */
export interface LogLine {
  readonly position: number
  readonly proposalId: string
  readonly version: number
  readonly line: string
}

/** The line of an event that is set aside: its bytes are not looked at, nor what comes after it. */
export const setAside = ''

/** A line, and the event that it is; null where it is not one or is not the one that its row says. */
export interface ReadLine {
  readonly entry: LogLine
  readonly event: RecordedEvent | null
}

/** Reads a line, whatever it turns out to be. */
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
