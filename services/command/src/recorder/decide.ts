import { setImmediate as nextTurn } from 'node:timers/promises'
import { definitionOf, eventsASlice, type Sliced } from '@commitments/domain'
import { inTurns } from '@commitments/http-kit/slices'
import { judge, ownStream, type Verdict } from './judge.ts'
import type { NewEvent } from './new-event.ts'
import { type Job, mayTryAgain } from './queue.ts'
import {
  answerOfKnownKey,
  type IndexedRefusal,
  isBodyOf,
  type NotRecorded,
  type Recorded,
  type RecordRequest,
  type RecordResult,
  TooMuchWork,
  Unavailable,
} from './requests.ts'
import { accept, type BatchStreams, loadStreams, openStreams, type StreamSources } from './streams.ts'

/** What was decided on one request. */
export type Decision =
  | { readonly decision: 'accepted'; readonly event: NewEvent }
  | { readonly decision: 'refused'; readonly answer: NotRecorded }
  /** Its key says so. */
  | { readonly decision: 'recorded-before'; readonly recorded: Recorded }
  /** It has key and body of an earlier request of its job. */
  | { readonly decision: 'repeat'; readonly of: number }

/** One decision for each request of the job. */
export interface DecidedJob {
  readonly job: Job
  readonly decisions: readonly Decision[]
}

export interface DecidedBatch {
  readonly decided: readonly DecidedJob[]
  /** To be decided in the next batch, in this order. */
  readonly held: readonly Job[]
}

/** Milliseconds of deciding after which others are served. */
const sliceMs = 10

/**
 * So many events of histories are gone through in one batch, for what does not count last or rereads the past: some tenths of a second. What
 * needs more waits for the next batch, so that other writers are answered in between.
 */
export const historyEvents = 20_000

/** The same of an atomic import: some seconds. Nothing else is recorded meanwhile, so that an import which needs more is refused. */
export const historyEventsOfImport = 500_000

/**
 * Decides the jobs of one batch, one after the other, and reads what that takes. What holds afterwards:
 *
 * - nothing is refused from memory, nor on the strength of an event that is not in the log: such a job is held, to be decided again on streams
 *   that the next batch reads from the log;
 * - requests of one stream keep their order: what comes behind a held one is held as well;
 * - a job is decided, or held, or was rejected because of a fault that is its own (a stream that cannot be folded).
 *
 * @throws Unavailable where the log cannot be read
 */
export async function decideJobs(streams: BatchStreams, jobs: readonly Job[]): Promise<DecidedBatch> {
  const decided: DecidedJob[] = []
  const held = new HeldJobs()
  await loadStreams(
    streams,
    jobs.flatMap((job) => missingFor(job, streams)),
  )
  for (const job of jobs) {
    if (held.isBehindOne(job)) {
      held.holdBehind(job)
      continue
    }
    try {
      const decisions = job.allOrNone
        ? await decideTogether(streams, job.requests)
        : await decideAlone(streams, job, held)
      if (decisions) decided.push({ job, decisions })
    } catch (fault) {
      if (fault instanceof Unavailable) throw fault
      job.reject(fault)
    }
  }
  return { decided, held: held.jobs }
}

/** The streams that are read in one go for all: those that the requests are about, where they must be read. */
function missingFor({ requests, fromLogOnly }: Job, streams: BatchStreams): string[] {
  return requests.flatMap((request) => {
    const stream = ownStream(streams, request, fromLogOnly)
    // Corrections and retractions need the whole stream.
    const isThere = stream && !(stream.history === null && definitionOf(request.body.type)?.rereads)
    return isThere ? [] : [request.body.proposalId]
  })
}

/** A job of one request. Null where it is held. */
async function decideAlone(streams: BatchStreams, job: Job, held: HeldJobs): Promise<readonly Decision[] | null> {
  const [request] = job.requests
  const verdict = await judge(streams, request, job.fromLogOnly)
  if (verdict.verdict === 'later') held.putOff(job)
  else if (verdict.verdict === 'again') held.decideAgain(job)
  else if (held.isLookedAt(verdict.lookedAt)) held.hold(job)
  else if (verdict.verdict === 'refused' && !verdict.isFinal) held.decideAgain(job, verdict.lookedAt)
  else {
    if (verdict.verdict === 'accepted') held.waitForKey(request)
    return [decisionOf(streams, verdict)]
  }
  return null
}

function decisionOf(streams: BatchStreams, verdict: Extract<Verdict, { lookedAt: unknown }>): Decision {
  if (verdict.verdict === 'refused') return { decision: 'refused', answer: verdict.answer }
  accept(streams, verdict.event)
  return { decision: 'accepted', event: verdict.event }
}

/**
 * Requests of which all are recorded, or none: each is judged as if those before it were recorded, but for the refused ones. What was recorded before
 * is not decided once more, so that a job that was cut is completed by sending it again; keys are looked up after the streams were read.
 *
 * @throws TooMuchWork where more of histories would have to be gone through
 */
async function decideTogether(streams: BatchStreams, requests: readonly RecordRequest[]): Promise<readonly Decision[]> {
  const known = await streams.log.readKeys(requests.flatMap(({ keyDigest }) => keyDigest ?? []))
  const answers = await inTurns(answersOfKnown(requests, known))
  await loadStreams(streams, behindKnown(streams, answers))
  const firstOfKey = new Map<string, number>()
  const decisions: Decision[] = []
  let begun = performance.now()
  for (const [index, request] of requests.entries()) {
    const answer = answers[index]
    const first = firstOfKey.get(request.keyDigest ?? '')
    if (answer) decisions.push(decisionOnKnown(answer))
    else if (first !== undefined) decisions.push(decisionOnRepeat(request, first, requests))
    else decisions.push(decisionOf(streams, mustBeVerdict(await judge(streams, request, true))))
    if (request.keyDigest !== null && first === undefined) firstOfKey.set(request.keyDigest, index)
    if (performance.now() - begun < sliceMs) continue
    await nextTurn()
    begun = performance.now()
  }
  return decisions
}

/** For each request the answer that its key has already; null where the key is not known. */
function* answersOfKnown(
  requests: readonly RecordRequest[],
  known: ReadonlyMap<string, string>,
): Sliced<(RecordResult | null)[]> {
  const answers: (RecordResult | null)[] = []
  for (const request of requests) {
    const line = known.get(request.keyDigest ?? '')
    if (answers.push(line === undefined ? null : answerOfKnownKey(line, request)) % eventsASlice === 0) yield
  }
  return answers
}

/** Streams that got an event of the job between their reading and the look at the keys: the lines behind that event are judged with it. */
function behindKnown({ byProposal }: BatchStreams, answers: readonly (RecordResult | null)[]): string[] {
  return answers.flatMap((answer) => {
    if (answer?.outcome !== 'recorded') return []
    const { proposalId, version } = answer
    return version > (byProposal.get(proposalId)?.committed?.version ?? 0) ? [proposalId] : []
  })
}

function decisionOnKnown(answer: RecordResult): Decision {
  return answer.outcome === 'recorded'
    ? { decision: 'recorded-before', recorded: answer }
    : { decision: 'refused', answer }
}

function decisionOnRepeat(request: RecordRequest, first: number, requests: readonly RecordRequest[]): Decision {
  const earlier = requests[first]
  return earlier && isBodyOf(request, earlier.body)
    ? { decision: 'repeat', of: first }
    : { decision: 'refused', answer: { outcome: 'key-reused', position: 0 } }
}

/** Nothing of a job of many comes from memory, so that none of it has to be decided again; but it may go through too much. */
function mustBeVerdict(verdict: Verdict): Extract<Verdict, { lookedAt: unknown }> {
  if (verdict.verdict === 'later') throw new TooMuchWork()
  if (verdict.verdict === 'again') throw new Error('a stream that was read from the log is not whole')
  return verdict
}

export function refusalsOf(decisions: readonly Decision[]): IndexedRefusal[] {
  return decisions.flatMap((one, index) => (one.decision === 'refused' ? [{ index, answer: one.answer }] : []))
}

/** Jobs that wait for the next batch, and for what of this one later jobs wait. */
class HeldJobs {
  readonly jobs: Job[] = []
  readonly #streams = new Set<string>()
  /** Of the held streams, those whose job was put off. */
  readonly #putOffStreams = new Set<string>()
  readonly #keys = new Set<string>()

  /** Whether a job of the same stream is held, or one of the same key was accepted: what became of that one has to be known first. */
  isBehindOne({ requests }: Job): boolean {
    return requests.some(
      ({ body, keyDigest }) => this.#streams.has(body.proposalId) || (keyDigest !== null && this.#keys.has(keyDigest)),
    )
  }

  /** What is held comes first: what looks at it waits for it. */
  isLookedAt(proposalIds: readonly string[]): boolean {
    return proposalIds.some((id) => this.#streams.has(id))
  }

  waitForKey({ keyDigest }: RecordRequest): void {
    if (keyDigest !== null) this.#keys.add(keyDigest)
  }

  hold(job: Job): void {
    this.jobs.push(job)
    for (const { body } of job.requests) this.#streams.add(body.proposalId)
  }

  holdBehind(job: Job): void {
    job.putOff = job.requests.some(({ body }) => this.#putOffStreams.has(body.proposalId))
    this.hold(job)
  }

  /** It needs a whole history: it does not keep others out of the next batch. */
  putOff(job: Job): void {
    job.putOff = true
    for (const { body } of job.requests) this.#putOffStreams.add(body.proposalId)
    this.hold(job)
  }

  /**
   * On what the next batch reads from the log.
   *
   * @param lookedAt it is decided as if nothing had come after it: not by what stands behind it, and came quickly enough to be in this batch
   */
  decideAgain(job: Job, lookedAt: readonly string[] = []): void {
    for (const id of lookedAt) this.#streams.add(id)
    if (mayTryAgain(job)) this.hold(job)
  }
}

/**
 * What would be refused of these if they came now, one after the other. Nothing is recorded.
 *
 * @throws Unavailable, TooMuchWork
 */
export async function judgeOnly(
  sources: StreamSources,
  requests: readonly RecordRequest[],
): Promise<readonly IndexedRefusal[]> {
  return refusalsOf(await decideNow(sources, requests))
}

export type DryRunResult = { readonly outcome: 'acceptable'; readonly version: number } | NotRecorded

/**
 * What would become of a request if it came now: the same rules, on streams read now. Keys are neither looked up nor taken.
 *
 * @throws Unavailable where the log cannot be read
 */
export async function dryRun(sources: StreamSources, request: RecordRequest): Promise<DryRunResult> {
  const [only] = await decideNow(sources, [{ ...request, keyDigest: null }])
  if (only?.decision === 'refused') return only.answer
  if (only?.decision === 'accepted') return { outcome: 'acceptable', version: only.event.event.version }
  throw new Error('a request without a key was recorded before')
}

/** The first half of recording. */
async function decideNow(sources: StreamSources, requests: readonly RecordRequest[]): Promise<readonly Decision[]> {
  const streams = openStreams(sources, historyEventsOfImport)
  await loadStreams(
    streams,
    requests.map(({ body }) => body.proposalId),
  )
  return decideTogether(streams, requests)
}
