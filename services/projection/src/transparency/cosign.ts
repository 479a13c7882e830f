/** Gets the cosignatures of all witnesses, each at its own pace: an unreachable one delays nobody for long. */
import type { KeyObject } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Pool } from 'pg'
import type { Logger } from 'pino'
import type { Claim } from './sign.ts'
import type { Witness } from './signing.ts'
import { askWitness, type KnownLog, type Submission, type Submitted, submit, type Told } from './witness.ts'

/** What is known about one witness. */
export interface Watched {
  readonly witness: Witness
  logId: string
  /** Size of the last checkpoint that it cosigned. */
  cosigned: number
  /** The signature lines of that cosignature; empty: another instance may have stored others since. */
  lines: string
  /** When we got that cosignature, on the clock of `performance`. */
  cosignedAt: number
  /** When it was made, by the clock of the witness (POSIX, seconds); null: none so far. */
  time: number | null
  /** Failures in a row. */
  failures: number
  /** Not to be asked before this time, on the clock of `performance`. */
  notBefore: number
  running: Promise<void> | null
  /** What it says against the log, unsigned, in whole sentences; null since it cosigned. Anybody on the way to it could say that, so it is an alarm. */
  objection: string | null
  /** The checkpoint that it gave with that, signed by the log and by itself: the next turn judges whether the log continues it. */
  proof: Claim | null
}

export interface Cosigning {
  readonly pool: Pool
  readonly logger: Logger
  readonly stopping: AbortSignal
  readonly watched: readonly Watched[]
  /** The keys that sign for the log. */
  readonly keys: readonly KeyObject[]
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

const nothingCosigned = { cosigned: 0, lines: '', cosignedAt: -Infinity, time: null }
const nothingSaid = { objection: null, proof: null }

export function watch(witnesses: readonly Witness[]): Watched[] {
  const unknown = {
    logId: '',
    ...nothingCosigned,
    failures: 0,
    notBefore: -Infinity,
    running: null,
    ...nothingSaid,
  }
  return witnesses.map((witness) => ({ witness, ...unknown }))
}

/** A checkpoint that a witness cosigned for this log. */
interface Proof {
  readonly logId: string
  readonly claim: Claim
}

/**
 * What witnesses gave since this was last called. It has to be called before the state of the log is read: a log that was read earlier may
 * be shorter than what another instance has signed since.
 */
export function takeProofs({ watched }: Cosigning): Proof[] {
  return watched.flatMap((one) => {
    const { logId, proof } = one
    one.proof = null
    return proof === null ? [] : [{ logId, claim: proof }]
  })
}

/** Whether a witness gave something that no turn has judged yet. */
export function hasProofs({ watched }: Cosigning): boolean {
  return watched.some(({ proof }) => proof !== null)
}

/** Whether each witness has cosigned this size, so long ago that a spoilt cosignature would be noticed, and none is being asked or has said anything else. */
export function isCosigned({ watched }: Cosigning, size: number, now: number): boolean {
  return watched.every(
    ({ cosigned, cosignedAt, running, proof, objection }) =>
      cosigned >= size && now - cosignedAt >= settled && running === null && proof === null && objection === null,
  )
}

/** Milliseconds until a witness is asked to cosign again what it has cosigned; Infinity: there is none. */
export function untilRenewal({ watched, renewAfter }: Cosigning, now: number): number {
  const due = watched.flatMap(({ cosigned, cosignedAt }) => (cosigned > 0 ? cosignedAt + renewAfter - now : []))
  return Math.max(0, Math.min(...due))
}

/** What the witnesses say against the log, without a proof; null if nothing. */
export function objectionsOf({ watched }: Pick<Cosigning, 'watched'>): string | null {
  const said = watched.flatMap(({ objection }) => objection ?? [])
  return said.length === 0 ? null : said.join(' ')
}

/** A signed checkpoint, to be cosigned. */
interface Signed extends Submission {
  readonly vkeys: string
  /** Of witnesses, as they are stored beside it; absent: it was signed just now. */
  readonly cosignatures?: Readonly<Record<string, string>> | null
}

/**
 * Asks each witness that has not cosigned the checkpoint yet, or long ago, and that may be asked again by now, and waits for those that answer in time. Later
 * cosignatures are stored when they come.
 */
export async function cosign(cosigning: Cosigning, logId: string, submission: Signed): Promise<void> {
  const asked = cosigning.watched.filter((one) => isDue(cosigning, one, logId, submission))
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

function isDue({ renewAfter, logger }: Cosigning, one: Watched, logId: string, submission: Signed): boolean {
  begin(one, logId)
  const now = performance.now()
  const isLost = isSpoilt(one, submission, now)
  const isMissing = one.cosigned < submission.size || now - one.cosignedAt >= renewAfter || isLost
  if (isLost && one.running === null) logger.error({ witness: one.witness.verifier.name }, spoilt)
  return one.running === null && isMissing && now >= one.notBefore
}

const spoilt =
  'the cosignature in the database, which was served, is not the one that this witness made, or is gone: it is asked again. Find out who changed it'

/** What was read before the cosignature came does not have it yet. */
function isSpoilt(one: Watched, { size, cosignatures }: Signed, now: number): boolean {
  if (one.cosigned !== size || one.lines === '' || !cosignatures || now - one.cosignedAt < settled) return false
  return cosignatures[nameOf(one)] !== one.lines
}

/** Milliseconds: longer than between reading the state of the log and asking its witnesses. */
const settled = 2_000

/** As the table of cosignatures has it. */
function nameOf({ witness: { verifier } }: Watched): string {
  return `${verifier.name}+${verifier.keyId.toString(16)}`
}

/** Another instance may have asked the witnesses meanwhile. */
export function forgetLines({ watched }: Cosigning): void {
  for (const one of watched) one.lines = ''
}

/** Nothing is known of another log than before. */
function begin(one: Watched, logId: string): void {
  if (one.logId !== logId) Object.assign(one, { logId, ...nothingCosigned, ...nothingSaid, notBefore: -Infinity })
}

async function attempt(cosigning: Cosigning, one: Watched, logId: string, submission: Signed): Promise<void> {
  const signal = AbortSignal.any([cosigning.stopping, AbortSignal.timeout(requestLimit)])
  const { witness } = one
  try {
    const result = await submit(cosigning.pool, witness, submission, one.cosigned, signal)
    if (result.outcome === 'cosigned') await store(cosigning, one, logId, submission.size, result)
    else {
      fail(cosigning, one, submission, result)
      if (result.outcome !== 'failed') await askForProof(cosigning, one, { logId, submission, result })
    }
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
  const text = lines.join('')
  await pool.query({ ...storeQuery, values: [logId, size, nameOf(one), text] })
  const cosignedAt = performance.now()
  Object.assign(one, {
    cosigned: size,
    lines: text,
    cosignedAt,
    time,
    failures: 0,
    ...nothingSaid,
    notBefore: -Infinity,
  })
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
  onFailure(name)
  logger.warn({ witness: name, size, failures: one.failures, ...result }, 'a witness did not cosign')
}

type Objecting = Extract<Submitted, { outcome: 'ahead' | 'forked' }>

interface Objected {
  readonly logId: string
  readonly submission: Signed
  readonly result: Objecting
}

/** An answer is not signed, and may be anybody's. The checkpoint that it cosigned last is its own word, and, with the log's signature, a proof. */
async function askForProof(
  { stopping, keys }: Cosigning,
  one: Watched,
  { logId, submission, result }: Objected,
): Promise<void> {
  const { name } = one.witness.verifier
  const { size, note, vkeys } = submission
  one.objection = objection(answered(name, size, result), { outcome: 'nothing' })
  const signal = AbortSignal.any([stopping, AbortSignal.timeout(requestLimit)])
  const told = await askWitness(one.witness, { origin: note.split('\n', 1)[0] as string, keys, vkeys }, signal)
  if (one.logId !== logId) return
  if (told.outcome === 'proof') one.proof = told.claim
  else one.objection = objection(answered(name, size, result), told)
}

function answered(name: string, size: number, result: Objecting): string {
  const what =
    result.outcome === 'ahead'
      ? `that it has cosigned a checkpoint of ${result.size} events`
      : 'that this does not continue what it cosigned before'
  return `The witness ${name} answers to the checkpoint of ${size} events ${what}.`
}

/** What a witness says against the log, and why that alone halts nothing. */
function objection(said: string, told: Exclude<Told, { outcome: 'proof' }>): string {
  const given =
    told.outcome === 'invented'
      ? `It gives a checkpoint of ${told.size} events with its own signature and none by a key of this log. No witness may cosign that, and anybody with its key can invent it`
      : 'It has given no checkpoint with its signature and the log’s that contradicts the log'
  return (
    `${said} ${given}, so this proves nothing: signing and recording go on. Ask its operator, and look at who is on the way to it. ` +
    'This clears by itself once it has cosigned again.'
  )
}

/** Milliseconds to ask what witnesses know, before the first signing. */
const askLimit = 1_000

/**
 * The checkpoints of a log that the witnesses say they cosigned last, as far as the log has signed them; witnesses that do not answer in time are
 * left out. What a witness has invented is an objection.
 */
export async function askAll(
  { watched, stopping, keys, logger }: Cosigning,
  { logId, ...log }: Omit<KnownLog, 'keys'> & { readonly logId: string },
): Promise<Claim[]> {
  const signal = AbortSignal.any([stopping, AbortSignal.timeout(askLimit)])
  const claims = watched.map(async (one) => {
    const told = await askWitness(one.witness, { ...log, keys }, signal)
    if (told.outcome === 'proof') return [told.claim]
    if (told.outcome === 'invented') {
      const { name } = one.witness.verifier
      begin(one, logId)
      one.objection = objection(`The witness ${name} was asked what it has cosigned.`, told)
      logger.warn({ witness: name, size: told.size }, one.objection)
    }
    return []
  })
  return (await Promise.all(claims)).flat()
}
