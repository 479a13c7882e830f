import { append, emptyFrontier, type Frontier, type Hash, leafHash, rootOfFrontier } from '@commitments/transparency'
import { addLeaf, type Leaves } from '../log/leaves.ts'
import type { Feed, FeedEnd } from '../source/feed.ts'
import { checkLine, type Envelope, type LineCheck, lineCheck } from './check-line.ts'

/** What one way through all lines has found. */
export interface Scan {
  readonly leaves: Leaves
  /** How many lines were good, from the first on. */
  good: number
  /** The first line that is not, or is not there. What was read ends before it. */
  fault: LineFaultAt | null
  /** Roots over as many lines as were asked for. */
  readonly roots: Map<number, Hash>
  readonly check: LineCheck
  readonly frontier: Frontier
  end: FeedEnd | null
  /** When the first event was recorded. */
  began: string | undefined
}

export interface LineFaultAt {
  readonly position: number
  readonly because: string
  /** The line is cut off, by whoever copied the file: nothing is known of it, so nothing is shown against the log. */
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
 * version of its stream. It ends at the first line that is not good. @throws CannotCheck where the lines cannot be had
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
  return { leaves, good: 0, fault: null, roots, check: lineCheck(), frontier, end: null, began: undefined }
}

function takeLine(scan: Scan, line: Buffer, wanted: ReadonlySet<number>, { onLine, progress }: ScanOptions): boolean {
  const envelope = checkLine(scan.check, line)
  if (typeof envelope === 'string') {
    scan.fault = { position: scan.good + 1, because: envelope }
    return false
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

function faultOfEnd({ good }: Scan, { how, announced }: FeedEnd): LineFaultAt | null {
  const position = good + 1
  if (how === 'torn') return { position, because: 'the file ends in the middle of its line', torn: true }
  if (how !== 'short') return null
  return {
    position,
    because: `it is missing: the service says that its log goes to position ${announced}, and sends no more`,
  }
}
