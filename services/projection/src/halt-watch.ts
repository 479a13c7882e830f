/**
 * What is known against the log. Whoever signs, or compares its lines, writes that to the database; all other instances (those that stand by, that
 * do not sign, or that only read) learn it from there, because their readers need the alarm as much.
 */
import { type Follower, pause, runLoop } from '@commitments/event-store'
import type { Logger } from 'pino'
import type { Pulse } from './pulse.ts'

export interface HaltWatch {
  /** Whole sentences, as last read; null: nothing is known against the log. */
  halted(): string | null
  close(): Promise<void>
}

/** Milliseconds between two looks at a closed follower. */
const lookEvery = 1_000

/** Says once in the log of the service what the follower finds. While the database is away, what was known holds. */
export function watchHalts(follower: Pick<Follower<Pulse>, 'seen' | 'listener'>, logger: Logger): HaltWatch {
  const stop = new AbortController()
  const listener = follower.listener()
  const halted = () => follower.seen?.halt ?? null
  let said: string | null = null
  const turn = async () => {
    const found = halted()
    if (found !== null && said === null) logger.error(found)
    said = found
    if ((await listener.next(stop.signal)) === 'closed') await pause(lookEvery, stop.signal)
  }
  const running = runLoop({ turn, stopping: stop.signal, onFailure: () => undefined })
  return {
    halted,
    close: () => {
      stop.abort()
      return running
    },
  }
}
