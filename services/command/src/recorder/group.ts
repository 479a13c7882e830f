import { definitionOf } from '@commitments/domain'
import { inTurns } from '@commitments/http-kit/slices'
import { acceptEvent } from './event.ts'
import { checkIdentity } from './identity.ts'
import { judging, type RestsOn, type Verdict } from './judge.ts'
import { mayTryAgain, type Pending } from './pending.ts'
import type { NotRecorded } from './requests.ts'
import { answerRefusals, appendCandidates, type Candidate } from './settle.ts'
import type { RecorderState } from './state.ts'
import {
  createGroupStreams,
  type GroupStreams,
  isCertain,
  loadStreams,
  recordingAt,
  streamInMemory,
  streamOf,
} from './streams.ts'

/**
 * So many events of histories are gone through in one group, for what does not count last or rereads the past: some tenths of a second. What
 * needs more waits for the next group, so that other writers are answered in between.
 */
export const historyEvents = 20_000

/** One group of requests on its way through read → decide → append. */
export interface Group {
  readonly recorder: RecorderState
  readonly streams: GroupStreams
  readonly candidates: Candidate[]
  /** Refusals that stand, once their keys have been looked up after everything they rest on was read. */
  readonly refusals: { pending: Pending; answer: NotRecorded }[]
  /** To be decided again in the next group, in the order in which they came. */
  readonly again: Pending[]
  /** Streams with a request in `again`: what follows for them waits too, so that a stream's requests keep their order. */
  readonly heldStreams: Set<string>
  /** Of the held streams, those whose request was put off. */
  readonly putOffStreams: Set<string>
  readonly keys: Set<string>
}

/**
 * Takes one group of requests through read → decide → append, and answers them. What holds afterwards:
 *
 * - a request is answered `recorded` only when its event is in the log, durably;
 * - nothing is refused from memory, nor on the strength of an event that is not in the log: such a request is returned, to be decided
 *   again on streams that the next group reads from the log, and its key is looked up after that read (a repeat whose first request
 *   was recorded meanwhile is a repeat, and not "already agreed");
 * - requests of one stream keep their order;
 * - every request is either answered, or failed with a fault, or returned.
 */
export async function recordGroup(recorder: RecorderState, requests: readonly Pending[]): Promise<Pending[]> {
  const group: Group = {
    recorder,
    streams: createGroupStreams(
      recorder.log,
      recorder.cache,
      recordingAt(recorder.clock(), recorder.timeZone),
      historyEvents,
    ),
    candidates: [],
    refusals: [],
    again: [],
    heldStreams: new Set(),
    putOffStreams: new Set(),
    keys: new Set(),
  }
  try {
    await checkIdentity(recorder)
    await loadWhatIsMissing(group, requests)
    await decideAll(group, requests)
  } catch (fault) {
    // Reading failed, nothing was sent: certainly not recorded.
    recorder.warn({ err: fault, requests: requests.length }, 'a group of requests could not be decided')
    for (const pending of requests) pending.fail(fault)
    return []
  }
  await Promise.all([answerRefusals(group), appendCandidates(group)])
  return group.again
}

async function loadWhatIsMissing(group: Group, requests: readonly Pending[]): Promise<void> {
  const missing: string[] = []
  for (const { request, certainly } of requests) {
    const { proposalId, type } = request.body
    // What rereads the past needs the events themselves, and not their fold.
    if (certainly || definitionOf(type)?.rereads || (type !== 'proposed' && !streamInMemory(group.streams, proposalId)))
      missing.push(proposalId)
  }
  await loadStreams(group.streams, missing)
}

/** One after the other, without waiting in between, but for those that need another stream. */
async function decideAll(group: Group, requests: readonly Pending[]): Promise<void> {
  for (const pending of requests) {
    if (mustWait(group, pending)) {
      pending.putOff = group.putOffStreams.has(pending.request.body.proposalId)
      hold(group, pending)
      continue
    }
    let verdict = await judgePending(group, pending)
    while (verdict?.verdict === 'load-first' && mayLoad(group, verdict.proposalId)) {
      await loadStreams(group.streams, [verdict.proposalId])
      verdict = await judgePending(group, pending)
    }
    // It needs the history of a stream that this group has added to from memory: the next group reads it.
    if (verdict?.verdict === 'load-first') decideAgain(group, pending)
    else if (verdict?.verdict === 'later') putOff(group, pending)
    else if (verdict) act(group, pending, verdict)
  }
}

/** A stream that events were accepted for is not read again: they rest on what it was. */
function mayLoad({ streams }: Group, proposalId: string): boolean {
  return !streams.byProposal.get(proposalId)?.accepted.length
}

/** Null where the request was failed: its stream cannot be folded, or a rule has a fault. Nobody else's request suffers. */
async function judgePending(group: Group, pending: Pending): Promise<Verdict | null> {
  try {
    return await inTurns(judging(group.streams, pending.request, pending.certainly))
  } catch (fault) {
    pending.fail(fault)
    return null
  }
}

/** Keys of the current group count as known: the second request with a key waits until it is settled what became of the first. */
function mustWait(group: Group, pending: Pending): boolean {
  if (group.heldStreams.has(pending.request.body.proposalId)) return true
  return pending.keyDigest !== null && group.keys.has(pending.keyDigest)
}

function act(group: Group, pending: Pending, verdict: Exclude<Verdict, { verdict: 'load-first' | 'later' }>): void {
  if (looksAtHeld(group, verdict)) return hold(group, pending)
  switch (verdict.verdict) {
    case 'accepted':
      return addCandidate(group, pending, verdict.restsOn)
    case 'refused':
      if (!(pending.certainly && verdict.certain)) {
        // It is decided again as if nothing had come after it: not by what stands behind it, and came quickly enough to be in this group.
        for (const proposalId of verdict.lookedAt) group.heldStreams.add(proposalId)
      }
      return refuse(group, pending, { outcome: 'refused', refusal: verdict.refusal }, verdict.certain)
    case 'version-conflict':
      return refuse(group, pending, { outcome: 'version-conflict', actual: verdict.actual }, verdict.certain)
    default:
      verdict satisfies never
  }
}

/** What is held comes first: what looks at it waits for it. */
function looksAtHeld({ heldStreams }: Group, verdict: Verdict): boolean {
  if (heldStreams.size === 0) return false
  if (verdict.verdict === 'accepted') return verdict.restsOn.some(({ proposalId }) => heldStreams.has(proposalId))
  return verdict.verdict === 'refused' && verdict.lookedAt.some((proposalId) => heldStreams.has(proposalId))
}

function addCandidate(group: Group, pending: Pending, restsOn: RestsOn[]): void {
  const stream = streamOf(group.streams, pending.request.body.proposalId)
  const made = acceptEvent(stream, pending.request, pending.keyDigest, restsOn)
  if ('answer' in made) {
    // The key is looked up also where it rests on nothing but the request: a repeat is a repeat first of all.
    if (made.whateverTheStream) group.refusals.push({ pending, answer: made.answer })
    else refuse(group, pending, made.answer, isCertain(stream))
    return
  }
  if (pending.keyDigest) group.keys.add(pending.keyDigest)
  group.candidates.push({ pending, ...made })
}

function refuse(group: Group, pending: Pending, answer: NotRecorded, certain: boolean): void {
  if (pending.certainly && certain) group.refusals.push({ pending, answer })
  else decideAgain(group, pending)
}

function decideAgain(group: Group, pending: Pending): void {
  if (mayTryAgain(pending)) hold(group, pending)
}

function putOff(group: Group, pending: Pending): void {
  pending.putOff = true
  group.putOffStreams.add(pending.request.body.proposalId)
  hold(group, pending)
}

function hold(group: Group, pending: Pending): void {
  group.again.push(pending)
  group.heldStreams.add(pending.request.body.proposalId)
}
