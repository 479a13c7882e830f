/**
 * Scenario 25 of trusted event stores: "Erase a subject: payload unrecoverable from tables, exports and read models; all proofs still verify;
 * replay still works."
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { exportLog, exportTiles, verify } from '@commitments/audit-cli'
import { eventually, example, temporaryFolder } from '@commitments/test-kit'
import { leafHash, leafOfLine } from '@commitments/transparency'
import t from 'tap'
import { answersWithSecret, keys, open, recordSubject, secret, tablesWithSecret } from './erasure/support.ts'

t.setTimeout(300_000)

t.test(
  'scenario 25: erase a subject, and it is in no table and no answer; all proofs verify, and replay works',
  async (t) => {
    const opened = await open(t)
    const { database, client, projection, erase, settled, url } = opened
    const positions = await recordSubject(opened)
    await settled()
    // A generation that is kept for going back holds the texts too.
    for (const name of ['proposal-status', 'proposal-moments']) {
      await fetch(`${url}/v1/projections/${name}/rebuild`, {
        method: 'POST',
        headers: { authorization: `Bearer ${keys.first}` },
      })
      await eventually(
        async () => {
          const { projections } = (await projection.get('/v1/projections')).json()
          const one = projections.find((each: { name: string }) => each.name === name)
          if (one.rebuilding || one.generations.length < 2) throw new Error('rebuilding')
        },
        { within: 30_000 },
      )
    }
    const before = await settled()
    t.not((await tablesWithSecret(database)).length, 0, 'the secret is there before')
    const [folder, memory] = [temporaryFolder(t), join(temporaryFolder(t), 'memory')]
    await exportTiles({ source: url, folder, apiKey: keys.second, rate: 1000 })
    t.match(await verify({ source: url, memory, apiKey: keys.second }), { outcome: /^valid$/ })
    const statusBefore = await projection.get('/v1/proposals/lab', { authorization: `Bearer ${keys.second}` })
    const linesBefore = (await database.pool().query<{ line: string }>('SELECT line FROM events ORDER BY position'))
      .rows

    t.match(await erase(positions), {
      status: 200,
      body: { state: 'erased', proposedBy: 'key:first', approvedBy: 'key:second' },
    })
    const size = await settled()
    t.equal(size, before + 2, 'one event for each proposal')

    t.same(await tablesWithSecret(database), [])
    const { asked, found } = await answersWithSecret(opened, size)
    t.ok(asked > 100, `${asked} answers`)
    t.same(found, [])

    const { rows } = await database
      .pool()
      .query<{ position: number; line: string }>('SELECT position, line FROM events ORDER BY position')
    for (const { position } of positions.map((position) => ({ position }))) {
      const line = rows[position - 1]?.line ?? ''
      t.ok(line.startsWith(`{"position":${position},"erased":{"by":"`))
      t.ok(leafOfLine(Buffer.from(line)).equals(leafHash(Buffer.from(linesBefore[position - 1]?.line ?? ''))))
    }
    const verdict = await verify({ source: url, memory, apiKey: keys.second })
    t.match(
      verdict,
      { outcome: /^valid$/, sentence: /except the texts of 5 of them, which were erased as the log says/ },
      verdict.sentence,
    )
    t.match(verdict.checks.find(({ name }) => name === 'erased')?.finding, {
      outcome: 'held',
      sentence: /positions 1, 2, 4, 5, 8/,
    })
    // The lines alone, without the service.
    const file = join(temporaryFolder(t), 'log')
    await exportLog({ source: url, file, apiKey: keys.second })
    t.match(await verify({ source: file }), { outcome: /^valid$/, sentence: /except the texts of 5/ })
    t.notOk(readFileSync(file, 'utf8').includes(secret))
    const statusAfter = await projection.get('/v1/proposals/lab', { authorization: `Bearer ${keys.second}` })
    t.not(statusAfter.headers.etag, statusBefore.headers.etag)
    const [was, is] = [statusBefore.json(), statusAfter.json()]
    t.same(is.money, was.money)
    t.equal(is.stage, was.stage)
    t.match(is, { title: { en: '█', vi: '█' }, summary: { en: '█' } })
    // Files for a CDN are written again.
    await exportTiles({ source: url, folder, apiKey: keys.second, rate: 1000 })
    const texts = readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => readFileSync(join(entry.parentPath, entry.name)).toString('latin1'))
    t.notOk(texts.some((text) => text.includes(secret)))
    // What was taken out may be said anew, without the subject.
    await client.recordEvent('lab', example('updated', { title: { en: 'Laboratory' } }))
    await settled()
    t.match((await projection.get('/v1/proposals/lab', { authorization: `Bearer ${keys.second}` })).json(), {
      title: { en: 'Laboratory' },
    })
    // A rebuild finds no difference.
    for (const name of ['proposal-status', 'proposal-moments']) {
      await fetch(`${url}/v1/projections/${name}/rebuild`, {
        method: 'POST',
        headers: { authorization: `Bearer ${keys.first}` },
      })
      await eventually(
        async () => {
          const { projections } = (await projection.get('/v1/projections')).json()
          const one = projections.find((each: { name: string }) => each.name === name)
          const waiting = one.generations.find(({ state }: { state: string }) => state === 'building')
          if (waiting?.phase === 'differs') t.fail(`${name} differs`)
          if (one.rebuilding || one.generations.length < 2) throw new Error('rebuilding')
        },
        { within: 30_000 },
      )
    }
    t.same(await tablesWithSecret(database), [])
  },
)
