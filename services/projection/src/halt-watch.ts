/**
 * What is known against the log. Whoever signs, or compares its lines, writes that to the database; all other instances (those that stand by, that
 * do not sign, or that only read) learn it from there, because their readers need the alarm as much.
 */
import { pause, readHalt, runLoop, withTimeout } from '@commitments/event-store'
import type { Pool } from 'pg'
import type { Logger } from 'pino'

export interface HaltWatch {
  /** Whole sentences, as last read; null: nothing is known against the log. */
  halted(): string | null
  close(): Promise<void>
}

/** Milliseconds between two looks. */
const lookEvery = 1_000
const lookLimit = 4_000

export function watchHalts(pool: Pool, logger: Logger): HaltWatch {
  const stop = new AbortController()
  let detail: string | null = null
  const turn = async () => {
    const found = await withTimeout(lookLimit, readHalt(pool))
    if (found !== null && detail === null) logger.error(found)
    detail = found
    await pause(lookEvery, stop.signal)
  }
  // Whoever needs the database says that it is away; what was known holds meanwhile.
  const running = runLoop({ turn, stopping: stop.signal, onFailure: () => undefined })
  return {
    halted: () => detail,
    close: () => {
      stop.abort()
      return running
    },
  }
}
