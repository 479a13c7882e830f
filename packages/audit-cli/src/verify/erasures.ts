/**
 * Erased lines (docs/decisions/0048-erasure.md). Their leaf is in the tree, and what they said is gone. Anybody could write a line in that
 * form, so each must be named by an event `erased` of the same log, which is in the tree itself: it says who decided, and has the hash of
 * the line as it is now.
 */
import type { RecordedEvent } from '@commitments/domain'
import { erasedLine, leafHash } from '@commitments/transparency'
import { type Broken, type Finding, held } from '../verdict.ts'
import type { Envelope } from './check-line.ts'

/** What the lines say about erasures, as far as they were read. */
export interface ErasureCheck {
  /** By position. */
  readonly erased: Map<number, ErasedNow>
  /** What the last event that names a position says of it. */
  readonly recorded: Map<number, Recorded>
  fault: Broken | null
}

interface ErasedNow {
  readonly by: string
  /** The leaf hash of the bytes as they are now. */
  readonly hash: string
  readonly proposalId: string
}

interface Recorded {
  readonly eventId: string
  readonly hash: string
  readonly proposalId: string
  readonly position: number
}

type Erasure = Extract<RecordedEvent, { type: 'erased' }>

export function erasureCheck(): ErasureCheck {
  return { erased: new Map(), recorded: new Map(), fault: null }
}

/** Looks at the next event, whose line is in good form. */
export function checkErasure(
  check: ErasureCheck,
  { position, proposalId, type, isErased }: Envelope,
  line: Buffer,
): void {
  if (isErased) {
    const by = erasedLine(line)?.by ?? ''
    check.erased.set(position, { by, hash: leafHash(line).toString('base64'), proposalId })
  } else if (type === 'erased') check.fault ??= noteRecord(check, JSON.parse(line.toString('utf8')) as Erasure)
}

function noteRecord(
  { recorded }: ErasureCheck,
  { eventId, position, proposalId, recordedBy, data }: Erasure,
): Broken | null {
  if (data.proposedBy === recordedBy)
    return {
      outcome: 'broken',
      position,
      because: `it erases, and ${recordedBy} alone both proposed and approved that`,
    }
  for (const { position: of, leafHash: hash } of data.events) recorded.set(of, { eventId, hash, proposalId, position })
  return null
}

/** Null if nothing was erased. */
export function erasureFinding(check: ErasureCheck): Finding | null {
  const { erased, recorded, fault } = check
  if (fault !== null) return fault
  for (const [position, now] of erased) {
    const because = faultOf(now, recorded.get(position))
    if (because !== null) return { outcome: 'broken', position, because }
  }
  if (erased.size === 0 && recorded.size === 0) return null
  return held([erasedText(check), olderText(check)].filter((text) => text !== '').join(' '))
}

function faultOf({ by, hash, proposalId }: ErasedNow, record: Recorded | undefined): string | null {
  if (record === undefined || record.proposalId !== proposalId)
    return 'its line says that it was erased, and no event of the log up to here records that; if the log has grown meanwhile, check again'
  if (record.eventId !== by) return `its line says that the event ${by} erased it, and it was ${record.eventId}`
  if (record.hash !== hash)
    return `its line was erased, and does not say what was left of it then: the event at position ${record.position} has another hash`
  return null
}

/** In a sentence, not more than so many positions. */
const mostNamed = 20

function named(positions: readonly number[]): string {
  const more = positions.length - mostNamed
  return `position${positions.length === 1 ? '' : 's'} ${positions.slice(0, mostNamed).join(', ')}${more > 0 ? ` and ${more} more` : ''}`
}

function erasedText({ erased, recorded }: ErasureCheck): string {
  if (erased.size === 0) return ''
  const records = new Set([...erased.keys()].map((position) => recorded.get(position)?.eventId)).size
  const [sayers, they] =
    records === 1
      ? ['One event of the log, by two callers, says', 'that event has']
      : [`${records} events of the log, each by two callers, say`, 'those events have']
  return (
    `The texts of ${erased.size} of the events are erased (${named([...erased.keys()])}): what they said cannot be checked, only that its hashes are in the tree. ` +
    `${sayers} who decided on that and why; what the lines say now is what ${they} hashed.`
  )
}

/** A copy that was made before an erasure is still a true copy. */
function olderText({ erased, recorded }: ErasureCheck): string {
  const readable = [...recorded.keys()].filter((position) => !erased.has(position))
  if (readable.length === 0) return ''
  return `These lines are an older copy: by later events, the texts of ${named(readable)} were to be erased, and are here.`
}
