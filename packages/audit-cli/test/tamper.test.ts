import { join } from 'node:path'
import { proposed, searchRuns, searchSeed, temporaryFolder } from '@commitments/test-kit'
import { signingFor } from '@commitments/test-kit/services'
import t, { type Test } from 'tap'
import { verify } from '../src/index.ts'
import { type Audited, openAudited, recordPortfolio, servedCheckpoint, startProjection } from './services.ts'
import { putBack, takeTriggersOff, tamper, tamperingOf, tamperings } from './tampering.ts'

// As database superuser, with the triggers off: every tampering changes rows of a real log whose tree was built and signed before, and
// `verify` runs as for an auditor, over HTTP, but within this process. Afterwards the rows are put back. The tested service only serves:
// one that signs could take a row that was moved behind the end for a new event, and would sign it.

t.setTimeout(600_000)

const count = searchRuns(200, 1_000)

/** A signed log of some more than 256 events, so that its tiles have two levels, and the last tile of level 0 is partial. */
async function signedLog(t: Test, signing = signingFor(t)): Promise<Audited & { lines: string[] }> {
  const audited = await openAudited(t, signing)
  let size = await recordPortfolio(audited)
  for (const number of [1, 2, 3]) size = (await audited.client.recordEvent(`lab-${number}`, proposed())).position
  await audited.signed(size)
  const { rows } = await audited.database.pool().query('SELECT line FROM events ORDER BY position')
  await audited.stop()
  const { url } = await startProjection(t, audited.database, null)
  return { ...audited, url, lines: rows.map(({ line }) => line) }
}

t.test(`verify names the first bad position of each of ${count} random tamperings`, async (t) => {
  const firstSeed = searchSeed(t)
  const { database, url, lines } = await signedLog(t)
  const memory = join(temporaryFolder(t), 'memory')
  t.match(await verify({ source: url, status: false, memory }), { outcome: /^valid$/ })
  const pool = database.pool()
  await takeTriggersOff(pool)
  const seen = new Set<string>()
  for (let seed = firstSeed; seed < firstSeed + count; seed += 1) {
    const tampering = tamperingOf(seed, lines)
    seen.add(tampering.what.split(':')[0] as string)
    await tamper(pool, tampering)
    // With kept data and without: the served tiles are enough unless somebody rebuilt them.
    const verdict = await verify({ source: url, status: false, memory: seed % 2 === 0 ? memory : undefined })
    if (verdict.outcome !== 'invalid' || verdict.position !== tampering.first)
      t.fail(`seed ${seed}, ${tampering.what}: not ${tampering.first}, but ${verdict.sentence}`)
    await putBack(pool)
  }
  t.same([...seen].toSorted(), tamperings.toSorted(), 'every kind of tampering was among them')
  t.match(
    await verify({ source: url, status: false, memory }),
    { outcome: /^valid$/ },
    'and as it was put back it is valid',
  )
  t.equal((await servedCheckpoint(url)).checkpoint.size, lines.length, 'nothing was signed meanwhile')
})
