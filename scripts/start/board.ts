import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

/**
 * Builds the board where its sources have changed, in a process of its own: the compiler goes when it is done. False where that failed; why is on the
 * terminal then.
 */
export async function buildBoard(root: string): Promise<boolean> {
  const child = spawn(process.execPath, [join(root, 'packages/board/build.ts')], {
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  const [status] = (await once(child, 'exit')) as [number | null]
  return status === 0
}
