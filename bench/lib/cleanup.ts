/** What must happen before this process ends, however it ends: the newest first, like a stack. */
const closers: (() => unknown)[] = []

let ending = false

/** Whether a signal has begun to close everything: what fails from now on fails because of that. */
export function isEnding(): boolean {
  return ending
}

/** Has `close` called by `endAll`. Returns a function that calls it now, and then not again. */
export function onEnd(close: () => unknown): () => Promise<void> {
  closers.push(close)
  return async () => {
    const at = closers.lastIndexOf(close)
    if (at === -1) return
    closers.splice(at, 1)
    await close()
  }
}

/** Closes all that is still open. A close that fails is told and does not keep the others from closing. */
export async function endAll(): Promise<void> {
  for (let close = closers.pop(); close; close = closers.pop()) {
    try {
      await close()
    } catch (error) {
      console.error(`While closing: ${error instanceof Error ? error.message : String(error)}`)
    }
  }
}

/** Ctrl-C and SIGTERM close everything and end with the code that shells expect; the second one does not wait. */
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
