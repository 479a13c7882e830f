/** Gets the cosignatures of all witnesses, each at its own pace: an unreachable one delays nobody for long. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Pool } from 'pg'
import type { Logger } from 'pino'
import { type Refusal, refusal } from './refusals.ts'
import type { Claim } from './sign.ts'
import type { Witness } from './signing.ts'
import { askWitness, type Submission, type Submitted, submit } from './witness.ts'

/** What is known about one witness. */
export interface Watched {
  readonly witness: Witness
  logId: string
  /** Size of the last checkpoint that it cosigned. */
  cosigned: number
  /** When we got that cosignature, on the clock of `performance`. */
  cosignedAt: number
  /** When it was made, by the clock of the witness (POSIX, seconds); null: none so far. */
  time: number | null
  /** Failures in a row. */
  failures: number
  /** Not to be asked before this time, on the clock of `performance`. */
  notBefore: number
  running: Promise<void> | null
  /** It contradicts us: nothing is signed while this is set. */
  contradiction: Refusal | null
}

export interface Cosigning {
  readonly pool: Pool
  readonly logger: Logger
  readonly stopping: AbortSignal
  readonly watched: readonly Watched[]
  /** Milliseconds after which a witness is asked to cosign the same checkpoint again: cosignatures say when, and others look at their age. */
  readonly renewAfter: number
  readonly onFailure: (witness: string) => void
}

/** Milliseconds that a checkpoint waits for its cosignatures before it is served without them. */
const patience = 400
/** Milliseconds for one request to a witness. */
const requestLimit = 5_000
/** Milliseconds between two attempts with a failing witness: from the first, doubled up to the second. */
const pauses = { first: 1_000, longest: 60_000 }

const nothingCosigned = { cosigned: 0, cosignedAt: -Infinity, time: null }

export function watch(witnesses: readonly Witness[]): Watched[] {
  const unknown = {
    logId: '',
    ...nothingCosigned,
    failures: 0,
    notBefore: -Infinity,
    running: null,
    contradiction: null,
  }
  return witnesses.map((witness) => ({ witness, ...unknown }))
}

/** A contradiction that prevents the signing of this log; what was said of one that an accepted restore has replaced prevents nothing. */
export function contradictionOf({ watched }: Cosigning, logId: string): Refusal | null {
  return watched.find((one) => one.logId === logId && one.contradiction !== null)?.contradiction ?? null
}

/**
 * Asks each witness that has not cosigned the checkpoint yet, or long ago, and that may be asked again by now, and waits for those that answer in time. Later
 * cosignatures are stored when they come.
 */
export async function cosign(cosigning: Cosigning, logId: string, submission: Submission): Promise<void> {
  const asked = cosigning.watched.filter((one) => isDue(cosigning, one, logId, submission.size))
  const attempts = asked.map((one) => {
    const isTrusted = one.failures === 0
    one.running = attempt(cosigning, one, logId, submission).finally(() => {
      one.running = null
    })
    // A witness that failed before is asked again, but nothing waits for it.
    return isTrusted ? one.running : Promise.resolve()
  })
  if (attempts.length > 0) await Promise.race([Promise.all(attempts), sleep(patience)])
}

function isDue({ renewAfter }: Cosigning, one: Watched, logId: string, size: number): boolean {
  if (one.logId !== logId) Object.assign(one, { logId, ...nothingCosigned, contradiction: null, notBefore: -Infinity })
  const now = performance.now()
  const isMissing = one.cosigned < size || now - one.cosignedAt >= renewAfter
  return one.running === null && isMissing && now >= one.notBefore
}

async function attempt(cosigning: Cosigning, one: Watched, logId: string, submission: Submission): Promise<void> {
  const signal = AbortSignal.any([cosigning.stopping, AbortSignal.timeout(requestLimit)])
  const { witness } = one
  try {
    const result = await submit(cosigning.pool, witness, submission, one.cosigned, signal)
    if (result.outcome === 'cosigned') await store(cosigning, one, logId, submission.size, result)
    else fail(cosigning, one, submission, result)
  } catch (error) {
    // The database failed, or the tree is being rebuilt: the witness is not at fault.
    fail(cosigning, one, submission, { outcome: 'failed', detail: error instanceof Error ? error.name : 'unknown' })
  }
}

const storeQuery = {
  name: 'store-log-cosignature',
  text: `INSERT INTO log_cosignatures (log_id, size, witness, line)
    SELECT c.log_id, c.size, $3, $4 FROM log_checkpoints c WHERE c.log_id = $1 AND c.size = $2 FOR KEY SHARE
    ON CONFLICT (log_id, size, witness) DO UPDATE SET line = excluded.line`,
}

/** If another checkpoint has replaced this one meanwhile, its cosignature is dropped. */
async function store(
  { pool }: Cosigning,
  one: Watched,
  logId: string,
  size: number,
  { lines, time }: Extract<Submitted, { outcome: 'cosigned' }>,
): Promise<void> {
  const { name, keyId } = one.witness.verifier
  await pool.query({ ...storeQuery, values: [logId, size, `${name}+${keyId.toString(16)}`, lines.join('')] })
  const cosignedAt = performance.now()
  Object.assign(one, { cosigned: size, cosignedAt, time, failures: 0, contradiction: null, notBefore: -Infinity })
}

function fail(
  { logger, onFailure, stopping }: Cosigning,
  one: Watched,
  { size }: Submission,
  result: Exclude<Submitted, { outcome: 'cosigned' }>,
): void {
  if (stopping.aborted) return
  const { name } = one.witness.verifier
  one.failures += 1
  one.notBefore = performance.now() + Math.min(pauses.first * 2 ** (one.failures - 1), pauses.longest)
  if (result.outcome === 'ahead')
    one.contradiction = refusal('witness-ahead', { witness: name, signed: result.size, size })
  if (result.outcome === 'forked') one.contradiction = refusal('witness-differs', { witness: name, size })
  onFailure(name)
  logger.warn({ witness: name, size, failures: one.failures, ...result }, 'a witness did not cosign')
}

/** Milliseconds to ask what witnesses know, before the first signing. */
const askLimit = 1_000

/** The checkpoints of the log that the witnesses say they cosigned last; witnesses that do not answer in time are left out. */
export async function askAll({ watched, stopping }: Cosigning, origin: string): Promise<Claim[]> {
  const signal = AbortSignal.any([stopping, AbortSignal.timeout(askLimit)])
  const claims = await Promise.all(watched.map(({ witness }) => askWitness(witness, origin, signal)))
  return claims.filter((claim) => claim !== null)
}
