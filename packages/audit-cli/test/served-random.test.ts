import { searchRuns, searchSeed } from '@commitments/test-kit'
import t from 'tap'
import { verify } from '../src/index.ts'
import { servedLog } from './served-log.ts'
import { startProjection } from './services.ts'
import { drawFrom } from './tampering.ts'

// As served.test.ts, with changes that nobody has thought of.

t.setTimeout(600_000)

interface Change {
  readonly what: string
  readonly sql: string
}

/** A change of one proposal's status, search text or past, of the time of one row, or of one hash of a tile. */
function changeOf(seed: number, proposals: readonly string[], events: number): Change {
  const draw = drawFrom(seed)
  const id = proposals[draw(proposals.length)] as string
  const other = (column: string, one: string, two: string) =>
    `${column} = CASE ${column} WHEN '${one}' THEN '${two}' ELSE '${one}' END`
  const anyOf = (...changes: string[]) => changes[draw(changes.length)] as string
  const ofProposal = (table: string, change: string): Change => ({
    what: `${table} of ${id}: ${change}`,
    sql: `UPDATE ${table} SET ${change} WHERE proposal_id = '${id}'`,
  })
  const money = `amounts = '{"committed":{"USD":"${draw(1_000_000) + 1}"}}'`
  const stage = other('stage', 'delivered', 'proposed')
  const position = draw(events) + 1
  const index = draw(events)
  return [
    () =>
      ofProposal(
        'proposal_status',
        anyOf(money, `version = version + 1`, `state = overlay(state PLACING '9' FROM 30)`),
      ),
    () => ofProposal('proposal_search', `search = 'nothing'`),
    () => ofProposal('proposal_moments', anyOf(money, stage, other('kind', 'forum', 'training'))),
    () => ({
      what: `recorded_at of ${position}`,
      sql: `UPDATE events SET recorded_at = recorded_at - interval '${draw(1_000_000) + 1} microseconds' WHERE position = ${position}`,
    }),
    () => ({
      what: `hash ${index} of the tiles of level 0`,
      sql: `UPDATE log_tiles SET hashes = overlay(hashes PLACING sha256('${seed}') FROM ${index % 256} * 32 + 1)
             WHERE level = 0 AND index = ${Math.floor(index / 256)}`,
    }),
  ][draw(5)]?.() as Change
}

const count = searchRuns(8, 200)

t.test(`each of ${count} random changes of read models, past, columns and tiles is invalid`, async (t) => {
  const firstSeed = searchSeed(t)
  const audited = await servedLog(t)
  const pool = audited.database.pool()
  const { rows } = await pool.query<{ proposal_id: string; position: number }>(
    'SELECT proposal_id, max(position) AS position FROM events GROUP BY proposal_id ORDER BY proposal_id',
  )
  const proposals = rows.map(({ proposal_id: id }) => id)
  const size = Math.max(...rows.map(({ position }) => position))
  for (let seed = firstSeed; seed < firstSeed + count; seed += 1) {
    const { what, sql } = changeOf(seed, proposals, size)
    t.ok((await pool.query(sql)).rowCount, what)
    const { url, stop } = await startProjection(t, audited.database, null)
    const { outcome, sentence } = await verify({ source: url })
    await stop()
    t.equal(outcome, 'invalid', `seed ${seed}, ${what}: ${sentence}`)
    await audited.putBack()
  }
})
