import { setTimeout as sleep } from 'node:timers/promises'

/** Milliseconds for the first checkpoint, which is signed as soon as the service runs. */
const patience = 5_000

/**
 * The key for verifying the checkpoints of this ledger, in C2SP form; null if none was signed in time (readiness says why). While a key is
 * being replaced there are two; the first is the current one.
 */
export async function readVerifierKey(projection: string, secret: string, signal: AbortSignal): Promise<string | null> {
  const until = performance.now() + patience
  const headers = { authorization: `Bearer ${secret}` }
  while (performance.now() < until) {
    const answer = await fetch(`${projection}/log/vkey`, { headers, signal })
    const text = await answer.text()
    if (answer.ok) return text.split('\n', 1)[0] ?? null
    await sleep(100, undefined, { signal })
  }
  return null
}
