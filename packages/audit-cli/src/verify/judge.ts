import type { Hash } from '@commitments/transparency'
import { type Leaves, rootOfLeaves } from '../log/leaves.ts'
import { explainRename, type Restore } from '../log/restores.ts'
import type { PublishedLog } from '../source/published-log.ts'
import { type Broken, type Check, type Finding, held, leftOut, notChecked } from '../verdict.ts'
import { type Anchor, sentenceCase } from './anchors.ts'
import {
  compareWithTiles,
  differenceFromKept,
  isWhole,
  type LeafDifference,
  suspectRange,
  type TileComparison,
} from './compare-leaves.ts'
import type { LineFaultAt, Scan } from './scan.ts'

/** Everything that the lines are compared with. */
interface Evidence {
  readonly scan: Scan
  /** Signed, for this log: the lines must have its root. */
  readonly served: Anchor | null
  /** Signed earlier: kept from the last check, or given. */
  readonly earlier: readonly Anchor[]
  /** Earlier leaf hashes, with the signed statement that covers them. */
  readonly kept: readonly KeptLeaves[]
  /** The source of tiles, in case something is wrong. */
  readonly log: PublishedLog | null
  /** The restores that the operator of the log has declared; null if they are not known. */
  readonly restores: readonly Restore[] | null
}

export interface KeptLeaves {
  readonly leaves: Leaves
  /** How many of them count. */
  readonly size: number
  /** The checkpoint that covers them; null for lines that were kept without one, and are taken as they are. */
  readonly anchor: Anchor | null
  /** Such as "that was there at the last check". */
  readonly what: string
}

export interface Judgement {
  readonly checks: readonly Check[]
  /** Two signed checkpoints that cannot both be true: the log, or another holder of its key, has shown two pasts. */
  readonly fork: readonly [Anchor, Anchor] | null
}

/** Compares the lines with everything that was signed or kept, and names the first position that differs. */
export async function judge(evidence: Evidence): Promise<Judgement> {
  const { scan, served, earlier } = evidence
  const anchors = served ? [served, ...earlier] : earlier
  const reach = Math.max(0, ...anchors.map(({ size }) => size))
  const fault = scan.fault ?? missingLine(evidence, anchors, reach)
  const lines = fault ? faultFinding(fault) : held(linesSentence(scan))
  const failing = anchors.filter((anchor) => isContradicted(scan, anchor))
  const suspicious = fault !== null || failing.length > 0
  const kept = differenceFromBefore(evidence, suspicious)
  const tiles = suspicious ? await askTiles(evidence) : null
  const fork = forkOf(evidence, failing, tiles)
  return {
    checks: [
      { name: 'lines', finding: lines },
      { name: 'tree', finding: await treeFinding(evidence, failing, tiles) },
      { name: 'earlier', finding: earlierFinding(evidence, failing, kept, fork) },
    ],
    fork,
  }
}

function faultFinding({ torn, ...fault }: LineFaultAt): Finding {
  if (torn) return notChecked(`the line of position ${fault.position} is cut off: the file has no line feed at its end`)
  return { outcome: 'broken', ...fault }
}

function linesSentence({ good, check }: Scan): string {
  if (good === 0) return 'The log is empty.'
  return (
    `${good} lines, positions 1 to ${good} without a gap, of ${check.versions.size} proposals whose versions have none either; ` +
    `the time of recording never falls (the last: ${check.recordedAt}).`
  )
}

/** Signed, but missing. */
function missingLine(evidence: Evidence, anchors: readonly Anchor[], reach: number): LineFaultAt | null {
  const { good } = evidence.scan
  const lines = evidence.kept.find(({ anchor, size }) => anchor === null && size > Math.max(good, reach))
  if (lines)
    return {
      position: good + 1,
      because: `it is missing: there are ${lines.size} lines ${lines.what}, and the lines end here`,
    }
  if (good >= reach) return null
  const signed = anchors.find(({ size }) => size === reach)
  return {
    position: good + 1,
    because: `it is missing: ${signed?.what} was signed over ${reach} events, and the lines end here${renamed(evidence, signed)}`,
  }
}

function isContradicted({ good, roots }: Scan, { size, root }: Anchor): boolean {
  return good >= size && !(roots.get(size) as Hash).equals(root)
}

interface Difference extends LeafDifference {
  readonly kept: KeptLeaves
}

/** Lines that somebody has kept are always compared; what a checkpoint covers, only if the lines do not have its root, or do not reach it. */
function differenceFromBefore({ scan, kept }: Evidence, suspicious: boolean): Difference | null {
  const found = kept
    .filter(({ leaves, anchor }) => anchor === null || (suspicious && isWhole(leaves, anchor)))
    .flatMap((one) => {
      const difference = differenceFromKept(scan.leaves, one.leaves, Math.min(scan.good, one.size))
      return difference ? [{ ...difference, kept: one }] : []
    })
  return found.toSorted((a, b) => a.position - b.position)[0] ?? null
}

async function askTiles({ scan, served, earlier, log }: Evidence): Promise<TileComparison | null> {
  if (!served || !log) return null
  const sizes = earlier.map(({ size }) => size)
  return compareWithTiles(scan.leaves, Math.min(scan.good, served.size), log, served, sizes)
}

async function treeFinding(
  { scan, served, log }: Evidence,
  failing: readonly Anchor[],
  tiles: TileComparison | null,
): Promise<Finding> {
  // The check of the signature says why there is none.
  if (!served) return leftOut('There was no signed checkpoint to hold the lines against.')
  if (tiles?.difference && tiles.authentic) {
    const { position, found, expected } = tiles.difference
    const because = `its line is not the one that was signed: it hashes to ${base64(found)}, and the signed tree holds ${base64(expected)}`
    return { outcome: 'broken', position, because }
  }
  if (failing.includes(served))
    return unlocated(served, tiles, log && (await suspectRange(scan.leaves, scan.good, log, served)))
  if (scan.good < served.size)
    return leftOut('The tree could not be compared as a whole, since the lines end before it does.')
  return held(`The tree over the first ${served.size} lines has the root that was signed: ${base64(served.root)}.`)
}

function unlocated(served: Anchor, tiles: TileComparison | null, range: { from: number; upTo: number } | null): Broken {
  const tilesToo =
    tiles?.complete && !tiles.authentic ? ', and the served tiles are not those of the signed tree either' : ''
  const because = `the lines do not have the root of ${served.what}${tilesToo}`
  return { outcome: 'broken', ...(range ?? { upTo: served.size }), because }
}

/** A fork needs two signed trees: the lines, or the served tiles, agree with one of them and not with the other. */
function forkOf(
  evidence: Evidence,
  failing: readonly Anchor[],
  tiles: TileComparison | null,
): readonly [Anchor, Anchor] | null {
  const { scan, served, earlier } = evidence
  const all = served ? [...earlier, served] : earlier
  const sound = all.filter((anchor) => anchor.size <= scan.good && !failing.includes(anchor))
  for (const anchor of failing.toSorted((a, b) => a.size - b.size)) {
    const other = sound.find(({ size }) => size >= anchor.size)
    if (other) return [anchor, other]
    const byTiles = served && anchor !== served && tiles?.authentic && tiles.roots.get(anchor.size)
    if (byTiles && !byTiles.equals(anchor.root)) return [anchor, served]
  }
  return served && forkFromBefore(evidence, served)
}

/** The lines may end before an earlier checkpoint: then its own leaves, if they were kept, say what was signed at the size of now. */
function forkFromBefore({ scan, kept, earlier }: Evidence, served: Anchor): readonly [Anchor, Anchor] | null {
  for (const anchor of earlier.filter(({ size }) => size > scan.good && size >= served.size)) {
    const covered = kept.find(({ leaves }) => isWhole(leaves, anchor))
    if (covered && !rootOfLeaves(covered.leaves, served.size).equals(served.root)) return [served, anchor]
  }
  return null
}

function earlierFinding(
  evidence: Evidence,
  failing: readonly Anchor[],
  kept: Difference | null,
  fork: Judgement['fork'],
): Finding {
  const { scan, earlier } = evidence
  const contradicted = earlier.filter((anchor) => failing.includes(anchor)).toSorted((a, b) => a.size - b.size)
  const place = placeBetween(kept, contradicted[0], earlier, failing)
  if (fork) return { outcome: 'broken', ...place, because: forkReason(evidence, fork, kept) }
  if (kept) return { outcome: 'broken', position: kept.position, because: `its line is not the one ${kept.kept.what}` }
  if (contradicted[0])
    return {
      outcome: 'broken',
      ...place,
      because: `the lines do not have the root of ${contradicted[0].what}${renamed(evidence, contradicted[0])}`,
    }
  if (earlier.length === 0) return leftOut('There was no earlier checkpoint to compare with.')
  const reached = earlier.filter(({ size }) => size <= scan.good)
  if (reached.length < earlier.length) return leftOut('An earlier checkpoint lies beyond the lines that could be read.')
  return held(reached.map((anchor) => earlierSentence(evidence, anchor)).join(' '))
}

function earlierSentence(evidence: Evidence, anchor: Anchor): string {
  const { what, size } = anchor
  return `${sentenceCase(what)} (size ${size}) still holds: the log begins with all that was signed then${renamed(evidence, anchor)}.`
}

/** A log that has another origin than it had: what its operator says of it, so that an accepted restore does not look like a forgery only. */
function renamed({ served, restores }: Evidence, before: Anchor | undefined): string {
  if (!served || !before || served.origin === before.origin) return ''
  const why = explainRename(restores, before.origin, served.origin)
  return ` (the log was called ${before.origin} then, and is called ${served.origin} now: ${why})`
}

/** The range ends at the earliest contradicted checkpoint, and begins at the latest one that holds. */
function placeBetween(
  kept: Difference | null,
  first: Anchor | undefined,
  earlier: readonly Anchor[],
  failing: readonly Anchor[],
) {
  if (kept) return { position: kept.position }
  if (!first) return {}
  const sound = earlier
    .filter((anchor) => !failing.includes(anchor) && anchor.size < first.size)
    .map(({ size }) => size)
  return sound.length > 0 ? { from: Math.max(...sound) + 1, upTo: first.size } : { upTo: first.size }
}

function forkReason(evidence: Evidence, [before, now]: readonly [Anchor, Anchor], kept: Difference | null): string {
  const here = kept ? `its line is not the one ${kept.kept.what}: ` : ''
  return (
    `${here}the log forked at or before size ${before.size}: ${before.what} (size ${before.size}) and ${now.what} (size ${now.size}) ` +
    `are both signed and cannot both be true${renamed(evidence, before === evidence.served ? now : before)}`
  )
}

/** In the form of checkpoints and proofs, so that readers can compare the texts. */
function base64(hash: Hash): string {
  return hash.toString('base64')
}
