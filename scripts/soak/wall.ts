/** `npm run soak -- wall [minutes]`. */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { Misused } from '../command.ts'

const root = join(import.meta.dirname, '../..')

/** Runs the test of the wall's memory for longer. @returns the exit status */
export function soakWall([minutesText = '120']: readonly string[]): number {
  const minutes = Number(minutesText)
  if (!(minutes > 0)) throw new Misused(`${minutesText} is not a number of minutes.`)
  const { status } = spawnSync(
    process.execPath,
    [join(root, 'scripts/test.mjs'), 'packages/board/test/wall-memory.test.ts'],
    { cwd: root, stdio: 'inherit', env: { ...process.env, SOAK_MINUTES: String(minutes) } },
  )
  return status === 0 ? 0 : 2
}
