import { spawnSync } from 'node:child_process'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { refuseOldNode } from './node-version.mjs'

// npm run soak [-- --minutes 30]: what depends on chance and on timing, again and again, each round with seeds of its own: crashes in the
// middle of a load, fuzzing at twenty times the usual length, random histories, races. Ends with the first round that fails (its output
// names the seed) or when the time is over.

refuseOldNode()
const root = dirname(dirname(fileURLToPath(import.meta.url)))
const { values } = parseArgs({ options: { minutes: { type: 'string', default: '30' } } })
const until = Date.now() + Number(values.minutes) * 60_000
const files = [
  'tests/crash.test.ts',
  'tests/fuzz.test.ts',
  'tests/terminate.test.ts',
  'services/command/test/races.test.ts',
  'services/projection/test/projector.test.ts',
]

let rounds = 0
do {
  rounds += 1
  console.log(`Round ${rounds}`)
  const environment = { ...process.env, FUZZ_FACTOR: '20' }
  // The files wait for their own limits; a long round is what was asked for.
  const parameters = [join(root, 'scripts/test.mjs'), '--timeout=3600', ...files]
  const { status } = spawnSync(process.execPath, parameters, { cwd: root, stdio: 'inherit', env: environment })
  if (status !== 0) process.exit(1)
} while (Date.now() < until)
console.log(`${rounds} rounds, and nothing failed.`)
