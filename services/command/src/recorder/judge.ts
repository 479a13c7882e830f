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
import { maySign } from './signed.ts'
import {
  type BatchStream,
  type BatchStreams,
  bytesOf,
  catchingUp,
  current,
  type HistoryWork,
  historyOf,
  isAsLogged,
  lastEventId,
  loadStreams,
  mayLoad,
  nextVersion,
  streamFor,
  streamToBegin,
} from './streams.ts'

export type Verdict =
  /** `lookedAt`: other proposals that the verdict depends on. */
  | { verdict: 'accepted'; event: NewEvent; lookedAt: readonly string[] }
  /** `isFinal`: it depends only on what this batch read from the log, and can be given after the key was looked up. */
  | { verdict: 'refused'; answer: NotRecorded; isFinal: boolean; lookedAt: readonly string[] }
  /** It depends on more of a stream than this batch can read, because the batch has added to that stream. */
  | { verdict: 'again' }
  /** It needs a whole history, and this batch has folded enough events of histories. */
  | { verdict: 'later' }

/** What has to be read from the log before there is a verdict. */
interface NotLoaded {
  readonly verdict: 'not-loaded'
  readonly proposalIds: readonly string[]
}

type Judged = Verdict | NotLoaded

/**
 * Decides one request on what the batch knows, and reads from the log what that needs. With `fromLogOnly`, nothing is taken from the cache,
 * so that a refusal can be final. It is not final if it depends on what this batch has accepted and not yet appended.
 *
 * Order of checks: whether the caller may record this (403), then 404, then 412, then 409.
 *
 * @throws Unavailable if the log cannot be read
 * @throws the reason, if a stream cannot be folded
 */
export function judge(streams: BatchStreams, request: RecordRequest, fromLogOnly: boolean): Verdict | Promise<Verdict> {
  const verdict = inTurns(judging(streams, request, fromLogOnly))
  // Most requests need nothing more, and are judged without a promise.
  const isThere = !(verdict instanceof Promise) && verdict.verdict !== 'not-loaded'
  return isThere ? verdict : judgeWithReads(verdict, streams, request, fromLogOnly)
}

async function judgeWithReads(
  first: Judged | Promise<Judged>,
  streams: BatchStreams,
  request: RecordRequest,
  fromLogOnly: boolean,
): Promise<Verdict> {
  for (let judged = first; ; judged = inTurns(judging(streams, request, fromLogOnly))) {
    const verdict = await judged
    if (verdict.verdict !== 'not-loaded') return verdict
    if (!verdict.proposalIds.every((id) => mayLoad(streams, id))) return { verdict: 'again' }
    await loadStreams(streams, verdict.proposalIds)
  }
}

/** The request's own stream; undefined if it must be read from the log first. */
export function ownStream(
  streams: BatchStreams,
  { body: { proposalId, type } }: RecordRequest,
  fromLogOnly: boolean,
): BatchStream | undefined {
  const find = type === 'proposed' ? streamToBegin : streamFor
  return find(streams, proposalId, fromLogOnly)
}

function* judging(streams: BatchStreams, request: RecordRequest, fromLogOnly: boolean): Sliced<Judged> {
  const { body } = request
  const stream = ownStream(streams, request, fromLogOnly)
  if (!stream) return notLoaded([body.proposalId])
  const proposal = yield* catchingUp(stream)
  if (needsHistory(proposal, body, streams)) {
    if (stream.history === null) return notLoaded([body.proposalId])
    if (isUsedUp(streams.work, stream)) return { verdict: 'later' }
  }
  const asked: Asked = { others: new Map(), history: null }
  const world = worldOf(streams, stream, asked, fromLogOnly)
  const answer = yield* answering(request, proposal, world, streams.log.known.logId)
  const others = [...asked.others]
  // If something was requested and not loaded, the answer does not count.
  const missing = others.flatMap(([id, other]) => (other ? [] : [id]))
  if (missing.length > 0) return notLoaded(missing)
  streams.work.done += asked.history?.length ?? 0
  const isFinal = () => fromLogOnly && isAsLogged(stream) && others.every(([, other]) => other && isAsLogged(other))
  const lookedAt = others.map(([id]) => id)
  if (answer) return { verdict: 'refused', answer, isFinal: isFinal(), lookedAt }
  const event = newEvent(request, {
    version: nextVersion(stream),
    follows: lastEventId(stream),
    restsOn: others.flatMap(asSeen),
  })
  const noRoom = roomFor(event, stream)
  if (!noRoom) return { verdict: 'accepted', event, lookedAt }
  // The length of a line depends only on the request; the remaining room depends on its own stream.
  const isFinalNow = noRoom.outcome === 'too-large' || (fromLogOnly && isAsLogged(stream))
  return { verdict: 'refused', answer: noRoom, isFinal: isFinalNow, lookedAt: [] }
}

function notLoaded(proposalIds: readonly string[]): NotLoaded {
  return { verdict: 'not-loaded', proposalIds }
}

/** What a decision asked for. */
interface Asked {
  /** The other proposals; undefined if one must be read from the log first. */
  readonly others: Map<string, BatchStream | undefined>
  /** The events of its own proposal. */
  history: readonly RecordedEvent[] | null
}

/**
 * What a decision can look at. A proposal that must be read from the log first is absent until then; the caller throws that decision away.
 */
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

/** Null if the request is accepted. */
function* answering(
  request: RecordRequest,
  proposal: Proposal | null,
  world: World<RecordedEvent>,
  logId: string,
): Sliced<NotRecorded | null> {
  const { body, speaker, precondition } = request
  const unsigned = maySign(request, logId, world.now)
  if (unsigned) return { outcome: 'refused', refusal: unsigned }
  const permission = maySpeak(speaker, proposal, body, world.history)
  if (permission.outcome !== 'accepted') return { outcome: 'refused', refusal: permission }
  // A precondition is about a proposal. Without a proposal it cannot fail, unless the request creates one.
  const isThere = proposal !== null || body.type === 'proposed'
  if (isThere && !holds(precondition, proposal)) {
    return { outcome: 'version-conflict', actual: proposal?.version ?? 0 }
  }
  const decision = yield* deciding(proposal, body, world)
  if (decision.outcome === 'refused') return { outcome: 'refused', refusal: decision }
  const kept = yield* keepingActs(speaker, body, world)
  return kept.outcome === 'accepted' ? null : { outcome: 'refused', refusal: kept }
}

/** Whether the proposal is as a caller demands; null: there is none. */
export function holds(precondition: Precondition, proposal: Proposal | null): boolean {
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

/** The first history of a batch is always folded. */
function isUsedUp({ done, atMost }: HistoryWork, { history, accepted }: BatchStream): boolean {
  return done > 0 && done + (history?.length ?? 0) + accepted.length > atMost
}

function asSeen([proposalId, stream]: [string, BatchStream | undefined]): EventToAppend['restsOn'] {
  return stream ? [{ proposalId, version: current(stream)?.version ?? 0, follows: lastEventId(stream) }] : []
}

/** Null if the line is not too long, and its proposal has room for it. */
function roomFor(added: NewEvent, stream: BatchStream): NotRecorded | null {
  if (added.restBytes > maxRestBytes) return { outcome: 'too-large', bytes: added.restBytes }
  const room = roomForBytes(added.event.type, bytesOf(stream), lineBytes(added))
  return room.outcome === 'accepted' ? null : { outcome: 'refused', refusal: room }
}
