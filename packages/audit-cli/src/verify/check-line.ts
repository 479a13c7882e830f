import { isUtf8 } from 'node:buffer'
import { longestLine } from '../source/lines.ts'
import { isCertainlyCompact } from './compact-json.ts'

/** What must be known of the lines before in order to judge the next one. */
export interface LineCheck {
  /** Of the last line; 0 before the first. */
  position: number
  recordedAt: string
  /** The last version of each stream: some 100 bytes a proposal, and the only memory that grows with the log. */
  readonly versions: Map<string, number>
}

/** What the envelope says, as far as everybody needs it. */
export interface Envelope {
  readonly position: number
  readonly recordedAt: string
  readonly proposalId: string
  readonly version: number
}

/** Half a sentence, to stand after "because". */
type LineFault = string

export function lineCheck(): LineCheck {
  return { position: 0, recordedAt: '', versions: new Map() }
}

/** The beginning of every line: the envelope in the order that the log writes it in (docs/architecture.md, The line). */
const head =
  /^\{"position":([1-9]\d{0,15}),"recordedAt":"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z)","eventId":"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}","nonce":"[\w-]{22}","proposalId":"([a-z0-9](?:[a-z0-9-]{0,78}[a-z0-9])?)","version":([1-9]\d{0,8}),"type":"[a-z-]+","schemaVersion":\d+,"occurredOn":/

/** No envelope's beginning is longer; looking at no more keeps a long line cheap. */
const longestHead = 420

/**
 * Judges the next line: that it follows the one before (position without a gap, time that does not fall, version of its stream), and that it
 * has the form in which the log writes lines: UTF-8 of one JSON object, compact, without a name twice. Returns its envelope, or what is wrong.
 * Only a good line moves the check on.
 */
export function checkLine(check: LineCheck, line: Buffer): Envelope | LineFault {
  const envelope = envelopeOf(line)
  if (typeof envelope === 'string') return misplaced(check, line) ?? envelope
  const fault = sequenceFault(check, envelope) ?? formFault(line)
  if (fault !== null) return fault
  check.position = envelope.position
  check.recordedAt = envelope.recordedAt
  check.versions.set(envelope.proposalId, envelope.version)
  return envelope
}

/** The envelope of a line by itself, wherever it stands; only its beginning is looked at. */
export function envelopeOf(line: Buffer): Envelope | LineFault {
  if (line.length > longestLine) return `its line is longer than ${longestLine} bytes, which no line of a log can be`
  const match = head.exec(line.toString('latin1', 0, longestHead))
  if (match === null) return 'its line does not begin as lines of the log do'
  return {
    position: Number(match[1]),
    recordedAt: match[2] as string,
    proposalId: match[3] as string,
    version: Number(match[4]),
  }
}

/** What can be said of a line that is in no good form, if its position can be read. */
function misplaced({ position: before }: LineCheck, line: Buffer): LineFault | null {
  const claimed = claimedPosition(line)
  return claimed === null ? null : positionFault(before + 1, claimed)
}

/** The position that a line gives itself, in whatever form the rest of it is; null where it gives none. */
export function claimedPosition(line: Buffer): number | null {
  const claimed = /^\{"position":(\d{1,15}),/.exec(line.toString('latin1', 0, 40))?.[1]
  return claimed === undefined ? null : Number(claimed)
}

function sequenceFault({ position, recordedAt, versions }: LineCheck, line: Envelope): LineFault | null {
  if (line.position !== position + 1) return positionFault(position + 1, line.position)
  if (line.recordedAt < recordedAt)
    return `it says that it was recorded at ${line.recordedAt}, which is before the event in front of it (${recordedAt})`
  const before = versions.get(line.proposalId) ?? 0
  if (line.version === before + 1) return null
  return `it says that it is version ${line.version} of ${line.proposalId}, of which the last one was ${before}`
}

function positionFault(expected: number, claimed: number): LineFault | null {
  if (claimed === expected) return null
  if (claimed > expected) return `it is missing: the next line says that it is position ${claimed}`
  return `the line in its place says that it is position ${claimed}`
}

/** A line is what `JSON.stringify` writes, so that reading and writing it again gives the same text; a name that is there twice does not. */
export function formFault(line: Buffer): LineFault | null {
  if (!isUtf8(line)) return 'its line is not UTF-8'
  if (isCertainlyCompact(line)) return null
  const text = line.toString('utf8')
  try {
    if (JSON.stringify(JSON.parse(text)) === text) return null
  } catch {
    return 'its line is not JSON'
  }
  return 'its line is not in the compact form in which the log writes JSON, or has a name twice'
}
