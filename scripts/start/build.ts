import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

/**
 * Builds what the projection service serves to browsers and auditors, if its sources have changed, in a separate process, so that the
 * compiler's memory is freed. False if that failed; the reason is on the terminal.
 */
export async function buildServed(root: string): Promise<boolean> {
  const child = spawn(process.execPath, [join(root, 'scripts/build.ts')], {
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  const [status] = (await once(child, 'exit')) as [number | null]
  return status === 0
}
