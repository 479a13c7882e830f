/** Two instances of each service of the last release are replaced by this one under load, one after the other, and put back. */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { migrate } from '@commitments/event-store'
import { checkReplay } from '@commitments/projection'
import { openDatabase, processEnvironment, scriptOf } from '@commitments/test-kit'
import t from 'tap'
import { lastRelease, writeRelease } from './upgrade/last-release.ts'
import { nothingFailed, replace, type Scripts, startOwnBalancer, startRolling } from './upgrade/rolling.ts'

t.setTimeout(900_000)

const release = lastRelease()
const skipUpgrade =
  release === null ? 'left out: the history of the repository is not here (git fetch --unshallow)' : false
t.test(
  'from the last release to this one and back, one instance after the other, no request fails',
  { skip: skipUpgrade },
  async (t) => {
    const folder = t.testdir()
    writeRelease(release as string, folder)
    const before: Scripts = (name) => join(folder, `services/${name}/src/main.ts`)
    const database = await openDatabase(t, { durable: true, migrated: false })
    const old = spawnSync(process.execPath, [join(folder, 'scripts/migrate.ts')], {
      env: { ...processEnvironment(database.url) },
      encoding: 'utf8',
    })
    t.equal(old.status, 0, old.stderr)
    const rolling = await startRolling(t, database.url, startOwnBalancer, before)
    const { applied } = await migrate(database.url, { ledger: database.ledger })
    t.comment(`from ${release}: ${applied.length} migrations under load`)
    // In the order of docs/operations.md, and back in the other one.
    const upgrade = rolling.all.toReversed()
    for (const { name, port } of upgrade) await replace(t, rolling, name, port, scriptOf)
    for (const { name, port } of rolling.all) await replace(t, rolling, name, port, before)
    await nothingFailed(t, rolling, database)
    const report = await checkReplay(database.pool(), 'Asia/Ho_Chi_Minh')
    t.match(report, { found: 0, events: rolling.load.recorded })
  },
)
