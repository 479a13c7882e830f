import { decide, maySpeak, type NotAllowed, type Proposal, type Refused, type World } from '@commitments/domain'
import type { Precondition, RecordRequest } from './requests.ts'
import { current, type GroupStream, type GroupStreams, historyOf, isCertain, streamInMemory } from './streams.ts'

/** A stream and the version at which a decision looked at it. */
export interface RestsOn {
  readonly proposalId: string
  readonly version: number
}

export type Verdict =
  | { verdict: 'accepted'; restsOn: RestsOn[] }
  | { verdict: 'refused'; refusal: Refused | NotAllowed; certain: boolean }
  | { verdict: 'version-conflict'; actual: number; certain: boolean }
  /** The decision needs a proposal that is not loaded, or only from memory where certainty is wanted: load it and judge again. */
  | { verdict: 'load-first'; proposalId: string }

class LoadFirst extends Error {
  readonly proposalId: string
  constructor(proposalId: string) {
    super(`proposal ${proposalId} is not loaded`)
    this.proposalId = proposalId
  }
}

/**
 * Decides one request on what the group knows. With `certainly`, nothing is taken from memory, so that a refusal may stand; a verdict
 * is nevertheless not certain where it rests on what this group has accepted and not yet appended.
 *
 * Order of checks: whether the caller may say this (403), then 404, then 412, then 409.
 */
export function judge(streams: GroupStreams, stream: GroupStream, request: RecordRequest, certainly: boolean): Verdict {
  const lookedAt = new Map<string, GroupStream>()
  const { futureBegins, now, timeZone } = streams
  const world: World = {
    futureBegins,
    now,
    timeZone,
    find: (id) => look(streams, stream, lookedAt, id, certainly),
    history: () => historyOf(stream) ?? loadFirst(stream.proposalId),
  }
  const certain = () => isCertain(stream) && [...lookedAt.values()].every(isCertain)
  const proposal = current(stream)
  const mayBeMissing = request.body.type === 'proposed'
  try {
    const permission = maySpeak(request.speaker, proposal, request.body, world.history)
    if (permission.outcome !== 'accepted') return { verdict: 'refused', refusal: permission, certain: certain() }
    if ((proposal || mayBeMissing) && !holds(request.precondition, proposal)) {
      return { verdict: 'version-conflict', actual: proposal?.version ?? 0, certain: isCertain(stream) }
    }
    const decision = decide(proposal, request.body, world)
    if (decision.outcome === 'refused') return { verdict: 'refused', refusal: decision, certain: certain() }
    return { verdict: 'accepted', restsOn: [...lookedAt.values()].map(standing) }
  } catch (signal) {
    if (signal instanceof LoadFirst) return { verdict: 'load-first', proposalId: signal.proposalId }
    throw signal
  }
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
