import {
  append,
  type Completed,
  emptyFrontier,
  type Frontier,
  type Hash,
  leafOfLine,
  rootOfFrontier,
} from '@commitments/transparency'
import { addLeaf, keepRoot, type Leaves } from '../log/leaves.ts'
import type { Feed, FeedEnd } from '../source/feed.ts'
import { checkLine, claimedPosition, type Envelope, type LineCheck, lineCheck } from './check-line.ts'
import type { Looked } from './look.ts'
import { LookAhead } from './look-ahead.ts'

/** The findings of one pass over all lines. */
export interface Scan {
  readonly leaves: Leaves
  /** How many lines were good, from the first on. */
  good: number
  /** The first line that is bad or missing. What was read ends before it. */
  fault: LineFaultAt | null
  /** If a later line is at the place of the next one, the next one is searched for: it matters whether it is missing or only moved. */
  sought: Sought | null
  /** Roots over the requested numbers of lines. */
  readonly roots: Map<number, Hash>
  readonly check: LineCheck
  readonly frontier: Frontier
  readonly completed: Completed
  end: FeedEnd | null
  /** When the first event was recorded. */
  began: string | undefined
}

interface Sought {
  /** The position in the line at its place. */
  readonly claimed: number
  /** Lines that were read while searching for it. */
  read: number
}

export interface LineFaultAt {
  readonly position: number
  readonly because: string
  /** The line was truncated when the file was copied. Nothing is known about it, so it proves nothing against the log. */
  readonly torn?: true
}

export interface ScanOptions {
  /** Where to write the leaf hashes. */
  readonly leaves: Leaves
  /** Reads no more lines than this. */
  readonly upTo?: number | undefined
  /** Sizes whose roots are requested. */
  readonly sizes?: readonly number[]
  /** Called with each good line; it must copy what it keeps. */
  readonly onLine?: (envelope: Envelope, line: Buffer, leaf: Hash) => void
  /** Called from time to time with the number of lines that were read. */
  readonly progress?: ((lines: number) => void) | undefined
  /** How many lines are looked at in one thread before a second one begins. */
  readonly alone?: number | undefined
}

/** Lines between two updates of the progress bar. */
const progressEvery = 4_096

/**
 * Reads lines from the first on, checks each, and builds the tree. Of a line, only its leaf hash (on disk) and the version of its stream
 * are kept. It ends at the first bad line, or, if a later line is at the place of the expected one, when that is found. @throws CannotCheck
 * if the lines cannot be read
 */
export async function scanLines(feed: Feed, options: ScanOptions): Promise<Scan> {
  const scan = beginScan(options)
  const taking = { ...options, wanted: new Set(options.sizes ?? []) }
  const ahead = new LookAhead((line, looked) => takeLine(scan, line, looked, taking), options.alone)
  try {
    scan.end = await feed.read(
      { upTo: options.upTo },
      (line) => ahead.take(line),
      () => ahead.rest(),
    )
    await ahead.finish()
  } finally {
    await ahead.dispose()
  }
  scan.fault ??= faultOfEnd(scan, scan.end)
  options.progress?.(scan.good)
  return scan
}

function beginScan({ leaves, sizes = [] }: ScanOptions): Scan {
  const frontier = emptyFrontier()
  const roots = new Map<number, Hash>(sizes.includes(0) ? [[0, rootOfFrontier(frontier)]] : [])
  return {
    leaves,
    good: 0,
    fault: null,
    sought: null,
    roots,
    check: lineCheck(),
    frontier,
    completed: (level, index, hash) => keepRoot(leaves, level, index, hash),
    end: null,
    began: undefined,
  }
}

interface Taking extends Pick<ScanOptions, 'onLine' | 'progress'> {
  readonly wanted: ReadonlySet<number>
}

function takeLine(scan: Scan, line: Buffer, looked: Looked | null, { wanted, onLine, progress }: Taking): boolean {
  if (scan.sought !== null) return !isSought(scan, scan.sought, line)
  const envelope = checkLine(scan.check, line, looked?.form)
  if (typeof envelope === 'string') {
    const claimed = claimedPosition(line)
    scan.fault = { position: scan.good + 1, because: envelope }
    scan.sought = claimed !== null && claimed > scan.good + 1 ? { claimed, read: 0 } : null
    return scan.sought !== null
  }
  const leaf = looked?.leaf ?? leafOfLine(line)
  append(scan.frontier, leaf, scan.completed)
  addLeaf(scan.leaves, leaf)
  scan.good += 1
  scan.began ??= envelope.recordedAt
  if (wanted.has(scan.good)) scan.roots.set(scan.good, rootOfFrontier(scan.frontier))
  onLine?.(envelope, line, leaf)
  if (scan.good % progressEvery === 0) progress?.(scan.good)
  return true
}

/** Lines in another order are all there: none is missing, and none has changed. */
function isSought(scan: Scan, sought: Sought, line: Buffer): boolean {
  sought.read += 1
  const position = scan.good + 1
  if (claimedPosition(line) !== position) return false
  const because = `the line in its place says that it is position ${sought.claimed}, and its own line stands ${sought.read} further on: lines have changed places`
  scan.fault = { position, because }
  return true
}

function faultOfEnd({ good }: Scan, { how, announced }: FeedEnd): LineFaultAt | null {
  const position = good + 1
  if (how === 'torn') return { position, because: 'the file ends in the middle of its line', torn: true }
  if (how !== 'short') return null
  return {
    position,
    because: `it is missing: the service says that its log goes to position ${announced}, and sends no more`,
  }
}
