import { erasedLine, type Hash, hashBytes, writeLeafHash } from '@commitments/transparency'
import { longestLine } from '../source/lines.ts'
import { type Form, formOf } from './check-line.ts'

/** What is known about a line by itself. */
export interface Looked {
  readonly form: Form
  readonly leaf: Hash
}

/**
 * Many lines, one after the other, with room for what is known about each by itself. Its memory is handed from one thread to the other, and back: a copy
 * into memory that both share goes byte by byte, and takes as long as all the rest.
 */
export interface Portion {
  /** The lines, a byte 0x00 before each: it is the prefix of a leaf, so that the line is hashed where it stands. */
  readonly bytes: Uint8Array<ArrayBuffer>
  /** Where each line ends; the next one begins a byte further. */
  readonly ends: Int32Array<ArrayBuffer>
  readonly leaves: Uint8Array<ArrayBuffer>
  /** Indexes of `forms`. */
  readonly forms: Uint8Array<ArrayBuffer>
}

const forms: readonly Form[] = ['wrong', 'unsigned', 'perhaps signed']

const mostBytes = 1 << 20
const mostLines = 4_096

export function createPortion(): Portion {
  return {
    bytes: new Uint8Array(mostBytes),
    ends: new Int32Array(mostLines),
    leaves: new Uint8Array(hashBytes * mostLines),
    forms: new Uint8Array(mostLines),
  }
}

/** Adds a line as the one with this number. Of one that is too long, only what shows that. False: there is no room. */
export function addLine({ bytes, ends }: Portion, count: number, line: Buffer): boolean {
  const whole = line.length > longestLine ? line.subarray(0, longestLine + 1) : line
  const begin = 1 + (count === 0 ? 0 : (ends[count - 1] as number))
  if (count === mostLines || begin + whole.length > mostBytes) return false
  bytes[begin - 1] = 0x00
  bytes.set(whole, begin)
  ends[count] = begin + whole.length
  return true
}

/** What is handed over with a portion. */
export function memoryOf({ bytes, ends, leaves, forms }: Portion): ArrayBuffer[] {
  return [bytes.buffer, ends.buffer, leaves.buffer, forms.buffer]
}

/** Calls `take` with each line and where it begins, as long as it returns true. The line is valid until the portion is filled again. */
function eachLine(
  { bytes, ends }: Portion,
  count: number,
  take: (line: Buffer, at: number, begin: number) => boolean,
): boolean {
  const all = Buffer.from(bytes.buffer)
  for (let at = 0, begin = 1; at < count; at += 1) {
    const end = ends[at] as number
    if (!take(all.subarray(begin, end), at, begin)) return false
    begin = end + 1
  }
  return true
}

/** Finds out about each line what can be known of it alone. */
export function lookAtAll(portion: Portion, count: number): void {
  const leaves = Buffer.from(portion.leaves.buffer)
  eachLine(portion, count, (line, at, begin) => {
    const kept = erasedLine(line)?.leaf
    if (kept) leaves.set(kept, at * hashBytes)
    else writeLeafHash(leaves, at * hashBytes, portion.bytes.subarray(begin - 1, begin + line.length))
    portion.forms[at] = forms.indexOf(formOf(line))
    return true
  })
}

/** Judges the lines of a portion that was looked at. False: no more. */
export function judgeAll(portion: Portion, count: number, judge: (line: Buffer, looked: Looked) => boolean): boolean {
  // A copy, because whoever builds a tree keeps some of them.
  const leaves = Buffer.from(portion.leaves.subarray(0, count * hashBytes))
  return eachLine(portion, count, (line, at) =>
    judge(line, {
      form: forms[portion.forms[at] as number] as Form,
      leaf: leaves.subarray(at * hashBytes, (at + 1) * hashBytes),
    }),
  )
}
