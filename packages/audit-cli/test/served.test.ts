import { join } from 'node:path'
import { temporaryFolder } from '@commitments/test-kit'
import t from 'tap'
import { type Check, type Verdict, verify } from '../src/index.ts'
import { instantBefore } from '../src/served/sample.ts'
import { servedLog } from './served-log.ts'
import { startProjection } from './services.ts'

// As database superuser: each fault is in the data served in addition to the log, which is intact. It is found without kept data.

t.setTimeout(600_000)

const faults: Readonly<
  Record<string, { readonly sql: string; readonly found: readonly (Check['name'] | RegExp)[]; readonly says: RegExp }>
> = {
  'amounts of a status': {
    sql: `UPDATE proposal_status SET amounts = '{"committed":{"USD":"999000000"}}' WHERE proposal_id = 'jcm10'`,
    found: ['totals'],
    says: /served portfolio says money .*1099000000.* but the lines give/,
  },
  'the stage by which a list is narrowed': {
    sql: `UPDATE proposal_status SET labels = array_replace(labels, 'stage:' || stage, 'stage:delivered') WHERE stage <> 'delivered'`,
    found: ['narrowed', 'lists'],
    says: /the served portfolio says total \d+, but the lines give \d+ \(stage=\w+\)/,
  },
  'the text by which proposals are found': {
    sql: `UPDATE proposal_search SET search = 'nothing'`,
    found: ['lists'],
    says: /the served list q=[a-z0-9-]+ (?:does not find|has)/,
  },
  'amounts in the past': {
    sql: `UPDATE proposal_moments SET amounts = '{"committed":{"USD":"999000000"}}' WHERE proposal_id = 'jcm10'`,
    found: ['past'],
    says: /served portfolio says money .*1099000000/,
  },
  'a stage in the past': {
    sql: `UPDATE proposal_moments SET stage = 'delivered' WHERE known_to < 9007199254740991 OR valid_to < 'infinity'`,
    found: ['past'],
    says: /the served portfolio says byStage/,
  },
  'a past that is not there any more': {
    sql: `DELETE FROM proposal_moments WHERE proposal_id = 'lab'`,
    // A search for one of some ids, drawn at each run, comes first: it may be this one.
    found: [/^(past|lists)$/],
    says: /the served portfolio says total|the served list q=lab&.* does not find lab/,
  },
  'the time of a row': {
    sql: `UPDATE events SET recorded_at = recorded_at - interval '1 hour' WHERE position <= 40`,
    found: ['recorded'],
    says: /INVALID at position \d+ because .* the time in the row of this event, or of one beside it, is not the one in its line/,
  },
  'a tile of level 0': {
    sql: `UPDATE log_tiles SET hashes = overlay(hashes PLACING sha256('x') FROM 41 * 32 + 1) WHERE level = 0 AND index = 0`,
    found: ['tiles'],
    says: /INVALID at position 42 because tile 0\/0 holds another hash for it than its line has/,
  },
  'a tile of level 1': {
    sql: `UPDATE log_tiles SET hashes = overlay(hashes PLACING sha256('x') FROM 1) WHERE level = 1 AND index = 0`,
    found: ['tiles'],
    says: /INVALID at position 1 because tile 1\/0 holds another hash/,
  },
}

t.test('any change of the served data beside the lines is invalid, and the verdict names the wrong side', async (t) => {
  const audited = await servedLog(t)
  const pool = audited.database.pool()
  const memory = join(temporaryFolder(t), 'memory')
  const before = await startProjection(t, audited.database, null)
  t.match(await verify({ source: before.url, memory }), { outcome: /^valid$/ })
  await before.stop()
  for (const [name, { sql, found, says }] of Object.entries(faults)) {
    const { rowCount } = await pool.query(sql)
    t.ok(rowCount, name)
    const { url, stop } = await startProjection(t, audited.database, null)
    // With a memory of earlier checks, and without; the second time only what differs is asked for.
    for (const [kept, moments] of [
      [undefined, 12],
      [memory, /past/.test(String(found[0])) ? 12 : 0],
    ] as const) {
      const verdict = await verify({ source: url, moments, memory: kept })
      t.match(verdict, { outcome: 'invalid', sentence: says }, `${name}: ${verdict.sentence}`)
      t.match(brokenIn(verdict), found, name)
    }
    await stop()
    await audited.putBack()
  }
  const { url } = await startProjection(t, audited.database, null)
  const whole = await verify({ source: url })
  t.match(whole, { outcome: /^valid$/ }, whole.sentence)
  const looked = whole.checks.filter(({ finding }) => finding.outcome === 'held').map(({ name }) => name)
  for (const name of ['totals', 'lists', 'past', 'recorded', 'tiles'] as const) t.ok(looked.includes(name), name)
})

/** The failed checks other than that of the statuses, which also report some of these faults. */
function brokenIn({ checks }: Verdict): string[] {
  return checks.filter(({ name, finding }) => finding.outcome === 'broken' && name !== 'status').map(({ name }) => name)
}

t.test('the instant before another is a microsecond earlier', async (t) => {
  t.equal(instantBefore('2026-03-01T00:00:00.000000Z'), '2026-02-28T23:59:59.999999Z')
  t.equal(instantBefore('2026-03-01T00:00:00.123456Z'), '2026-03-01T00:00:00.123455Z')
})
