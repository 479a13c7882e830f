import { globSync, watch } from 'node:fs'
import { basename, dirname, extname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { buildServed } from './build.ts'
import type { Service } from './supervisor.ts'

/** Milliseconds. An editor writes a file in several steps, and a change of branch writes hundreds of files. */
const quiet = 200

/** File types of the sources of services, board and auditor's command. */
const sources = new Set(['.ts', '.tsx', '.css', '.svg'])

interface Services {
  readonly command: Service
  readonly projection: Service
}

/**
 * Restarts the services whenever a source below `packages/` or `services/` changes (`npm run dev`), and builds board and auditor's command before.
 * After a change of these alone, only the projection service restarts, which serves them. A service finishes what it accepted before it
 * ends; the supervisor starts it again, and repeats that until its sources have no errors.
 *
 * @returns a function that ends the watching.
 */
export function restartOnChange(
  root: string,
  { command, projection }: Services,
  say: (line: string) => void,
): () => void {
  let changes = 0
  const houses = new Set<string>()
  const changed = async (house: string, file: string | null) => {
    if (file === null || !sources.has(extname(file))) return
    houses.add(house)
    changes += 1
    const seen = changes
    await sleep(quiet)
    if (seen !== changes) return
    const isServedOnly = [...houses].every((one) => one === 'board' || one === 'audit-cli')
    houses.clear()
    if (!(await buildServed(root)))
      say('Board and auditor’s command could not be built (see above) and stay as they were.')
    say(`${file} changed: restarting the ${isServedOnly ? 'projection service' : 'services'} …`)
    for (const service of isServedOnly ? [projection] : [command, projection]) service.restart()
  }
  const watchers = globSync('{packages,services}/*/src', { cwd: root }).map((folder) => {
    const house = basename(dirname(folder))
    return watch(join(root, folder), { recursive: true }, (_event, file) => void changed(house, file))
  })
  return () => {
    for (const watcher of watchers) watcher.close()
  }
}
