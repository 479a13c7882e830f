import type { Tracing } from '@commitments/http-kit'
import { type AppendLimits, type AppendOutcome, appendAllOrNone, appendEach, isInLog } from './append.ts'
import {
  type DecidedBatch,
  type DecidedJob,
  type Decision,
  decideJobs,
  historyEvents,
  historyEventsOfImport,
  refusalsOf,
} from './decide.ts'
import type { RecorderMetrics } from './metrics.ts'
import { type NewEvent, recordedAs } from './new-event.ts'
import { inOrderAgain, type Job, mayTryAgain } from './queue.ts'
import { answerOfKnownKey, OutcomeUnknown, type Recorded, type RecordResult } from './requests.ts'
import { forget, remember } from './stream-cache.ts'
import { type BatchStreams, openStreams, type StreamSources } from './streams.ts'

/** What batches need to be recorded. */
export interface BatchContext extends StreamSources {
  /** The past that the streams in memory were read in (`KnownLog`). */
  pasts: number
  readonly limits: AppendLimits
  readonly metrics: RecorderMetrics
  /** Tells followers of the log that it now reaches this position. A notification can get lost. */
  readonly announce: (position: number) => void
  /** Is told which work of a batch belongs to the trace of a request; null: nobody traces. */
  readonly tell: Tracing['tell'] | null
  /** Called for faults that no caller's answer can report. */
  readonly warn: (detail: object, message: string) => void
}

/**
 * Takes the jobs of one batch through load → decide → append → answer. Afterwards:
 *
 * - A job was answered `recorded` only if its events are in the log, durably.
 * - Nothing was refused from memory (decide.ts). The key was looked up after everything that the refusal depends on was read, so a repeat
 *   whose first request was recorded meanwhile is a repeat, and not "already agreed".
 * - Every job was answered, rejected with a fault, or returned to be decided again, in the order of arrival.
 *
 * @param jobs of one request each, or one that records all or none (queue.ts)
 */
export async function recordBatch(context: BatchContext, jobs: readonly Job[]): Promise<Job[]> {
  const allOrNone = jobs.some((job) => job.allOrNone)
  const streams = openStreams(context, allOrNone ? historyEventsOfImport : historyEvents)
  let batch: DecidedBatch
  try {
    await context.log.assertOpen()
    forgetOtherPasts(context)
    batch = await decideJobs(streams, jobs)
  } catch (fault) {
    // Reading failed and nothing was sent: certainly not recorded.
    context.warn({ err: fault, jobs: jobs.length }, 'a batch of requests could not be decided')
    for (const job of jobs) job.reject(fault)
    return []
  }
  const refused = batch.decided.filter(isRefused)
  const accepted = batch.decided.filter((one) => !isRefused(one))
  const [inDoubt, overtaken] = await Promise.all([
    answerRefused(context, refused),
    recordAccepted(context, streams, accepted, allOrNone),
  ])
  // They were decided before every held job, so they go first again.
  return [...inOrderAgain([...overtaken, ...inDoubt, ...batch.held])]
}

/** Memory of streams ends with the log, the server and the timeline that it was read in. */
function forgetOtherPasts(context: BatchContext): void {
  const { pasts } = context.log.known
  if (context.pasts !== pasts) context.cache.clear()
  context.pasts = pasts
}

function isRefused({ decisions }: DecidedJob): boolean {
  return decisions.some(({ decision }) => decision === 'refused')
}

/**
 * Refusals are final only if their keys are unknown. The keys are looked up after everything that the refusals depend on was read.
 *
 * @returns jobs of which something was recorded meanwhile: the rest of the job was decided without it
 */
async function answerRefused({ log, warn }: BatchContext, refused: readonly DecidedJob[]): Promise<Job[]> {
  if (refused.length === 0) return []
  try {
    const known = await log.readKeys(refused.flatMap(keysOfRefused))
    return refused.flatMap((one) => answerOneRefused(one, known))
  } catch (fault) {
    warn({ err: fault, jobs: refused.length }, 'keys could not be looked up')
    for (const { job } of refused) job.reject(fault)
    return []
  }
}

function keysOfRefused({ job, decisions }: DecidedJob): string[] {
  return refusalsOf(decisions).flatMap(({ index, answer }) => {
    const keyDigest = job.requests[index]?.keyDigest
    return keyDigest && answer.outcome !== 'key-reused' ? [keyDigest] : []
  })
}

function answerOneRefused(one: DecidedJob, known: ReadonlyMap<string, string>): Job[] {
  const { job, decisions } = one
  const line = keysOfRefused(one).flatMap((digest) => known.get(digest) ?? [])[0]
  if (line === undefined) job.resolve({ outcome: 'refused', refusals: refusalsOf(decisions) })
  else if (!job.allOrNone) answerAlone(job, answerOfKnownKey(line, job.requests[0]))
  else if (mayTryAgain(job)) return [job]
  return []
}

/** The answer to a job of one request. */
function answerAlone(job: Job, answer: RecordResult): void {
  if (answer.outcome === 'recorded') job.resolve({ outcome: 'recorded', results: [answer] })
  else job.resolve({ outcome: 'refused', refusals: [{ index: 0, answer }] })
}

/**
 * Appends what was accepted, and answers each job according to the log. A recorded job is answered in the next turn of the event loop: by
 * then the next batch has been sent, and the database works on it while these answers are written.
 *
 * @returns jobs that another writer preceded
 */
async function recordAccepted(
  context: BatchContext,
  streams: BatchStreams,
  accepted: readonly DecidedJob[],
  allOrNone: boolean,
): Promise<Job[]> {
  if (accepted.length === 0) return []
  const outcomes = await append(context, accepted.flatMap(eventsOf), allOrNone)
  // Folding a whole import here would block others; its streams are read when they are next needed.
  if (allOrNone) forget(context.cache, outcomes.keys())
  else remember(streams, outcomes, context.warn)
  announceNewest(context, outcomes)
  const recorded: (() => void)[] = []
  const overtaken: Job[] = []
  const known: Job[] = []
  for (const { job, decisions } of accepted) {
    const own = decisions.flatMap((one) => (one.decision === 'accepted' ? [outcomes.get(one.event)] : []))
    const failed = own.find((outcome) => outcome?.outcome === 'failed')
    if (own.every(isInLog)) {
      recorded.push(() => job.resolve({ outcome: 'recorded', results: resultsOf(decisions, outcomes) }))
    } else if (failed) job.reject(failed.fault)
    else if (!job.allOrNone && own[0]?.outcome === 'key-exists') known.push(job)
    else if (mayTryAgain(job)) overtaken.push(job)
  }
  setImmediate(callEach, recorded)
  await answerKnown(context, known)
  return overtaken
}

type Outcomes = ReadonlyMap<NewEvent, AppendOutcome>

function eventsOf({ decisions }: DecidedJob): NewEvent[] {
  return decisions.flatMap((one) => (one.decision === 'accepted' ? [one.event] : []))
}

async function append(
  { log, limits, metrics, warn, tell }: BatchContext,
  events: readonly NewEvent[],
  allOrNone: boolean,
): Promise<Outcomes> {
  if (events.length === 0) return new Map()
  const rows = events.map((one) => one.append)
  const appending = metrics.startAppend(rows.length)
  const from = Date.now()
  let outcomes: readonly AppendOutcome[]
  try {
    outcomes = await (allOrNone ? appendAllOrNone : appendEach)(log, rows, limits)
  } catch (fault) {
    outcomes = rows.map(() => ({ outcome: 'failed', fault }))
    warn({ err: fault, events: rows.length }, 'a batch could not be recorded')
  }
  appending.end(outcomes)
  if (tell) tellOfAppend(tell, events, from)
  return new Map(events.map((event, index) => [event, outcomeAt(outcomes, index)]))
}

/** Each request that waited for the batch gets it into its trace. An import has one trace for all its events, and is told of once. */
function tellOfAppend(tell: Tracing['tell'], events: readonly NewEvent[], from: number): void {
  const to = Date.now()
  const attributes = { 'commitments.batch_events': events.length }
  for (const traceparent of new Set(events.map(({ event }) => event.traceparent)))
    tell({ name: 'append_events', traceparent, from, to, attributes })
}

function outcomeAt(outcomes: readonly AppendOutcome[], index: number): AppendOutcome {
  const outcome = outcomes[index]
  if (!outcome) throw new Error('the log answered for fewer events than it was given')
  return outcome
}

function announceNewest({ announce }: BatchContext, outcomes: Outcomes): void {
  let newest = 0
  for (const outcome of outcomes.values()) if (isInLog(outcome)) newest = Math.max(newest, outcome.position)
  if (newest > 0) announce(newest)
}

function callEach(all: readonly (() => void)[]): void {
  for (const one of all) one()
}

/** For a job whose events are all in the log. */
function resultsOf(decisions: readonly Decision[], outcomes: Outcomes): Recorded[] {
  const results: Recorded[] = []
  for (const one of decisions) results.push(resultOf(one, outcomes, results))
  return results
}

function resultOf(one: Decision, outcomes: Outcomes, earlier: readonly Recorded[]): Recorded {
  if (one.decision === 'recorded-before') return one.recorded
  if (one.decision === 'accepted') {
    const outcome = outcomes.get(one.event)
    if (isInLog(outcome)) return recordedAs(one.event, outcome)
  }
  const first = one.decision === 'repeat' ? earlier[one.of] : undefined
  if (!first) throw new Error('a recorded job has a request without a result')
  return { ...first, replayed: true }
}

/** The key belongs to an event that is already in the log: the answer is that event, or that the key was used for something else. */
async function answerKnown({ log, warn }: BatchContext, jobs: readonly Job[]): Promise<void> {
  if (jobs.length === 0) return
  try {
    const lines = await log.readKeys(jobs.flatMap(({ requests: [{ keyDigest }] }) => keyDigest ?? []))
    for (const job of jobs) {
      const [request] = job.requests
      const line = lines.get(request.keyDigest ?? '')
      if (line === undefined) throw new Error('a key was reported as recorded and is not there')
      answerAlone(job, answerOfKnownKey(line, request))
    }
  } catch (cause) {
    warn({ err: cause, jobs: jobs.length }, 'repeated requests could not be answered')
    // Not `Unavailable`: that would mean that nothing is recorded, and something is.
    for (const job of jobs) job.reject(new OutcomeUnknown('the recorded event cannot be read', { cause }))
  }
}
