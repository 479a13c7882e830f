import { isUtf8 } from 'node:buffer'
import { longestLine } from '../source/lines.ts'
import { compactForm } from './compact-json.ts'

/** What must be known about the earlier lines in order to check the next one. */
export interface LineCheck {
  /** Position of the last line; 0 before the first. */
  position: number
  recordedAt: string
  /** The last version of each stream: some 100 bytes for each proposal, and the only memory that grows with the log. */
  readonly versions: Map<string, number>
}

/** The members of the envelope that all callers need. */
export interface Envelope {
  readonly position: number
  readonly recordedAt: string
  readonly proposalId: string
  readonly version: number
  readonly type: string
  /** Its texts were erased: its leaf is the one that it keeps, and what it says is not hashed by the tree. */
  readonly isErased: boolean
  /** Null if it does not stand where the log usually writes it, or has to be decoded. */
  readonly recordedBy: string | null
  /** False: `"signature":{` is not in the line. True also if nobody has looked. */
  readonly mayBeSigned: boolean
}

/** The form of a line, regardless of its envelope; `unsigned`: a good one, in which `"signature":{` does not occur. */
export type Form = 'wrong' | 'unsigned' | 'perhaps signed'

/** Half a sentence, after "because". */
type LineFault = string

export function lineCheck(): LineCheck {
  return { position: 0, recordedAt: '', versions: new Map() }
}

/**
 * The beginning of every line: the envelope in the order in which the log writes it (docs/architecture.md, The line). A line that was erased
 * has its leaf there, and no nonce.
 */
const head =
  /^\{"position":([1-9]\d{0,15}),("erased":\{"by":"[0-9a-f-]{36}"\},"leafHash":"[A-Za-z0-9+/]{43}=",)?"recordedAt":"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z)","eventId":"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}",("nonce":"[\w-]{22}",)?"proposalId":"([a-z0-9](?:[a-z0-9-]{0,78}[a-z0-9])?)","version":([1-9]\d{0,8}),"type":"([a-z-]+)","schemaVersion":\d+,"occurredOn":(?:(?:null|"[^"\\]*"),"recordedBy":"([ !#-[\]-~]*)")?/

/** No envelope's beginning is longer; reading no further keeps long lines cheap. */
const longestHead = 560

/**
 * Checks the next line. It must follow the previous one (position without a gap, time not falling, version of its stream), and it must have
 * the form in which the log writes lines: UTF-8 of one compact JSON object without a repeated name. Returns its envelope, or what is wrong.
 * Only a good line advances the check.
 *
 * @param form what is known of it already
 */
export function checkLine(check: LineCheck, line: Buffer, form: Form = formOf(line)): Envelope | LineFault {
  const envelope = envelopeOf(line, form !== 'unsigned')
  if (typeof envelope === 'string') return misplaced(check, line) ?? envelope
  const fault = sequenceFault(check, envelope) ?? (form === 'wrong' ? formFault(line) : null)
  if (fault !== null) return fault
  check.position = envelope.position
  check.recordedAt = envelope.recordedAt
  check.versions.set(envelope.version === 1 ? copyOf(envelope.proposalId) : envelope.proposalId, envelope.version)
  return envelope
}

/** A text that a regular expression found keeps all that was searched in memory, for as long as it is kept itself. */
function copyOf(ascii: string): string {
  return Buffer.from(ascii, 'latin1').toString('latin1')
}

/** The envelope of a line alone, regardless of its place; only its beginning is read. */
export function envelopeOf(line: Buffer, mayBeSigned = true): Envelope | LineFault {
  if (line.length > longestLine) return `its line is longer than ${longestLine} bytes, which no line of a log can be`
  const match = head.exec(line.toString('latin1', 0, longestHead))
  if (match === null) return noHead
  const [, position, erased, recordedAt, nonce, proposalId, version, type, recordedBy] = match
  if ((erased === undefined) === (nonce === undefined)) return noHead
  return {
    position: Number(position),
    recordedAt: recordedAt as string,
    proposalId: proposalId as string,
    version: Number(version),
    type: type as string,
    isErased: erased !== undefined,
    recordedBy: recordedBy ?? null,
    mayBeSigned,
  }
}

const noHead = 'its line does not begin as lines of the log do'

/** What can be said about a line in a wrong form, if its position can be read. */
function misplaced({ position: before }: LineCheck, line: Buffer): LineFault | null {
  const claimed = claimedPosition(line)
  return claimed === null ? null : positionFault(before + 1, claimed)
}

/** The position in a line, whatever the form of the rest; null if it has none. */
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

export function formOf(line: Buffer): Form {
  const form = isUtf8(line) ? compactForm(line) : 'unsure'
  if (form !== 'unsure') return form
  return formFault(line) === null ? 'perhaps signed' : 'wrong'
}

/** What is wrong with the form of a line. A line is the output of `JSON.stringify`, so parsing and writing it again gives the same text; that is not so if a name is repeated. */
export function formFault(line: Buffer): LineFault | null {
  if (!isUtf8(line)) return 'its line is not UTF-8'
  if (compactForm(line) !== 'unsure') return null
  const text = line.toString('utf8')
  try {
    if (JSON.stringify(JSON.parse(text)) === text) return null
  } catch {
    return 'its line is not JSON'
  }
  return 'its line is not in the compact form in which the log writes JSON, or has a name twice'
}
