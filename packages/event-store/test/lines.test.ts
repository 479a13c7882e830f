import { spliceLine } from '@commitments/domain'
import { appendEvents, clockChecks, clockSkew, readEvent, readHead, readLog } from '@commitments/event-store'
import { openDatabase } from '@commitments/test-kit'
import t from 'tap'
import { event, given } from './examples.ts'

const texts = {
  'line separators': 'a\u2028b\u2029c\u0085d',
  quotes: '"double" \'single\' $1 $$ %s',
  backslashes: '\\ \\\\ \\n \\u0041 \\.',
  'control characters': '\u0001\u0002\b\f\n\r\t\u007f',
  'characters outside of the first plane': '😀 𝔘 👩‍👩‍👧 𠜎',
  'composed and decomposed letters': 'Việt Việt 한국 한국',
  'null words': 'NULL null ""',
}

t.test('a line equals the domain’s line, byte by byte', async (t) => {
  const pool = (await openDatabase(t)).pool('command')
  for (const [name, text] of Object.entries(texts)) {
    const odd = event(name.replaceAll(' ', '-'), 1, {}, { text, [`${text} `]: [text] })
    const { proposalId, rest } = odd
    const [appended] = await appendEvents(pool, [odd])
    if (appended?.outcome !== 'appended') {
      t.fail(`${name} was not appended`)
      return
    }
    const line = await readEvent(pool, proposalId, 1)
    t.equal(line, spliceLine(appended.position, appended.recordedAt, rest), name)
    t.equal(JSON.parse(line ?? '').text, text)
  }
})

t.test('recordedAt has microseconds, and is the same in the answer, the line and the head', async (t) => {
  const pool = (await openDatabase(t)).pool('command')
  const [appended] = await given(pool, 'a', 1)
  if (appended?.outcome !== 'appended') {
    t.fail('not appended')
    return
  }
  t.match(appended.recordedAt, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/)
  t.equal(JSON.parse((await readEvent(pool, 'a', 1)) ?? '').recordedAt, appended.recordedAt)
  t.match(await readHead(pool), { position: 1, recordedAt: appended.recordedAt })
})

t.test('recordedAt never goes back, even after a head from the future, and the skew is reported', async (t) => {
  const database = await openDatabase(t)
  const pool = database.pool('command')
  t.equal(await clockSkew(pool), 0, 'an empty log is not ahead')
  await database.pool().query(
    `INSERT INTO events (position, proposal_id, version, event_id, recorded_at, line)
     VALUES (1, 'future', 1, gen_random_uuid(), '2999-01-01T00:00:00.000123Z', '{}')`,
  )
  t.ok((await clockSkew(pool)) > 5)
  const [appended] = await given(pool, 'now', 1)
  t.match(appended, { outcome: 'appended', position: 2, recordedAt: '2999-01-01T00:00:00.000123Z' })
})

t.test(
  'a head more than five seconds ahead of the clock is an alarm that says what is recorded meanwhile',
  async (t) => {
    const database = await openDatabase(t)
    const [first] = clockChecks(database.pool('command'), { machineAhead: () => 0 })
    const check = async () => ({ isAlarm: first?.isAlarm, ...(await first?.check()) })
    const headAhead = (position: number, ahead: string) =>
      database.pool().query(
        `INSERT INTO events (position, proposal_id, version, event_id, recorded_at, line)
       VALUES ($1::bigint, 'future', $1::bigint, gen_random_uuid(), clock_timestamp() + $2::interval, '{}')`,
        [position, ahead],
      )
    t.match(await check(), { isAlarm: true, ok: true })
    await headAhead(1, '4 seconds')
    t.match(await check(), { ok: true })
    await headAhead(2, '1 hour')
    t.match(await check(), { ok: false, detail: /the newest event is 3[56]\d\d\.\d s ahead of the database clock/ })
  },
)

t.test('after a head in the past the time is that of the clock, and the skew is negative', async (t) => {
  const pool = (await openDatabase(t)).pool('command')
  await given(pool, 'a', 1)
  const skew = await clockSkew(pool)
  t.ok(skew <= 0 && skew > -60, String(skew))
  const [first, second] = await readLog(pool, { after: 0, limit: 2 })
  t.ok(first)
  t.notOk(second)
})
