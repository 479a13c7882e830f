import type { RecorderState } from './state.ts'

/** Which log the recorder writes to, as last read. */
export interface KnownIdentity {
  logId: string
  /** On the clock of `performance`. */
  readAt: number
}

/** An accepted restore is seen within a second, also by a service whose connections outlive it. */
const readEveryMs = 1_000

/**
 * Looks whether the log is still the one that we know. After an accepted restore it is not: then everything in memory is about events
 * that may never have been.
 *
 * @throws Unavailable where the log cannot be read
 */
export async function checkIdentity({ log, cache, identity }: RecorderState): Promise<void> {
  if (performance.now() - identity.readAt < readEveryMs) return
  const logId = await log.readIdentity()
  if (logId !== identity.logId) cache.clear()
  identity.logId = logId
  identity.readAt = performance.now()
}
