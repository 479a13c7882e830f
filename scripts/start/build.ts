import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

/**
 * Builds what the projection service serves to browsers and auditors, where its sources have changed, in a process of its own: the compiler goes when it
 * is done. False where that failed; why is on the terminal then.
 */
export async function buildServed(root: string): Promise<boolean> {
  const child = spawn(process.execPath, [join(root, 'scripts/build.ts')], {
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  const [status] = (await once(child, 'exit')) as [number | null]
  return status === 0
}
