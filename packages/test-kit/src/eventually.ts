import { setTimeout as sleep } from 'node:timers/promises'

interface EventuallyOptions {
  /** Milliseconds after which it gives up. This is generous: on a busy machine a test may be late, and a passing one does not wait. */
  within?: number
  /** Milliseconds between two attempts. */
  every?: number
}

/**
 * Tries until `attempt` neither throws nor returns `false` or `null`, and returns its value. (A function that only asserts returns
 * `undefined`, which counts as done.) After `within`, it throws with the last failure as the cause.
 *
 * @example const status = await eventually(async () => (await read()).version === 3)
 */
export async function eventually<Value>(
  attempt: () => Value | Promise<Value>,
  { within = 5_000, every = 20 }: EventuallyOptions = {},
): Promise<Exclude<Value, false | null>> {
  const until = Date.now() + within
  for (;;) {
    const tried = await tryOnce(attempt)
    if (tried.done) return tried.value as Exclude<Value, false | null>
    if (Date.now() >= until) throw new Error(`Not within ${within} ms: ${tried.reason}`, { cause: tried.cause })
    await sleep(every)
  }
}

type Tried<Value> = { done: true; value: Value } | { done: false; reason: string; cause?: unknown }

async function tryOnce<Value>(attempt: () => Value | Promise<Value>): Promise<Tried<Value>> {
  try {
    const value = await attempt()
    if (value !== false && value !== null) return { done: true, value }
    return { done: false, reason: `the last try gave ${String(value)}` }
  } catch (cause) {
    return { done: false, reason: cause instanceof Error ? cause.message : String(cause), cause }
  }
}
