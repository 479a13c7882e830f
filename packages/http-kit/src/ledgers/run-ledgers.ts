/** The ledgers of one process, each of which starts, fails and is tried again by itself. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { FastifyInstance } from 'fastify'
import type { Logger } from 'pino'
import { createTurns, inTurn, type Turns } from '../event-loop/turns.ts'
import type { Check, CheckResult } from '../operations/health.ts'
import { ConfigError } from '../process/config.ts'

/** A ledger that is served. */
export interface OpenLedger {
  readonly app: FastifyInstance
  /** Closes all that it has opened. Call it when the app takes no more requests. */
  close(): Promise<void>
}

interface LedgerToRun {
  readonly name: string
  readonly logger: Logger
  /** Starts it; if that fails, nothing of it stays open. */
  open(): Promise<OpenLedger>
  /** Says what an error means, as a sentence for the operator; null if it does not know. */
  explain(error: unknown): string | null
}

export interface RunningLedger {
  readonly ledger: LedgerToRun
  /** Null until it is started. */
  running: OpenLedger | null
  /** Why it could not be started last; null: nobody knows yet, or it was. */
  fault: string | null
  /** What the last round found; null before that. */
  found: Found | null
}

interface Found extends CheckResult {
  readonly ready: boolean
}

export interface RunningLedgers {
  readonly all: readonly RunningLedger[]
  /** Ends all of them, also those that are being started. */
  close(): Promise<void>
}

/** Milliseconds until a ledger that could not be started is tried again; longer after each failure. */
const rests = { first: 1_000, longest: 30_000 }

/** Starting takes the one thread for a tenth of a second and more, and what is served already should not feel it. */
const startsAtOnce = 1

/**
 * Milliseconds between two rounds over the ledgers for the health of the process. A look takes some connections of a ledger, which are closed when
 * they are idle for ten seconds.
 */
const lookEvery = 30_000

/** Begins to start all of them. One that cannot be started leaves the others alone, and is tried until it can. */
export function runLedgers(ledgers: readonly LedgerToRun[]): RunningLedgers {
  const stop = new AbortController()
  const turns = createTurns(startsAtOnce)
  const all = ledgers.map((ledger): RunningLedger => ({ ledger, running: null, fault: null, found: null }))
  const starting = [...all.map((one) => keepStarting(one, turns, stop.signal)), keepLooking(all, stop.signal)]
  return {
    all,
    close: async () => {
      stop.abort()
      await Promise.all(starting)
      await Promise.all(all.map(closeLedger))
    },
  }
}

async function keepStarting(one: RunningLedger, turns: Turns, stopping: AbortSignal): Promise<void> {
  for (let rest = rests.first; !stopping.aborted; rest = Math.min(rest * 2, rests.longest)) {
    await inTurn(turns, async () => {
      if (!stopping.aborted) await tryToStart(one)
    })
    if (one.running !== null) return
    await sleep(rest, undefined, { signal: stopping }).catch(() => undefined)
  }
}

async function tryToStart(one: RunningLedger): Promise<void> {
  const { ledger } = one
  try {
    const running = await ledger.open()
    one.found = await judge(running)
    one.running = running
    one.fault = null
    ledger.logger.info('the ledger is served')
  } catch (error) {
    const fault = faultOf(ledger, error)
    // One that lasts is said once.
    if (fault !== one.fault) ledger.logger.error({ err: error }, `the ledger cannot be served: ${fault}`)
    one.fault = fault
  }
}

function faultOf(ledger: LedgerToRun, error: unknown): string {
  if (error instanceof ConfigError || (error instanceof Error && error.name === 'LedgerUnusable')) return error.message
  return ledger.explain(error) ?? 'it failed with an error that the service does not expect; the log has it'
}

async function closeLedger({ running }: RunningLedger): Promise<void> {
  await running?.app.close()
  await running?.close()
}

/** One ledger after the other: all at once would take connections for each, whenever somebody asks how the process is. */
async function keepLooking(all: readonly RunningLedger[], stopping: AbortSignal): Promise<void> {
  while (!stopping.aborted) {
    for (const one of all) if (one.running !== null && !stopping.aborted) one.found = await judge(one.running)
    await sleep(lookEvery, undefined, { signal: stopping }).catch(() => undefined)
  }
}

/**
 * For `/health/ready` of the process, from what the last round over them found. It is ready once every ledger was tried and one of them is ready: a ledger that is broken must not take the
 * others away. Each ledger is an alarm of its own, whose name only those learn who may read.
 */
export function ledgerChecks({ all }: RunningLedgers): Check[] {
  return [
    { name: 'ledgers', check: async () => judgeAll(all) },
    ...all.map(
      (one): Check => ({
        name: `ledger ${one.ledger.name}`,
        isAlarm: true,
        isNamed: 'to-readers',
        check: async () => one.found ?? { ok: false, detail: one.fault ?? 'it has not been started yet' },
      }),
    ),
  ]
}

function judgeAll(all: readonly RunningLedger[]): CheckResult {
  const waiting = all.filter(({ running, fault }) => running === null && fault === null).length
  if (waiting > 0) return { ok: false, detail: `${waiting} of ${all.length} ledgers have not been started yet` }
  const ready = all.filter(({ found }) => found?.ready).length
  return { ok: ready > 0, detail: `${ready} of ${all.length} ledgers are ready` }
}

async function judge({ app }: OpenLedger): Promise<Found> {
  const { ready, failing } = await app.readiness()
  const what =
    failing.length === 0 ? '' : `; what does not hold: ${failing.join(', ')} (its own /health/ready says why)`
  return { ready, ok: ready && failing.length === 0, detail: `${ready ? 'ready' : 'not ready'}${what}` }
}
