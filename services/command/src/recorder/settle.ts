import { evolveIfLast, type RecordedEvent, spliceLine } from '@commitments/domain'
import { appendUntilSettled, type Settled } from './append.ts'
import type { MadeEvent } from './event.ts'
import { OutcomeUnknown } from './faults.ts'
import type { Group } from './group.ts'
import { mayTryAgain, type Pending } from './pending.ts'
import { answerOfKnownKey } from './requests.ts'

/** An accepted event on its way into the log. */
export interface Candidate extends MadeEvent {
  readonly pending: Pending
}

interface SettledCandidate {
  readonly candidate: Candidate
  readonly settled: Settled
}

/** Refusals stand only where the key, looked up after everything they rest on was read, is not known. */
export async function answerRefusals(group: Group): Promise<void> {
  const { refusals, recorder } = group
  if (refusals.length === 0) return
  try {
    const known = await readLines(
      group,
      refusals.map(({ pending }) => pending),
    )
    for (const { pending, answer } of refusals) {
      const line = known.get(pending)
      pending.settle(line === undefined ? answer : answerOfKnownKey(line, pending.request))
    }
  } catch (fault) {
    recorder.warn({ err: fault, requests: refusals.length }, 'keys could not be looked up')
    for (const { pending } of refusals) pending.fail(fault)
  }
}

/**
 * Appends what the group accepted, and answers each request by what the log says of its event. What is recorded is answered in the next
 * turn of the event loop: by then the next group is on its way, and the database works on it while these answers are written.
 */
export async function appendCandidates(group: Group): Promise<void> {
  const { candidates, recorder } = group
  if (candidates.length === 0) return
  const batch = candidates.map((candidate) => candidate.append)
  const appending = recorder.metrics.startAppend(batch.length)
  let settled: Settled[]
  try {
    settled = await appendUntilSettled(recorder.log, batch, recorder.limits)
  } catch (fault) {
    settled = batch.map(() => ({ outcome: 'failed', fault }))
    recorder.warn({ err: fault, events: batch.length }, 'a batch could not be recorded')
  }
  appending.end(settled)
  await settleCandidates(group, pairUp(candidates, settled))
}

function pairUp(candidates: readonly Candidate[], outcomes: readonly Settled[]): SettledCandidate[] {
  return candidates.map((candidate, index) => {
    const settled = outcomes[index]
    if (!settled) throw new Error('the log answered for fewer events than it was given')
    return { candidate, settled }
  })
}

async function settleCandidates(group: Group, all: readonly SettledCandidate[]): Promise<void> {
  const recorded: (() => void)[] = []
  const overtaken: Pending[] = []
  const keyed: Pending[] = []
  for (const { candidate, settled } of all) {
    const { pending } = candidate
    switch (settled.outcome) {
      case 'appended':
      case 'repeated':
        recorded.push(() => settleRecorded(candidate, settled.position, settled.recordedAt))
        break
      case 'key-exists':
        keyed.push(pending)
        break
      case 'version-conflict':
      case 'not-appended':
        if (mayTryAgain(pending)) overtaken.push(pending)
        break
      case 'failed':
        pending.fail(settled.fault)
        break
      default:
        settled satisfies never
    }
  }
  remember(group, all)
  announceNewest(group, all)
  setImmediate(callEach, recorded)
  // They were decided before anything that was held back, and go first again.
  group.again.unshift(...overtaken)
  await settleKeyed(group, keyed)
}

function callEach(all: readonly (() => void)[]): void {
  for (const one of all) one()
}

/** `repeated` too: the event was in the log after all when it was sent again, with the bytes that were sent the first time. */
function settleRecorded({ event, pending, append }: Candidate, position: number, recordedAt: string): void {
  const line = spliceLine(position, recordedAt, append.rest)
  const { proposalId, version } = event
  pending.settle({ outcome: 'recorded', proposalId, version, position, line, replayed: false })
}

/** The key belongs to an event that is in the log already: the answer is that event, or that the key was used for something else. */
async function settleKeyed(group: Group, keyed: readonly Pending[]): Promise<void> {
  if (keyed.length === 0) return
  try {
    const known = await readLines(group, keyed)
    for (const pending of keyed) {
      const line = known.get(pending)
      if (line === undefined) throw new Error('a key was reported as recorded and is not there')
      pending.settle(answerOfKnownKey(line, pending.request))
    }
  } catch (cause) {
    group.recorder.warn({ err: cause, requests: keyed.length }, 'repeated requests could not be answered')
    // Not `Unavailable`: that would say that nothing is recorded, and something is.
    for (const pending of keyed) pending.fail(new OutcomeUnknown('the recorded event cannot be read', { cause }))
  }
}

/** The recorded lines of those whose key is known. */
async function readLines(group: Group, all: readonly Pending[]): Promise<Map<Pending, string>> {
  const digests = all.flatMap(({ keyDigest }) => (keyDigest ? [keyDigest] : []))
  const lines = digests.length > 0 ? await group.recorder.log.readKeys(digests) : new Map<string, string>()
  return new Map(
    all.flatMap((pending) => {
      const line = pending.keyDigest && lines.get(pending.keyDigest)
      return line ? [[pending, line] as const] : []
    }),
  )
}

/** Streams that went as expected are kept as folded. One with any other outcome is forgotten, and read again when next wanted. */
function remember({ recorder, streams }: Group, all: readonly SettledCandidate[]): void {
  const unsure = new Set<string>()
  for (const { candidate, settled } of all) {
    const { event } = candidate
    const stream = streams.byProposal.get(event.proposalId)
    const isIn = settled.outcome === 'appended' || settled.outcome === 'repeated'
    if (!stream || !isIn || unsure.has(event.proposalId)) {
      unsure.add(event.proposalId)
      continue
    }
    const { position, recordedAt } = settled
    const recorded: RecordedEvent = { position, recordedAt, ...event }
    try {
      // What does not count last, or rereads the past, needs the whole stream: it is folded when it is next wanted.
      const after = evolveIfLast(stream.committed, recorded, recorder.timeZone)
      if (after === null) unsure.add(event.proposalId)
      else stream.committed = after
      stream.committedBytes += candidate.lineBytes
    } catch (fault) {
      unsure.add(event.proposalId)
      recorder.warn({ err: fault, proposalId: event.proposalId, position }, 'a recorded event cannot be folded')
    }
  }
  for (const stream of streams.byProposal.values()) {
    const { committed: proposal, committedBytes: bytes, proposalId } = stream
    if (proposal && !unsure.has(proposalId)) recorder.cache.set(proposalId, { proposal, bytes })
  }
  for (const proposalId of unsure) recorder.cache.delete(proposalId)
}

function announceNewest({ recorder }: Group, all: readonly SettledCandidate[]): void {
  let newest = 0
  for (const { settled } of all) {
    if (settled.outcome === 'appended' || settled.outcome === 'repeated') newest = Math.max(newest, settled.position)
  }
  if (newest > 0) recorder.announce(newest)
}
