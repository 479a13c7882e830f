import { hash } from 'node:crypto'
import {
  type Author,
  decodeLine,
  type EventPlan,
  type NoPlan,
  type Proposal,
  planning,
  type Wish,
  type World,
} from '@commitments/domain'
import { inTurns } from '@commitments/http-kit/slices'
import canonicalize from 'canonicalize'
import { historyEventsOfImport } from './decide.ts'
import type { Recorder } from './recorder.ts'
import { record, recordAll } from './recorder.ts'
import { type AtomicResult, digestOfKey, Overtaken, type Recorded, type RecordRequest } from './requests.ts'
import { current, historyOf, loadStreams, openStreams, type StreamSources } from './streams.ts'

/** What a wish leads to, on what the log has now. */
interface PlanNow {
  readonly plan: EventPlan | NoPlan
  /** The proposal as it is; null if there is none. */
  readonly before: Proposal | null
  /** When this was found, in the form of `recordedAt`. */
  readonly now: string
}

/**
 * Plans on streams that are read from the log now. Nothing is recorded.
 *
 * @throws Unavailable if the log cannot be read
 */
export async function planNow(
  sources: StreamSources,
  proposalId: string,
  told: { readonly wish: Wish; readonly author: Author },
): Promise<PlanNow> {
  const streams = openStreams(sources, historyEventsOfImport)
  await loadStreams(streams, [proposalId])
  const own = streams.byProposal.get(proposalId)
  if (!own) throw new Error(`${proposalId} was not loaded`)
  const before = current(own)
  const begun = { proposal: before, history: historyOf(own) }
  for (;;) {
    const missing = new Set<string>()
    const find: World['find'] = (id) => {
      const other = streams.byProposal.get(id)
      if (!other) missing.add(id)
      return other ? current(other) : null
    }
    const world = { ...streams, find, history: () => begun.history }
    const plan = await inTurns(planning(proposalId, begun, told, world, historyEventsOfImport))
    // A plan that looked at a proposal that was not there yet is thrown away.
    if (missing.size === 0) return { plan, before, now: streams.now }
    await loadStreams(streams, missing)
  }
}

/**
 * The name under which each event of a plan is recorded once: the caller's key, the proposal, the wish and the place in the plan, so that a
 * repeated wish finds its events, and another wish, or the same for another proposal, is another request. No key of a caller has a line feed.
 */
export function eventKeys(idempotencyKey: string, proposalId: string, wish: Wish): (index: number) => string {
  const digest = hash('sha256', canonicalize([proposalId, wish]) ?? '')
  return (index) => `${idempotencyKey}\n${digest}\n${index}`
}

/** The events that this wish was recorded as, under this key, by this caller; empty if it was not. */
export async function recordedBefore(
  { log }: StreamSources,
  recordedBy: string,
  keyOf: (index: number) => string,
): Promise<readonly Recorded[]> {
  const found: Recorded[] = []
  // The whole of a plan is recorded at once, so the number of its events shows as they are found, ever more at a time.
  for (let count = 1; ; count *= 8) {
    const digests = Array.from({ length: count }, (_none, index) =>
      digestOfKey(recordedBy, keyOf(found.length + index)),
    )
    const lines = await log.readKeys(digests)
    for (const digest of digests) {
      const line = lines.get(digest)
      if (line === undefined) return found
      const { proposalId, version, position } = decodeLine(line)
      found.push({ outcome: 'recorded', proposalId, version, position, line, replayed: true })
    }
  }
}

/** Records the events of a plan, all or none: one of them as a single event, which shares its batch with others. */
export async function recordPlan(
  recorder: Recorder,
  requests: readonly RecordRequest[],
  bytes: number,
): Promise<AtomicResult> {
  const [first] = requests
  if (first === undefined || requests.length > 1) return recordAll(recorder, requests, bytes)
  const answer = await record(recorder, first, bytes)
  return answer.outcome === 'recorded'
    ? { outcome: 'recorded', results: [answer] }
    : { outcome: 'refused', refusals: [{ index: 0, answer }] }
}

/** Whether a plan was refused because its proposal is not as it was when it was planned: then it is planned again. */
export function isOutdated(result: AtomicResult): boolean {
  return (
    result.outcome === 'refused' &&
    result.refusals.some(({ answer: { outcome } }) => outcome === 'version-conflict' || outcome === 'key-reused')
  )
}

/** Other writers were faster so often in a row that it is no race. */
const triesBeforeGivingUp = 10

/** Does something until it gives an answer; null: somebody else came first. @throws Overtaken */
export async function untilAnswered<Answer>(attempt: () => Promise<Answer | null>): Promise<Answer> {
  for (let tries = 0; tries < triesBeforeGivingUp; tries += 1) {
    const answer = await attempt()
    if (answer !== null) return answer
  }
  throw new Overtaken(triesBeforeGivingUp)
}
