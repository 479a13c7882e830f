import {
  type Appended,
  appendEvents,
  appendNothing,
  classifyFault,
  type EventToAppend,
  haltedState,
  lostState,
  movedState,
  readKeys,
  readLogState,
  readStreams,
  sqlState,
  withTimeout,
} from '@commitments/event-store'
import { inTurns } from '@commitments/http-kit/slices'
import type { Pool, PoolClient } from 'pg'
import { isWaiting, type KnownLog, learn, noteNewest, unknownLog, usualConfirmation } from './known-log.ts'
import { Halted, Unavailable } from './requests.ts'

/** The recorder's view of the log. */
export interface Log {
  /** What this service knows of it; each look and each append adds to that. */
  readonly known: KnownLog
  /**
   * One call of append_events. It is refused (`lostState`, `movedState`) where the log is not the one that is known.
   *
   * @throws NotSent if there was no connection: certainly nothing was recorded
   * @throws the driver's errors otherwise; `classifyFault` says what each one means
   */
  append(events: readonly EventToAppend[], options?: AppendOptions): Promise<Appended[]>
  /**
   * Every line of each stream, in order of version; a proposal that does not exist has no entry.
   *
   * @throws Unavailable, like every read
   */
  readStreams(proposalIds: readonly string[]): Promise<Map<string, string[]>>
  /** The recorded line of each known key, by its digest. */
  readKeys(digests: readonly string[]): Promise<Map<string, string>>
  /**
   * One piece of work with the database that is no append, such as an erasure.
   *
   * @throws NotSent if there was no connection, and the driver's errors
   */
  with<Result>(work: (client: PoolClient) => Promise<Result>): Promise<Result>
  /**
   * Looks at its identity, its server and its end.
   *
   * @throws Unavailable
   */
  look(): Promise<void>
  /**
   * Passes if events may be recorded, by what is known; looks first if the last look is a second ago, or was not good.
   *
   * @throws Halted if the log has lost events, or something is known against it, and nobody has decided yet; Unavailable if the log cannot be read, or if the signer has still to
   * show that it continues what was signed
   */
  assertOpen(): Promise<void>
  /** The first append that got no answer since the last that got one; null if the last one got one. */
  readonly unanswered: Unanswered | null
  /**
   * Finds out whether the log takes writes, without writing. If it does, nothing is unanswered any more.
   *
   * @throws NotSent, and the driver's errors
   */
  probe(): Promise<void>
}

interface Unanswered {
  /** On the clock of `performance`. */
  readonly since: number
  readonly cause: unknown
}

interface AppendOptions {
  readonly allOrNone?: boolean
  /** Milliseconds that this attempt may take; the log also has its own limit. */
  readonly withinMs?: number
}

/** There was no connection, so nothing was sent. */
export class NotSent extends Error {
  override readonly name = 'NotSent'
}

export interface LogTimeouts {
  /** How long one attempt may take before its connection is abandoned and the batch sent again over another. */
  readonly tryMs: number
  readonly readMs: number
  /** How long the signer is waited for on another server or timeline. */
  readonly confirmMs?: number
}

/** Two attempts fit into the ten seconds for which a batch is sent again. */
const defaultTimeouts: LogTimeouts = { tryMs: 4_000, readMs: 4_000 }

/** An accepted restore, and another server, are noticed within a second, also by a service whose connections outlive them. */
const lookEveryMs = 1_000

/** The log behind a pool of connections to Postgres. */
export function openLog(pool: Pool, timeouts: LogTimeouts = defaultTimeouts): Log {
  const known = unknownLog()
  const { confirmMs = usualConfirmation } = timeouts
  const read = async <Result>(work: (client: PoolClient) => Promise<Result>): Promise<Result> => {
    try {
      return await withConnection(pool, timeouts.readMs, work)
    } catch (cause) {
      throw new Unavailable('the log cannot be read', { cause })
    }
  }
  let unanswered: Unanswered | null = null
  /** Refusals of the content, and of a log that is halted or another one than was known, are answers too. */
  const noting = async <Result>(work: Promise<Result>): Promise<Result> => {
    try {
      const result = await work
      unanswered = null
      return result
    } catch (cause) {
      const isAnswer = classifyFault(cause) === 'content' || answerStates.has(sqlState(cause) ?? '')
      unanswered = isAnswer ? null : { since: unanswered?.since ?? performance.now(), cause }
      throw cause
    }
  }
  const look = async () => {
    const asked = known.newest
    const state = await read((client) =>
      readLogState(client, { position: asked?.position ?? null, logId: known.logId || null }),
    )
    learn(known, asked, state, performance.now())
  }
  return {
    known,
    get unanswered() {
      return unanswered
    },
    look,
    async assertOpen() {
      const { lookedAt, lost, halt, waitingSince } = known
      const isGood = lost === null && halt === null && waitingSince === null
      if (!isGood || performance.now() - lookedAt >= lookEveryMs) await look()
      const against = known.lost ?? known.halt
      if (against !== null) throw new Halted(against)
      if (isWaiting(known, confirmMs, performance.now())) throw new Unavailable(unconfirmed)
    },
    async append(events, { allOrNone = false, withinMs = timeouts.tryMs } = {}) {
      const limit = Math.min(withinMs, timeouts.tryMs)
      const options = { allOrNone, known, inTurns }
      const outcomes = await noting(withConnection(pool, limit, (client) => appendEvents(client, events, options)))
      noteAppended(known, events, outcomes)
      return outcomes
    },
    probe: () => noting(withConnection(pool, timeouts.tryMs, appendNothing)),
    with: (work) => withConnection(pool, timeouts.tryMs, work),
    readStreams: (proposalIds) => read((client) => readStreams(client, proposalIds)),
    readKeys: async (digests) => (digests.length === 0 ? new Map() : read((client) => readKeys(client, digests))),
  }
}

/** With these the database says that it has recorded nothing, and why. */
const answerStates: ReadonlySet<string> = new Set([haltedState, lostState, movedState])

const unconfirmed =
  'the database is another server, or was promoted, recovered or restored, and the signer has not shown yet that the log continues what was signed'

function noteAppended(known: KnownLog, events: readonly EventToAppend[], outcomes: readonly Appended[]): void {
  for (const [index, outcome] of outcomes.entries()) {
    const { eventId } = events[index] as EventToAppend
    if (outcome.outcome === 'appended' || outcome.outcome === 'repeated')
      noteNewest(known, { position: outcome.position, eventId })
  }
}

/**
 * Runs one piece of work on its own connection. If the work fails or takes too long, the connection is closed and never used again: a late
 * answer must not be taken for the next one's. The statement itself is not cancelled, because cancelling a commit that waits for its
 * standby would report success for something that the standby does not have.
 */
async function withConnection<Result>(
  pool: Pool,
  limitMs: number,
  work: (client: PoolClient) => Promise<Result>,
): Promise<Result> {
  const began = performance.now()
  const client = await connectWithin(pool, limitMs)
  try {
    const result = await withTimeout(limitMs - (performance.now() - began), work(client))
    client.release()
    return result
  } catch (error) {
    client.release(true)
    throw error
  }
}

/** @throws NotSent */
async function connectWithin(pool: Pool, limitMs: number): Promise<PoolClient> {
  const connecting = pool.connect()
  try {
    return await withTimeout(limitMs, connecting)
  } catch (cause) {
    // If it still arrives, return it to the pool.
    connecting.then((client) => client.release()).catch(() => {})
    throw new NotSent('no connection to the database', { cause })
  }
}
