import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import t from 'tap'
import { commandFlags, projectionFlags, rebuildFlags } from '../scripts/start/node-flags.ts'

const read = (file: string) => readFileSync(new URL(`../${file}`, import.meta.url), 'utf8')

t.test('the images and `npm run rebuild` start Node with the flags of npm start', async (t) => {
  const dockerfile = read('Dockerfile')
  const begin = (flags: readonly string[], script: string) => `CMD ${JSON.stringify(['node', ...flags, script])}`
  const spaced = (command: string) => command.replaceAll(',', ', ')
  t.ok(dockerfile.includes(spaced(begin(commandFlags, 'services/command/src/main.ts'))), 'command')
  t.ok(dockerfile.includes(spaced(begin(projectionFlags, 'services/projection/src/main.ts'))), 'projection')
  const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> }
  t.equal(scripts.rebuild, `exec node ${rebuildFlags.join(' ')} scripts/rebuild.ts`)
})

t.test('this Node accepts the flags without a warning', async (t) => {
  for (const flags of [commandFlags, projectionFlags, rebuildFlags]) {
    const { status, stdout, stderr } = spawnSync(process.execPath, [...flags, '-p', '6 * 7'], { encoding: 'utf8' })
    t.same({ status, stdout, stderr }, { status: 0, stdout: '42\n', stderr: '' }, flags.join(' '))
  }
})
