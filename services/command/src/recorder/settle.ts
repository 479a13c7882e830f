import { decodeLine, type EventToRecord, evolve, spliceLine } from '@commitments/domain'
import type { EventToAppend } from '@commitments/event-store'
import { appendUntilSettled, type Settled } from './append.ts'
import { Unavailable } from './faults.ts'
import type { Group } from './group.ts'
import { mayTryAgain, type Pending } from './pending.ts'
import { answerOfKnownKey } from './requests.ts'

/** An accepted event on its way into the log. */
export interface Candidate {
  readonly pending: Pending
  readonly event: EventToRecord
  readonly append: EventToAppend
}

interface SettledCandidate {
  readonly candidate: Candidate
  readonly settled: Settled
}

/** Refusals stand only where the key, looked up after everything they rest on was read, is not known. */
export async function answerRefusals(group: Group): Promise<void> {
  const digests = group.refusals.flatMap(({ pending }) => (pending.keyDigest ? [pending.keyDigest] : []))
  try {
    const known = digests.length > 0 ? await group.recorder.log.readKeys(digests) : new Map<string, string>()
    for (const { pending, answer } of group.refusals) {
      const line = pending.keyDigest && known.get(pending.keyDigest.toString('hex'))
      pending.settle(line ? answerOfKnownKey(line, pending.request.body) : answer)
    }
  } catch (cause) {
    for (const { pending } of group.refusals) pending.fail(new Unavailable('the log cannot be read', { cause }))
  }
}

/** Appends what the group accepted, and answers each request by what the log says of its event. */
export async function appendCandidates(group: Group): Promise<void> {
  const { candidates, recorder } = group
  if (candidates.length === 0) return
  const batch = candidates.map((candidate) => candidate.append)
  const appending = recorder.metrics.startAppend(batch.length)
  try {
    const settled = await appendUntilSettled(recorder.log, batch, recorder.limits)
    appending.end(settled)
    await settleCandidates(group, pairUp(candidates, settled))
  } catch (fault) {
    // What we hold of these streams may be behind the log now, or ahead of it.
    for (const { event } of candidates) recorder.cache.delete(event.proposalId)
    for (const { pending } of candidates) pending.fail(fault)
  }
}

function pairUp(candidates: readonly Candidate[], outcomes: readonly Settled[]): SettledCandidate[] {
  return candidates.map((candidate, index) => {
    const settled = outcomes[index]
    if (!settled) throw new Error('the log answered for fewer events than it was given')
    return { candidate, settled }
  })
}

async function settleCandidates(group: Group, all: readonly SettledCandidate[]): Promise<void> {
  const overtaken: Pending[] = []
  const inLogAlready: SettledCandidate[] = []
  for (const one of all) {
    const { pending } = one.candidate
    switch (one.settled.outcome) {
      case 'appended':
        settleAppended(one.candidate, one.settled.position, one.settled.recordedAt)
        break
      case 'repeated':
      case 'key-exists':
        inLogAlready.push(one)
        break
      case 'version-conflict':
      case 'not-appended':
        if (mayTryAgain(pending)) overtaken.push(pending)
        break
      case 'failed':
        pending.fail(one.settled.fault)
        break
      default:
        one.settled satisfies never
    }
  }
  remember(group, all)
  announceNewest(group, all)
  // They were decided before anything that was held back, and go first again.
  group.again.unshift(...overtaken)
  for (const one of inLogAlready) await settleFromLog(group, one)
}

function settleAppended({ event, pending, append }: Candidate, position: number, recordedAt: string): void {
  const line = spliceLine(position, recordedAt, append.rest)
  const { proposalId, version } = event
  pending.settle({ outcome: 'recorded', proposalId, version, position, line, replayed: false })
}

/** In the log already: this very event (the answer got lost), or another event that has its key. Either way the log has the line. */
async function settleFromLog(group: Group, { candidate, settled }: SettledCandidate): Promise<void> {
  const { pending } = candidate
  try {
    if (settled.outcome === 'repeated') await settleRepeated(group, candidate)
    else await settleKeyExists(group, pending)
  } catch (cause) {
    pending.fail(new Unavailable('the log cannot be read', { cause }))
  }
}

async function settleRepeated(group: Group, { event, pending }: Candidate): Promise<void> {
  const { proposalId, version } = event
  const line = await group.recorder.log.readEvent(proposalId, version)
  if (line === null) throw new Error(`event ${version} of ${proposalId} was reported as recorded and is not there`)
  const { position } = decodeLine(line)
  pending.settle({ outcome: 'recorded', proposalId, version, position, line, replayed: false })
}

async function settleKeyExists(group: Group, pending: Pending): Promise<void> {
  const digest = pending.keyDigest
  const line = digest && (await group.recorder.log.readKeys([digest])).get(digest.toString('hex'))
  if (!line) throw new Error('a key was reported as recorded and is not there')
  pending.settle(answerOfKnownKey(line, pending.request.body))
}

/** Streams that went as expected are kept as folded. One with any other outcome is forgotten, and read again when next wanted. */
function remember({ recorder, streams }: Group, all: readonly SettledCandidate[]): void {
  const unsure = new Set<string>()
  for (const { candidate, settled } of all) {
    const { event } = candidate
    const stream = streams.byProposal.get(event.proposalId)
    if (settled.outcome !== 'appended' || !stream) unsure.add(event.proposalId)
    else {
      const { position, recordedAt } = settled
      try {
        stream.committed = evolve(stream.committed, { position, recordedAt, ...event })
      } catch (fault) {
        unsure.add(event.proposalId)
        recorder.warn({ err: fault, proposalId: event.proposalId, position }, 'a recorded event cannot be folded')
      }
    }
  }
  for (const stream of streams.byProposal.values()) {
    if (stream.committed && !unsure.has(stream.proposalId)) recorder.cache.set(stream.proposalId, stream.committed)
  }
  for (const proposalId of unsure) recorder.cache.delete(proposalId)
}

function announceNewest({ recorder }: Group, all: readonly SettledCandidate[]): void {
  let newest = 0
  for (const { settled } of all) if (settled.outcome === 'appended') newest = Math.max(newest, settled.position)
  if (newest > 0) recorder.announce(newest)
}
