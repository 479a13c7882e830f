import { globSync, watch } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Service } from './supervisor.ts'

/** Milliseconds. An editor writes a file in several steps, and a change of branch writes hundreds of them. */
const quiet = 200

/**
 * Restarts the services whenever a source below `packages/` or `services/` changes (`npm run dev`). A service finishes what it accepted before it
 * ends; the supervisor starts it again, and again until its sources are in order.
 *
 * @returns ends the watching.
 */
export function restartOnChange(root: string, services: readonly Service[], say: (line: string) => void): () => void {
  let changes = 0
  const changed = async (file: string | null) => {
    if (!file?.endsWith('.ts')) return
    changes += 1
    const seen = changes
    await sleep(quiet)
    if (seen !== changes) return
    say(`${file} changed: restarting the services …`)
    for (const service of services) service.restart()
  }
  const watchers = globSync('{packages,services}/*/src', { cwd: root }).map((folder) =>
    watch(join(root, folder), { recursive: true }, (_event, file) => void changed(file)),
  )
  return () => {
    for (const watcher of watchers) watcher.close()
  }
}
