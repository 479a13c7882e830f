import { say } from '../terminal.ts'

/** One Ctrl-C can reach us twice, from the terminal and through npm: two signals within this time (milliseconds) are one. */
const oneGesture = 1_000

/** Milliseconds between two checks that npm is still running. */
const lookEvery = 250

/**
 * Aborts at the first signal to end, and when the npm that runs us is killed: nobody at the terminal could end us any more. At a later
 * signal, the process ends at once, and the processes that it started notice that.
 */
export function signalled(): AbortSignal {
  const controller = new AbortController()
  // The terminal may close before us; the remaining work does not depend on it.
  process.stdout.on('error', () => {})
  process.stderr.on('error', () => {})
  let first = 0
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(name, () => {
      first ||= Date.now()
      if (!controller.signal.aborted) end(controller, name)
      else if (Date.now() - first > oneGesture) process.exit(1)
    })
  }
  if (process.env['npm_lifecycle_event'] === 'start') watchParent(controller)
  return controller.signal
}

function end(controller: AbortController, reason: string): void {
  say(`Stopping (${reason}) …`)
  controller.abort()
}

/**
 * A process whose parent ends gets another parent. (Without npm, that is no reason to end: a shell may exit and leave its jobs running.)
 */
function watchParent(controller: AbortController): void {
  const npm = process.ppid
  const timer = setInterval(() => {
    if (process.ppid === npm) return
    clearInterval(timer)
    if (!controller.signal.aborted) end(controller, 'npm was killed')
  }, lookEvery)
  timer.unref()
}

/** Resolves when the signal is aborted. */
export async function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return
  const { promise, resolve } = Promise.withResolvers<void>()
  signal.addEventListener('abort', () => resolve(), { once: true })
  await promise
}
