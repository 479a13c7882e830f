import {
  deciding,
  keepingActs,
  maySpeak,
  type NotAllowed,
  type Proposal,
  type RecordedEvent,
  type Refused,
  type Sliced,
  type World,
} from '@commitments/domain'
import type { Precondition, RecordRequest } from './requests.ts'
import {
  catchingUp,
  current,
  type GroupStream,
  type GroupStreams,
  historyOf,
  isCertain,
  streamInMemory,
  streamOf,
  type Work,
} from './streams.ts'

/** A stream and the version at which a decision looked at it. */
export interface RestsOn {
  readonly proposalId: string
  readonly version: number
}

export type Verdict =
  | { verdict: 'accepted'; restsOn: RestsOn[] }
  /** `lookedAt`: other proposals that the refusal rests on. */
  | { verdict: 'refused'; refusal: Refused | NotAllowed; certain: boolean; lookedAt: readonly string[] }
  | { verdict: 'version-conflict'; actual: number; certain: boolean }
  /** The decision needs a proposal that is not loaded, or only from memory where certainty is wanted: load it and judge again. */
  | { verdict: 'load-first'; proposalId: string }
  /** It needs a whole history, and enough of histories was gone through in this group. */
  | { verdict: 'later' }

class LoadFirst extends Error {
  readonly proposalId: string
  constructor(proposalId: string) {
    super(`proposal ${proposalId} is not loaded`)
    this.proposalId = proposalId
  }
}

class Later extends Error {}

/**
 * Decides one request on what the group knows. With `certainly`, nothing is taken from memory, so that a refusal may stand; a verdict
 * is nevertheless not certain where it rests on what this group has accepted and not yet appended.
 *
 * Order of checks: whether the caller may say this (403), then 404, then 412, then 409.
 */
export function* judging(streams: GroupStreams, request: RecordRequest, certainly: boolean): Sliced<Verdict> {
  const stream = streamOf(streams, request.body.proposalId)
  const lookedAt = new Map<string, GroupStream>()
  const history = once(() => historyOf(stream) ?? loadFirst(stream.proposalId))
  const { futureBegins, now, timeZone, work } = streams
  const world: World<RecordedEvent> = {
    futureBegins,
    now,
    timeZone,
    find: (id) => look(streams, stream, lookedAt, id, certainly),
    history: once(() => countedIn(work, history())),
  }
  const refusedBy = (refusal: Refused | NotAllowed): Verdict => ({
    verdict: 'refused',
    refusal,
    certain: certain(),
    lookedAt: [...lookedAt.keys()],
  })
  const certain = () => isCertain(stream) && [...lookedAt.values()].every(isCertain)
  const proposal = yield* catchingUp(stream)
  const mayBeMissing = request.body.type === 'proposed'
  try {
    const permission = maySpeak(request.speaker, proposal, request.body, history)
    if (permission.outcome !== 'accepted') return refusedBy(permission)
    if ((proposal || mayBeMissing) && !holds(request.precondition, proposal)) {
      return { verdict: 'version-conflict', actual: proposal?.version ?? 0, certain: isCertain(stream) }
    }
    const decision = yield* deciding(proposal, request.body, world)
    if (decision.outcome === 'refused') return refusedBy(decision)
    const kept = yield* keepingActs(request.speaker, request.body, world)
    if (kept.outcome !== 'accepted') return refusedBy(kept)
    return { verdict: 'accepted', restsOn: [...lookedAt.values()].map(standing) }
  } catch (signal) {
    if (signal instanceof LoadFirst) return { verdict: 'load-first', proposalId: signal.proposalId }
    if (signal instanceof Later) return { verdict: 'later' }
    throw signal
  }
}

/** The history that a decision goes through from its beginning; the first one of a group always is. */
function countedIn(work: Work, history: readonly RecordedEvent[]): readonly RecordedEvent[] {
  if (work.done > 0 && work.done + history.length > work.atMost) throw new Later()
  work.done += history.length
  return history
}

function look(
  streams: GroupStreams,
  own: GroupStream,
  lookedAt: Map<string, GroupStream>,
  proposalId: string,
  certainly: boolean,
): Proposal | null {
  if (proposalId === own.proposalId) return current(own)
  const other = streamInMemory(streams, proposalId)
  if (!other || (certainly && other.origin !== 'database' && other.accepted.length === 0)) loadFirst(proposalId)
  lookedAt.set(proposalId, other)
  return current(other)
}

function loadFirst(proposalId: string): never {
  throw new LoadFirst(proposalId)
}

function standing(stream: GroupStream): RestsOn {
  return { proposalId: stream.proposalId, version: current(stream)?.version ?? 0 }
}

function holds(precondition: Precondition, proposal: Proposal | null): boolean {
  switch (precondition.demand) {
    case 'nothing':
      return true
    case 'absent':
      return proposal === null
    case 'present':
      return proposal !== null
    case 'version':
      return precondition.versions.includes(proposal?.version ?? 0)
    default:
      return precondition satisfies never
  }
}

/** What is asked for more than once is gone through, and counted, once. */
function once<Value>(make: () => Value): () => Value {
  let value: { readonly made: Value } | undefined
  return () => (value ??= { made: make() }).made
}
