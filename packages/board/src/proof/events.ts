/** Whether each event of a proposal is in the signed log, as the very line that is shown. */
import { type Bytes, hashIn, same, utf8 } from './bytes.ts'
import type { Checkpoint } from './checkpoint.ts'
import { continues, leafOf, rootFrom } from './tree.ts'

export interface ShownEvent {
  readonly position: number
  readonly version: number
  readonly proposalId: string
  readonly type?: string
  readonly eventId?: string
  readonly recordedBy?: string
  readonly data?: unknown
  /** Its texts were erased, and `leafHash` is its leaf in the tree. */
  readonly erased?: { readonly by: string } | undefined
  readonly leafHash?: string | undefined
}

export interface ProvenEvent {
  readonly event: ShownEvent
  /** Null or absent: the checkpoint of that answer did not cover it. */
  readonly proof?:
    | { readonly index: number; readonly size: number; readonly hashes: readonly string[] }
    | null
    | undefined
}

export interface LineService {
  readonly consistency: (
    from: number,
    to: number,
  ) => Promise<{ readonly fromRootHash: string; readonly hashes: readonly string[] }>
  /** The line of a position as it was recorded, without its line feed. */
  readonly line: (position: number) => Promise<Bytes>
}

export interface CheckedEvents {
  /** Versions of the events that are in the log, as they are shown. */
  readonly inLog: readonly number[]
  /** Versions whose texts were erased, as an event in the log says: the hash of what was recorded is in the log, and what is shown is what is left. */
  readonly erased: readonly number[]
  /** Versions that the signed checkpoint does not cover yet. */
  readonly notYet: readonly number[]
  /** Versions whose event does not match the log; also of events that are missing between the others, or after them. */
  readonly differing: readonly number[]
}

interface Question {
  readonly proposalId: string
  readonly shown: readonly ShownEvent[]
  /** So many events the proposal has at least. */
  readonly version: number
  readonly proven: readonly ProvenEvent[]
  readonly checkpoint: Checkpoint
}

type Verdict = 'in-log' | 'erased' | 'not-yet' | 'differs'

export async function checkEvents(
  { proposalId, shown, version: least, proven, checkpoint }: Question,
  service: LineService,
): Promise<CheckedEvents> {
  const roots = new SignedRoots(checkpoint, service)
  const byPosition = new Map(proven.map((one) => [one.event.position, one]))
  const verdicts = new Map<number, Verdict>()
  const last = Math.max(least, shown.at(-1)?.version ?? 0)
  for (let version = 1; version <= last; version += 1) verdicts.set(version, 'differs')
  for (const event of shown) {
    const beside = byPosition.get(event.position)
    const isHere = event.proposalId === proposalId
    verdicts.set(event.version, isHere ? await verdictOf(event, beside, roots, service) : 'differs')
  }
  for (const event of shown) {
    if (verdicts.get(event.version) !== 'erased') continue
    const record = await recordOf(event, shown)
    const verdict = record && verdicts.get(record.version)
    verdicts.set(event.version, verdict === 'in-log' ? 'erased' : verdict === 'not-yet' ? 'not-yet' : 'differs')
  }
  const of = (wanted: Verdict) => [...verdicts].filter(([, verdict]) => verdict === wanted).map(([version]) => version)
  return { inLog: of('in-log'), erased: of('erased'), notYet: of('not-yet'), differing: of('differs') }
}

async function verdictOf(
  event: ShownEvent,
  beside: ProvenEvent | undefined,
  roots: SignedRoots,
  service: LineService,
): Promise<Verdict> {
  const text = JSON.stringify(event)
  const { proof } = beside ?? {}
  if (beside !== undefined && JSON.stringify(beside.event) !== text) return 'differs'
  if (proof === undefined || proof === null || proof.size > roots.size) return 'not-yet'
  if (proof.index !== event.position - 1) return 'differs'
  const root = await roots.at(proof.size)
  if (root === null) return 'differs'
  const leadsFrom = async (leaf: Bytes) => {
    const found = await rootFrom({ ...proof, leaf })
    return found !== null && same(found, root)
  }
  if (event.erased !== undefined) {
    const leaf = hashIn(event.leafHash)
    return leaf !== null && (await leadsFrom(leaf)) ? 'erased' : 'differs'
  }
  const leads = async (line: Bytes) => leadsFrom(await leafOf(line))
  if (await leads(utf8(text))) return 'in-log'
  // The line may have been written in another form of JSON than ours: what counts is the line itself.
  const line = await service.line(event.position)
  return (await leads(line)) && contentOf(line) === text ? 'in-log' : 'differs'
}

/**
 * The later event that says that this one was erased, by two callers, and that it is now what is shown. Anybody could show an event as an erased one:
 * without such an event in the log, it is not.
 */
async function recordOf(event: ShownEvent, shown: readonly ShownEvent[]): Promise<ShownEvent | null> {
  const record = shown.find(({ eventId, type }) => type === 'erased' && eventId === event.erased?.by)
  const { events = [], proposedBy } = (record?.data ?? {}) as Partial<ErasedData>
  const now = await leafOf(utf8(JSON.stringify(event)))
  const isNamed = events.some(({ position, leafHash }) => {
    const said = position === event.position ? hashIn(leafHash) : null
    return said !== null && same(said, now)
  })
  return record !== undefined && isNamed && proposedBy !== record.recordedBy && record.erased === undefined
    ? record
    : null
}

interface ErasedData {
  readonly events: readonly { readonly position: number; readonly leafHash: string }[]
  readonly proposedBy: string
}

/** The content of a line, written as we write what is shown. */
function contentOf(line: Bytes): string | null {
  try {
    return JSON.stringify(JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(line)))
  } catch {
    return null
  }
}

/** Roots that the signed checkpoint vouches for: its own, and those of smaller trees that it was shown to continue. */
class SignedRoots {
  private readonly checkpoint: Checkpoint
  private readonly service: LineService
  private readonly known = new Map<number, Promise<Bytes | null>>()

  constructor(checkpoint: Checkpoint, service: LineService) {
    this.checkpoint = checkpoint
    this.service = service
    this.known.set(checkpoint.size, Promise.resolve(checkpoint.root))
  }

  get size(): number {
    return this.checkpoint.size
  }

  at(size: number): Promise<Bytes | null> {
    const known = this.known.get(size) ?? this.prove(size)
    this.known.set(size, known)
    return known
  }

  private async prove(size: number): Promise<Bytes | null> {
    const { fromRootHash, hashes } = await this.service.consistency(size, this.checkpoint.size)
    const root = hashIn(fromRootHash)
    return root !== null && (await continues({ size, root }, this.checkpoint, hashes)) ? root : null
  }
}
