/** A service that is up before its ledger is filled: `npm start` says when it is. */
import type { Environment } from '../process/config.ts'
import type { Check } from './health.ts'

/** Set by `npm start` alone, for as long as the portfolio is not recorded and projected. */
export const heldVariable = 'READY_WHEN_TOLD'

/** What `npm start` sends to a service once its ledger is filled. */
export const filled = { filled: true } as const

/** The check that holds once the parent process has said so; none where nothing is to be waited for. */
export function heldReadiness(environment: Environment, parent: NodeJS.EventEmitter = process): Check[] {
  if (environment[heldVariable] !== 'yes') return []
  let isFilled = false
  parent.on('message', (message: unknown) => {
    if (typeof message === 'object' && message !== null && 'filled' in message) isFilled = true
  })
  const check = async () =>
    isFilled
      ? { ok: true, detail: 'the portfolio is recorded and projected' }
      : { ok: false, detail: 'npm start is recording the portfolio, or waits until it is projected' }
  return [{ name: 'portfolio', check }]
}
