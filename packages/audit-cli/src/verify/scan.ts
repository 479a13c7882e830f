import { append, emptyFrontier, type Frontier, type Hash, leafHash, rootOfFrontier } from '@commitments/transparency'
import { addLeaf, type Leaves } from '../log/leaves.ts'
import type { Feed, FeedEnd } from '../source/feed.ts'
import { checkLine, claimedPosition, type Envelope, type LineCheck, lineCheck } from './check-line.ts'

/** What one way through all lines has found. */
export interface Scan {
  readonly leaves: Leaves
  /** How many lines were good, from the first on. */
  good: number
  /** The first line that is not, or is not there. What was read ends before it. */
  fault: LineFaultAt | null
  /** Where a later line stands in the place of the next: that one is looked for, since it makes a difference whether it is gone. */
  sought: Sought | null
  /** Roots over as many lines as were asked for. */
  readonly roots: Map<number, Hash>
  readonly check: LineCheck
  readonly frontier: Frontier
  end: FeedEnd | null
  /** When the first event was recorded. */
  began: string | undefined
}

interface Sought {
  /** The position that the line in its place gives itself. */
  readonly claimed: number
  /** Lines that were read in search of it. */
  read: number
}

export interface LineFaultAt {
  readonly position: number
  readonly because: string
  /** The line was cut off when the file was copied: nothing is known about it, so it proves nothing against the log. */
  readonly torn?: true
}

export interface ScanOptions {
  /** Where to put the leaf hashes. */
  readonly leaves: Leaves
  /** Look at no more lines than these. */
  readonly upTo?: number | undefined
  /** Sizes whose root is wanted. */
  readonly sizes?: readonly number[]
  /** Is told each good line; it must copy what it wants to keep. */
  readonly onLine?: (envelope: Envelope, line: Buffer, leaf: Hash) => void
  /** Is told how many lines were read, now and then. */
  readonly progress?: ((lines: number) => void) | undefined
}

/** Lines between two words to the progress bar. */
const progressEvery = 4_096

/**
 * Reads lines from the first on, judges each, and grows the tree over them. Nothing is kept of a line but its leaf hash (on disk) and the last
 * version of its stream. It ends at the first line that is not good, or, where a later line stands in the place of one, when that is found. @throws CannotCheck where the lines cannot be had
 */
export async function scanLines(feed: Feed, options: ScanOptions): Promise<Scan> {
  const scan = beginScan(options)
  const wanted = new Set(options.sizes ?? [])
  scan.end = await feed.read({ upTo: options.upTo }, (line) => takeLine(scan, line, wanted, options))
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
    end: null,
    began: undefined,
  }
}

function takeLine(scan: Scan, line: Buffer, wanted: ReadonlySet<number>, { onLine, progress }: ScanOptions): boolean {
  if (scan.sought !== null) return !isSought(scan, scan.sought, line)
  const envelope = checkLine(scan.check, line)
  if (typeof envelope === 'string') {
    const claimed = claimedPosition(line)
    scan.fault = { position: scan.good + 1, because: envelope }
    scan.sought = claimed !== null && claimed > scan.good + 1 ? { claimed, read: 0 } : null
    return scan.sought !== null
  }
  const leaf = leafHash(line)
  append(scan.frontier, leaf)
  addLeaf(scan.leaves, leaf)
  scan.good += 1
  scan.began ??= envelope.recordedAt
  if (wanted.has(scan.good)) scan.roots.set(scan.good, rootOfFrontier(scan.frontier))
  onLine?.(envelope, line, leaf)
  if (scan.good % progressEvery === 0) progress?.(scan.good)
  return true
}

/** Lines that changed places are all there: none is missing, and none has another content. */
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
