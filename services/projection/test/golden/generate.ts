/**
 * Generates read-model.json. It refuses if the rules give another result than before under the same `readModelVersion`: then running
 * services would take rows and tags of the old rules for those of the new ones.
 */
import { writeFileSync } from 'node:fs'
import { isDeepStrictEqual } from 'node:util'
import { goldenFile, makeGolden, readGolden } from './samples.ts'

const made = makeGolden()
const before = readGolden()
if (before.readModelVersion === made.readModelVersion && !isDeepStrictEqual(before, made)) {
  console.error(
    'The rules make another read model than before: raise readModelVersion in src/projections/rules.ts first.',
  )
  process.exitCode = 1
} else {
  writeFileSync(goldenFile, `${JSON.stringify(made, null, 2)}\n`)
}
