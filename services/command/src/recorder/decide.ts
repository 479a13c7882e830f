import { setImmediate as nextTurn } from 'node:timers/promises'
import { definitionOf, eventsASlice, type Proposal, type Sliced } from '@commitments/domain'
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
import { accept, type BatchStreams, catchingUp, loadStreams, openStreams, type StreamSources } from './streams.ts'

/** The decision on one request. */
export type Decision =
  | { readonly decision: 'accepted'; readonly event: NewEvent }
  | { readonly decision: 'refused'; readonly answer: NotRecorded }
  /** Its key was recorded before. */
  | { readonly decision: 'recorded-before'; readonly recorded: Recorded }
  /** It has the key and body of an earlier request of its job. */
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

/** Milliseconds of deciding after which other work gets a turn. */
const sliceMs = 10

/**
 * The events of histories that one batch folds, for requests that do not count last, or correct or retract: some tenths of a second.
 * Requests that need more wait for the next batch, so that other writers are answered in between.
 */
export const historyEvents = 20_000

/** The same for an atomic import: some seconds. Nothing else is recorded meanwhile, so an import that needs more is refused. */
export const historyEventsOfImport = 500_000

/**
 * Decides the jobs of one batch, one after the other, and reads what this needs. Afterwards:
 *
 * - Nothing was refused from memory, nor because of an event that is not in the log. Such a job is held, and is decided again on streams
 *   that the next batch reads from the log.
 * - Requests of one stream keep their order: a request behind a held one is held as well.
 * - A job is decided, or held, or was rejected because of its own fault (a stream that cannot be folded).
 *
 * @throws Unavailable if the log cannot be read
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
      const verdict = job.allOrNone ? null : judge(streams, job.requests[0], job.fromLogOnly)
      const decisions = verdict
        ? decideAlone(streams, job, held, verdict instanceof Promise ? await verdict : verdict)
        : await decideTogether(streams, job.requests)
      if (decisions) decided.push({ job, decisions })
    } catch (fault) {
      if (fault instanceof Unavailable) throw fault
      job.reject(fault)
    }
  }
  return { decided, held: held.jobs }
}

/** The streams that are read together for all jobs: those of the requests, if they must be read. */
function missingFor({ requests, fromLogOnly }: Job, streams: BatchStreams): string[] {
  return requests.flatMap((request) => {
    const stream = ownStream(streams, request, fromLogOnly)
    // Corrections and retractions need the whole stream.
    const isThere = stream && !(stream.history === null && definitionOf(request.body.type)?.rereads)
    return isThere ? [] : [request.body.proposalId]
  })
}

/** A job of one request. Null if it is held. */
function decideAlone(streams: BatchStreams, job: Job, held: HeldJobs, verdict: Verdict): readonly Decision[] | null {
  if (verdict.verdict === 'later') held.putOff(job)
  else if (verdict.verdict === 'again') held.decideAgain(job)
  else if (held.isLookedAt(verdict.lookedAt)) held.hold(job)
  else if (verdict.verdict === 'refused' && !verdict.isFinal) held.decideAgain(job, verdict.lookedAt)
  else {
    if (verdict.verdict === 'accepted') held.waitForKey(job.requests[0])
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
 * Requests that are recorded all or not at all. Each is decided as if the earlier ones that were not refused were recorded. Requests that
 * were recorded before are not decided again, so an interrupted job is completed by sending it again. Keys are looked up after the streams
 * were read.
 *
 * @throws TooMuchWork if it would have to fold too many events of histories
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
    // The key of a refused request stays free, as if that one had come alone.
    if (request.keyDigest !== null && decisions.at(-1)?.decision !== 'refused' && first === undefined)
      firstOfKey.set(request.keyDigest, index)
    if (performance.now() - begun < sliceMs) continue
    await nextTurn()
    begun = performance.now()
  }
  return decisions
}

/** For each request the answer that its key already has; null if the key is unknown. */
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

/** Streams that got an event of the job between their read and the lookup of the keys. The lines after that event are decided with it. */
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

/** A job of many requests never uses memory, so it never has to be decided again; but it can need too much work. */
function mustBeVerdict(verdict: Verdict): Extract<Verdict, { lookedAt: unknown }> {
  if (verdict.verdict === 'later') throw new TooMuchWork()
  if (verdict.verdict === 'again') throw new Error('a stream that was read from the log is not whole')
  return verdict
}

export function refusalsOf(decisions: readonly Decision[]): IndexedRefusal[] {
  return decisions.flatMap((one, index) => (one.decision === 'refused' ? [{ index, answer: one.answer }] : []))
}

/** Jobs that wait for the next batch, and what later jobs of this batch must therefore wait for. */
class HeldJobs {
  readonly jobs: Job[] = []
  readonly #streams = new Set<string>()
  /** Those of the held streams whose job was postponed. */
  readonly #putOffStreams = new Set<string>()
  readonly #keys = new Set<string>()

  /** Whether a job of the same stream is held, or a job with the same key was accepted; its outcome must be known first. */
  isBehindOne({ requests }: Job): boolean {
    return requests.some(
      ({ body, keyDigest }) => this.#streams.has(body.proposalId) || (keyDigest !== null && this.#keys.has(keyDigest)),
    )
  }

  /** Held jobs go first; a job that looks at one of their proposals waits. */
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

  /** The job needs a whole history. It does not keep others out of the next batch. */
  putOff(job: Job): void {
    job.putOff = true
    for (const { body } of job.requests) this.#putOffStreams.add(body.proposalId)
    this.hold(job)
  }

  /**
   * To be decided on what the next batch reads from the log.
   *
   * @param lookedAt it is decided as if nothing had come after it, without the later requests that arrived in time for this batch
   */
  decideAgain(job: Job, lookedAt: readonly string[] = []): void {
    for (const id of lookedAt) this.#streams.add(id)
    if (mayTryAgain(job)) this.hold(job)
  }
}

/**
 * What would be refused if these requests came now, one after the other. Nothing is recorded.
 *
 * @throws Unavailable, TooMuchWork
 */
export async function judgeOnly(
  sources: StreamSources,
  requests: readonly RecordRequest[],
): Promise<readonly IndexedRefusal[]> {
  return refusalsOf(await decideNow(sources, requests))
}

/**
 * The decisions on these requests if they came now, one after the other. Nothing is recorded. Keys are looked up. A signature is not required
 * (`dryRun`).
 *
 * @throws Unavailable, Halted, TooMuchWork
 */
export function dryRunAll(sources: StreamSources, requests: readonly RecordRequest[]): Promise<readonly Decision[]> {
  return decideNow(
    sources,
    requests.map((request) => ({ ...request, signing: request.signing && { ...request.signing, required: false } })),
  )
}

/** `proposal`: with the event; `now`: when that was found, in the form of `recordedAt`. */
interface Acceptable {
  readonly outcome: 'acceptable'
  readonly version: number
  readonly proposal: Proposal
  readonly now: string
}

export type DryRunResult = Acceptable | NotRecorded

/**
 * The result that a request would have now: the same rules, on streams that are read now. Keys are neither looked up nor used. A signature is
 * not required, because whoever gets a signed event can record it.
 *
 * @throws Unavailable if the log cannot be read, Halted if it takes no writes until its operator has decided
 */
export async function dryRun(sources: StreamSources, request: RecordRequest): Promise<DryRunResult> {
  const signing = request.signing && { ...request.signing, required: false }
  const { streams, decisions } = await decideOn(sources, [{ ...request, keyDigest: null, signing }])
  const [only] = decisions
  if (only?.decision === 'refused') return only.answer
  if (only?.decision !== 'accepted') throw new Error('a request without a key was recorded before')
  const stream = streams.byProposal.get(request.body.proposalId)
  const proposal = stream ? await inTurns(catchingUp(stream)) : null
  if (proposal === null) throw new Error(`nothing was decided on ${request.body.proposalId}`)
  return { outcome: 'acceptable', version: only.event.event.version, proposal, now: streams.now }
}

async function decideNow(sources: StreamSources, requests: readonly RecordRequest[]): Promise<readonly Decision[]> {
  return (await decideOn(sources, requests)).decisions
}

/** The first half of recording: where nothing may be recorded, nothing is decided either. */
async function decideOn(sources: StreamSources, requests: readonly RecordRequest[]) {
  await sources.log.assertOpen()
  const streams = openStreams(sources, historyEventsOfImport)
  await loadStreams(
    streams,
    requests.map(({ body }) => body.proposalId),
  )
  return { streams, decisions: await decideTogether(streams, requests) }
}
