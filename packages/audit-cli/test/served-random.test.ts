import { searchRuns, searchSeed } from '@commitments/test-kit'
import type { Pool } from 'pg'
import t from 'tap'
import { verify } from '../src/index.ts'
import { servedLog } from './served-log.ts'
import { startProjection } from './services.ts'
import { drawFrom } from './tampering.ts'

// As served.test.ts, with changes that nobody has thought of.

t.setTimeout(1_800_000)

interface Change {
  readonly what: string
  readonly sql: string
}

interface Changeable {
  readonly proposals: readonly string[]
  /**
   * Positions whose time of recording is visible: of the events of one proposal that were recorded together, that of the first. Without it, the others
   * are not known at any moment.
   */
  readonly timed: readonly number[]
  readonly events: number
}

/** A change of one proposal's status, search text or past, of the time of one row, or of one hash of a tile. */
function changeOf(seed: number, { proposals, timed, events }: Changeable): Change {
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
  const position = timed[draw(timed.length)] as number
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

/** The service itself notices that something is wrong, and shows nothing that could be compared. */
const noticed = / is parked at position \d+, but here that event can be applied| answers 500/

t.test(`each of ${count} random changes of read models, past, columns and tiles is noticed`, async (t) => {
  const firstSeed = searchSeed(t)
  const audited = await servedLog(t)
  const pool = audited.database.pool()
  const changeable = await changeableOf(pool)
  for (let seed = firstSeed; seed < firstSeed + count; seed += 1) {
    const { what, sql } = changeOf(seed, changeable)
    t.ok((await pool.query(sql)).rowCount, what)
    const { url, stop } = await startProjection(t, audited.database, null)
    const { outcome, sentence } = await verify({ source: url })
    await stop()
    const isSeen = outcome === 'invalid' || (outcome === 'could-not-be-checked' && noticed.test(sentence))
    t.ok(isSeen, `seed ${seed}, ${what}: ${sentence}`)
    await audited.putBack()
  }
})

async function changeableOf(pool: Pool): Promise<Changeable> {
  const { rows } = await pool.query<{ proposal_id: string; position: number }>(
    `SELECT proposal_id, min(position) AS position FROM events GROUP BY proposal_id, recorded_at ORDER BY position`,
  )
  const { rows: last } = await pool.query<{ position: number }>('SELECT max(position) AS position FROM events')
  return {
    proposals: [...new Set(rows.map(({ proposal_id: id }) => id))],
    timed: rows.map(({ position }) => position),
    events: last[0]?.position ?? 0,
  }
}
