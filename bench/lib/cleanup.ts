/** What must be closed before this process ends, however it ends: the newest first, like a stack. */
const closers: (() => unknown)[] = []

let ending = false

/** Whether a signal has begun to close everything: later failures are caused by that. */
export function isEnding(): boolean {
  return ending
}

/** Registers `close` for `endAll`. Returns a function that calls it now, and never again. */
export function onEnd(close: () => unknown): () => Promise<void> {
  closers.push(close)
  return async () => {
    const at = closers.lastIndexOf(close)
    if (at === -1) return
    closers.splice(at, 1)
    await close()
  }
}

/** Closes everything that is still open. A failed close is reported and does not keep the others from closing. */
export async function endAll(): Promise<void> {
  for (let close = closers.pop(); close; close = closers.pop()) {
    try {
      await close()
    } catch (error) {
      console.error(`While closing: ${error instanceof Error ? error.message : String(error)}`)
    }
  }
}

/** On Ctrl-C and SIGTERM, closes everything and exits with the code that shells expect; a second signal does not wait. */
export function endOnSignals(): void {
  for (const [signal, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const) {
    process.once(signal, () => {
      ending = true
      console.error(`\n${signal}: closing what was started`)
      process.once(signal, () => process.exit(code))
      void endAll().finally(() => process.exit(code))
    })
  }
}
