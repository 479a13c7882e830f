import { setImmediate as nextTurn } from 'node:timers/promises'
import { spliceLine } from '@commitments/domain'
import type { Appended } from '@commitments/event-store'
import { judgeAnew, streamsAnew } from './anew.ts'
import { appendAllOrNone } from './append.ts'
import type { MadeEvent } from './event.ts'
import { Unavailable } from './faults.ts'
import { checkIdentity } from './identity.ts'
import { answerOfKnownKey, digestOf, type NotRecorded, type Recorded, type RecordRequest } from './requests.ts'
import type { RecorderState } from './state.ts'
import { type GroupStreams, loadStreams } from './streams.ts'

/** Many requests of which all are recorded, or none. */
export interface AtomicJob {
  readonly requests: readonly RecordRequest[]
  readonly bytes: number
  settle(result: AtomicResult): void
  fail(fault: unknown): void
}

export type AtomicResult =
  | { readonly outcome: 'recorded'; readonly results: readonly Recorded[] }
  /** At least one. Requests after a refused one were judged as if that had not been there. */
  | { readonly outcome: 'refused'; readonly refusals: readonly IndexedRefusal[] }

export interface IndexedRefusal {
  /** Of the request. */
  readonly index: number
  readonly answer: NotRecorded
}

/** One request of the job: known already, the repetition of an earlier one of the job, or a new event. */
type Step =
  | { step: 'known'; recorded: Recorded }
  | { step: 'same-as'; index: number }
  | { step: 'append'; made: MadeEvent }
  | { step: 'refused'; answer: NotRecorded }

interface Attempt {
  readonly recorder: RecorderState
  readonly digests: readonly (string | null)[]
  readonly steps: readonly Step[]
}

/** So many lost races in a row mean that the job is larger than the quiet between other writers' events. */
const attempts = 10

/**
 * So many events of histories are gone through in one job, for lines that do not count last or reread the past: some seconds. Nothing else is
 * recorded meanwhile, so that a job that needs more is refused.
 */
export const historyEvents = 500_000

/** Lines judged in one turn of the event loop, so that others are served between. */
const linesATurn = 250

/**
 * All of them, or none, in one call of append_events.
 *
 * Everything is judged on streams read from the log in this attempt, keys are looked up after those reads, and a refusal stands only
 * if the keys of what was refused are still unknown after it. Where the log has moved on meanwhile, the whole job is judged again.
 * Lines that were recorded before (by their key) are answered as such, so that a job that was cut is completed by sending it again.
 *
 * @throws Unavailable, OutcomeUnknown, Unstorable as appendAllOrNone does
 */
export async function recordAtomically(
  recorder: RecorderState,
  requests: readonly RecordRequest[],
): Promise<AtomicResult> {
  const digests = requests.map(digestOf)
  for (let attempt = 1; attempt <= attempts; attempt += 1) {
    const result = await attemptOnce(recorder, requests, digests)
    if (result) return result
  }
  throw new Unavailable(`overtaken ${attempts} times by other writers of the same proposals`)
}

/** Null where another writer came between: judge again. */
async function attemptOnce(
  recorder: RecorderState,
  requests: readonly RecordRequest[],
  digests: readonly (string | null)[],
): Promise<AtomicResult | null> {
  await checkIdentity(recorder)
  const attempt = await judgeAll(recorder, requests, digests)
  const refusals = refusalsOf(attempt)
  if (refusals.length > 0) return (await keysStillUnknown(attempt, refusals)) ? { outcome: 'refused', refusals } : null
  return appendAttempt(attempt)
}

/**
 * What would be refused of these if they came now, one after the other. Nothing is recorded.
 *
 * @throws Unavailable where the log cannot be read
 */
export async function judgeOnly(
  recorder: RecorderState,
  requests: readonly RecordRequest[],
): Promise<readonly IndexedRefusal[]> {
  return refusalsOf(await judgeAll(recorder, requests, requests.map(digestOf)))
}

function refusalsOf({ steps }: Attempt): IndexedRefusal[] {
  return steps.flatMap((step, index) => (step.step === 'refused' ? [{ index, answer: step.answer }] : []))
}

async function judgeAll(
  recorder: RecorderState,
  requests: readonly RecordRequest[],
  digests: readonly (string | null)[],
): Promise<Attempt> {
  const streams = streamsAnew(recorder, historyEvents)
  await loadStreams(
    streams,
    requests.map((request) => request.body.proposalId),
  )
  const steps: Step[] = []
  const known = await recorder.log.readKeys(digests.filter((digest) => digest !== null))
  const firstWithKey = new Map<string, number>()
  for (const [index, request] of requests.entries()) {
    const digest = digests[index] ?? null
    const line = digest === null ? undefined : known.get(digest)
    const earlier = digest === null ? undefined : firstWithKey.get(digest)
    if (line) steps.push(knownStep(line, request))
    else if (earlier !== undefined) steps.push(repeatedStep(requests, earlier, index))
    else steps.push(await judgeNew(streams, request, digest))
    if (digest !== null && earlier === undefined) firstWithKey.set(digest, index)
    if (index % linesATurn === linesATurn - 1) await nextTurn()
  }
  return { recorder, digests, steps }
}

function knownStep(line: string, request: RecordRequest): Step {
  const answer = answerOfKnownKey(line, request)
  return answer.outcome === 'recorded' ? { step: 'known', recorded: answer } : { step: 'refused', answer }
}

function repeatedStep(requests: readonly RecordRequest[], earlier: number, index: number): Step {
  const same = JSON.stringify(requests[earlier]?.body) === JSON.stringify(requests[index]?.body)
  return same
    ? { step: 'same-as', index: earlier }
    : { step: 'refused', answer: { outcome: 'key-reused', position: 0 } }
}

async function judgeNew(streams: GroupStreams, request: RecordRequest, digest: string | null): Promise<Step> {
  const made = await judgeAnew(streams, request, digest)
  return 'answer' in made ? { step: 'refused', answer: made.answer } : { step: 'append', made }
}

async function keysStillUnknown(attempt: Attempt, refusals: readonly IndexedRefusal[]) {
  const digests = refusals.flatMap(({ index, answer }) => {
    const digest = attempt.digests[index]
    return digest && answer.outcome !== 'key-reused' ? [digest] : []
  })
  if (digests.length === 0) return true
  return (await attempt.recorder.log.readKeys(digests)).size === 0
}

async function appendAttempt(attempt: Attempt): Promise<AtomicResult | null> {
  const { recorder, steps } = attempt
  const made = steps.flatMap((step) => (step.step === 'append' ? [step.made] : []))
  for (const { event } of made) recorder.cache.delete(event.proposalId)
  const outcomes = await appendMade(recorder, made)
  const lines = new Map<MadeEvent, Recorded>()
  for (const [index, one] of made.entries()) {
    const recorded = asRecorded(one, outcomes[index])
    if (!recorded) return null
    lines.set(one, recorded)
  }
  const newest = Math.max(0, ...[...lines.values()].map((one) => one.position))
  if (newest > 0) recorder.announce(newest)
  return { outcome: 'recorded', results: steps.map((step) => resultOf(step, steps, lines)) }
}

async function appendMade(recorder: RecorderState, made: readonly MadeEvent[]): Promise<Appended[]> {
  if (made.length === 0) return []
  const batch = made.map((one) => one.append)
  const appending = recorder.metrics.startAppend(batch.length)
  try {
    const outcomes = await appendAllOrNone(recorder.log, batch, recorder.limits)
    appending.end(outcomes)
    return outcomes
  } catch (fault) {
    appending.end(batch.map(() => ({ outcome: 'failed' })))
    throw fault
  }
}

/** Null where the event is not in the log. */
function asRecorded({ event, append }: MadeEvent, outcome: Appended | undefined): Recorded | null {
  if (outcome?.outcome !== 'appended' && outcome?.outcome !== 'repeated') return null
  const { proposalId, version } = event
  const { position, recordedAt } = outcome
  const line = spliceLine(position, recordedAt, append.rest)
  return { outcome: 'recorded', proposalId, version, position, line, replayed: false }
}

function resultOf(step: Step, steps: readonly Step[], lines: ReadonlyMap<MadeEvent, Recorded>): Recorded {
  if (step.step === 'known') return step.recorded
  const recorded = step.step === 'append' ? lines.get(step.made) : undefined
  if (recorded) return recorded
  const first = step.step === 'same-as' ? steps[step.index] : undefined
  if (!first) throw new Error('a recorded job has a line without a result')
  return { ...resultOf(first, steps, lines), replayed: true }
}
