import { say } from '../terminal.ts'

/** One Ctrl-C can reach us twice, from the terminal and through npm: so close together, two signals are one, in milliseconds. */
const oneGesture = 1_000

/** How often we look whether npm is still there, in milliseconds. */
const lookEvery = 250

/**
 * Aborts at the first signal to end, and when the npm that runs us is killed: nobody could end us any more from where we were started.
 * At a later signal the process ends at once, and what it started notices that it is gone.
 */
export function signalled(): AbortSignal {
  const controller = new AbortController()
  // The terminal may go away before us; nothing that is left to do depends on it.
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

/** A process whose parent ends gets another one. (Without npm that is no reason to end: a shell may go and leave its jobs running.) */
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
