import { say } from './terminal.ts'

/** How often we look whether npm is still there, in milliseconds. */
const lookEvery = 250

/**
 * Aborts at the first signal to end, and when the npm that runs us is killed: nobody could end us any more from where we were started.
 * At the second signal the process ends at once, and what it started notices that it is gone.
 */
export function signalled(): AbortSignal {
  const controller = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => interrupted(controller, name))
  if (process.env['npm_lifecycle_event'] === 'start') watchParent(controller)
  return controller.signal
}

function interrupted(controller: AbortController, name: NodeJS.Signals): void {
  if (controller.signal.aborted) process.exit(1)
  end(controller, name)
}

function end(controller: AbortController, reason: string): void {
  // The terminal may be gone; what is left to do does not depend on it.
  process.stdout.on('error', () => {})
  process.stderr.on('error', () => {})
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
