import {
  deciding,
  keepingActs,
  maxRestBytes,
  maySpeak,
  needsHistory,
  type Proposal,
  type RecordedEvent,
  roomForBytes,
  type Sliced,
  type World,
} from '@commitments/domain'
import type { EventToAppend } from '@commitments/event-store'
import { inTurns } from '@commitments/http-kit/slices'
import { lineBytes, type NewEvent, newEvent } from './new-event.ts'
import type { NotRecorded, Precondition, RecordRequest } from './requests.ts'
import {
  type BatchStream,
  type BatchStreams,
  bytesOf,
  catchingUp,
  current,
  type HistoryWork,
  historyOf,
  isAsLogged,
  loadStreams,
  mayLoad,
  nextVersion,
  streamFor,
  streamToBegin,
} from './streams.ts'

export type Verdict =
  /** `lookedAt`: other proposals that the verdict rests on. */
  | { verdict: 'accepted'; event: NewEvent; lookedAt: readonly string[] }
  /** `isFinal`: it rests on nothing but what this batch read from the log, and may be given once the key was looked up. */
  | { verdict: 'refused'; answer: NotRecorded; isFinal: boolean; lookedAt: readonly string[] }
  /** It rests on more of a stream than can be read in this batch, which has added to that stream. */
  | { verdict: 'again' }
  /** It needs a whole history, and enough of histories was gone through in this batch. */
  | { verdict: 'later' }

/** What has to be read from the log before the verdict is one. */
interface NotLoaded {
  readonly verdict: 'not-loaded'
  readonly proposalIds: readonly string[]
}

/**
 * Judges one request on what the batch knows, and reads from the log what that takes. With `fromLogOnly` nothing is taken from the cache, so
 * that a refusal may be final; it is not where it rests on what this batch has accepted and not yet appended.
 *
 * Order of checks: whether the caller may say this (403), then 404, then 412, then 409.
 *
 * @throws Unavailable where the log cannot be read
 * @throws why a stream cannot be folded, where it cannot
 */
export async function judge(streams: BatchStreams, request: RecordRequest, fromLogOnly: boolean): Promise<Verdict> {
  for (;;) {
    const verdict = await inTurns(judging(streams, request, fromLogOnly))
    if (verdict.verdict !== 'not-loaded') return verdict
    if (!verdict.proposalIds.every((id) => mayLoad(streams, id))) return { verdict: 'again' }
    await loadStreams(streams, verdict.proposalIds)
  }
}

/** The request's own stream; undefined where it must be read from the log first. */
export function ownStream(
  streams: BatchStreams,
  { body: { proposalId, type } }: RecordRequest,
  fromLogOnly: boolean,
): BatchStream | undefined {
  const find = type === 'proposed' ? streamToBegin : streamFor
  return find(streams, proposalId, fromLogOnly)
}

function* judging(streams: BatchStreams, request: RecordRequest, fromLogOnly: boolean): Sliced<Verdict | NotLoaded> {
  const { body } = request
  const stream = ownStream(streams, request, fromLogOnly)
  if (!stream) return notLoaded([body.proposalId])
  const proposal = yield* catchingUp(stream)
  if (needsHistory(proposal, body, streams)) {
    if (stream.history === null) return notLoaded([body.proposalId])
    if (isUsedUp(streams.work, stream)) return { verdict: 'later' }
  }
  const asked: Asked = { others: new Map(), history: null }
  const answer = yield* answering(request, proposal, worldOf(streams, stream, asked, fromLogOnly))
  const others = [...asked.others]
  // Where something was asked for and not there, the answer is none.
  const missing = others.flatMap(([id, other]) => (other ? [] : [id]))
  if (missing.length > 0) return notLoaded(missing)
  streams.work.done += asked.history?.length ?? 0
  const isFinal = () => fromLogOnly && isAsLogged(stream) && others.every(([, other]) => other && isAsLogged(other))
  const lookedAt = others.map(([id]) => id)
  if (answer) return { verdict: 'refused', answer, isFinal: isFinal(), lookedAt }
  const event = newEvent(request, nextVersion(stream), others.flatMap(atItsVersion))
  const noRoom = roomFor(event, stream)
  if (!noRoom) return { verdict: 'accepted', event, lookedAt }
  // How long a line is rests on the request alone; how much room there is, on its own stream.
  const isFinalNow = noRoom.outcome === 'too-large' || (fromLogOnly && isAsLogged(stream))
  return { verdict: 'refused', answer: noRoom, isFinal: isFinalNow, lookedAt: [] }
}

function notLoaded(proposalIds: readonly string[]): NotLoaded {
  return { verdict: 'not-loaded', proposalIds }
}

/** What a decision asked for. */
interface Asked {
  /** The other proposals: undefined where one must be read from the log first. */
  readonly others: Map<string, BatchStream | undefined>
  /** The events of its own proposal. */
  history: readonly RecordedEvent[] | null
}

/** What a decision may look at. A proposal that must be read from the log first is none until then: the caller throws that decision away. */
function worldOf(streams: BatchStreams, own: BatchStream, asked: Asked, fromLogOnly: boolean): World<RecordedEvent> {
  const { futureBegins, now, timeZone } = streams
  return {
    futureBegins,
    now,
    timeZone,
    find(proposalId) {
      if (proposalId === own.proposalId) return current(own)
      const other = streamFor(streams, proposalId, fromLogOnly)
      asked.others.set(proposalId, other)
      return other ? current(other) : null
    },
    history() {
      asked.history ??= historyOf(own)
      return asked.history
    },
  }
}

/** Null where the request is accepted. */
function* answering(
  { body, speaker, precondition }: RecordRequest,
  proposal: Proposal | null,
  world: World<RecordedEvent>,
): Sliced<NotRecorded | null> {
  const permission = maySpeak(speaker, proposal, body, world.history)
  if (permission.outcome !== 'accepted') return { outcome: 'refused', refusal: permission }
  // A precondition is about a proposal: without one there is nothing that it could fail on, but where one is to be made.
  const isThere = proposal !== null || body.type === 'proposed'
  if (isThere && !holds(precondition, proposal)) {
    return { outcome: 'version-conflict', actual: proposal?.version ?? 0 }
  }
  const decision = yield* deciding(proposal, body, world)
  if (decision.outcome === 'refused') return { outcome: 'refused', refusal: decision }
  const kept = yield* keepingActs(speaker, body, world)
  return kept.outcome === 'accepted' ? null : { outcome: 'refused', refusal: kept }
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

/** The first history of a batch is always gone through. */
function isUsedUp({ done, atMost }: HistoryWork, { history, accepted }: BatchStream): boolean {
  return done > 0 && done + (history?.length ?? 0) + accepted.length > atMost
}

function atItsVersion([proposalId, stream]: [string, BatchStream | undefined]): EventToAppend['restsOn'] {
  return stream ? [{ proposalId, version: current(stream)?.version ?? 0 }] : []
}

/** Null where the line is not too long, and has room in its proposal. */
function roomFor(added: NewEvent, stream: BatchStream): NotRecorded | null {
  if (added.restBytes > maxRestBytes) return { outcome: 'too-large', bytes: added.restBytes }
  const room = roomForBytes(added.event.type, bytesOf(stream), lineBytes(added))
  return room.outcome === 'accepted' ? null : { outcome: 'refused', refusal: room }
}
