import { randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { appendEvents, classifyFault, type EventToAppend, migrationsFolder, readLog } from '@commitments/event-store'
import { openDatabase } from '@commitments/test-kit'
import type { Client } from 'pg'
import t from 'tap'
import { event, given, outcomes, restOf, run } from './examples.ts'

const database = await openDatabase(t)
const command = database.pool('command')
await given(command, 'whole', 2)

/** An event whose line has `rest`, which differs from its columns. */
function saying(rest: (of: { eventId: string; proposalId: string; version: number }) => string): EventToAppend {
  const columns = { eventId: randomUUID(), proposalId: 'lines', version: 1 }
  return { ...columns, keyDigest: null, restsOn: [], rest: rest(columns) }
}

const lies: Record<string, EventToAppend> = {
  garbage: saying(() => 'this is not json at all'),
  'nothing at all': saying(() => ''),
  'a line that closes the feed and begins an event of its own': saying(
    () =>
      `"a":1},"correctedBy":[],"retractedBy":null},{"event":{"position":999999,"type":"agreed","proposalId":"vkist"}`,
  ),
  'the same behind a sound beginning': saying(
    (of) => `${restOf(of).slice(0, -1)}},"correctedBy":[],"retractedBy":null},{"event":{"position":999999}`,
  ),
  'JSON that goes on after its end': saying((of) => `${restOf(of)} {}`),
  'a raw carriage return between members': saying((of) => restOf(of, { data: {} }).replace(',"data"', ',\r"data"')),
  'a raw carriage return in a text': saying((of) => restOf(of, { note: 'a b' }).replace('a b', 'a\rb')),
  'a raw tabulator between members': saying((of) => restOf(of, { data: {} }).replace(',"data"', ',\t"data"')),
  'a raw escape character in a text': saying((of) => restOf(of, { note: 'a b' }).replace('a b', 'a\u001bb')),
  'the line of another proposal': saying((of) => restOf({ ...of, proposalId: 'whole' })),
  'another version': saying((of) => restOf({ ...of, version: 2 })),
  'another event id': saying((of) => restOf({ ...of, eventId: randomUUID() })),
  'a version of text': saying((of) => restOf(of).replace('"version":1', '"version":"1"')),
  'a position of its own': saying((of) => restOf(of, { position: 999_999 })),
  'a time of its own': saying((of) => restOf(of, { recordedAt: '2000-01-01T00:00:00.000000Z' })),
  'a second proposalId, which a parser would take for the right one': saying((of) =>
    restOf(of, { x: 1 }).replace('"x":1', '"proposalId":"whole"'),
  ),
  'a type twice': saying((of) => restOf(of, { x: 1 }).replace('"x":1', '"type":"agreed"')),
  'no type': saying((of) => restOf(of).replace(',"type":"noted"', '')),
  'a nonce of another length': saying((of) => restOf(of).replace('AAAA"', '"')),
  'a proposalId that is no slug': event('No Slug', 1),
  'a proposalId that ends with a hyphen': event('lab-', 1),
  'a proposalId of 81 characters': event('a'.repeat(81), 1),
  'U+0000 in a text, which no column of ours could hold': event('nul', 1, {}, { note: 'a\0b' }),
  'a proposalId that would match others': event('l%', 1),
}

for (const [name, lie] of Object.entries(lies)) {
  t.test(`append_events refuses ${name}, and records nothing of its batch`, async (t) => {
    const batch = [event('beside', 1), lie]
    const refusal: unknown = await appendEvents(command, batch).catch((error: unknown) => error)
    t.match(refusal, { code: '22000' })
    t.equal(classifyFault(refusal), 'content', 'the recorder finds the offending one and tells its caller of a fault')
    t.notMatch((refusal as Error).message, /lines|whole/, 'the message quotes nothing')
  })
}

t.test('after all that the log is whole, and every line of it is one JSON object', async (t) => {
  const rows = await readLog(database.pool(), { after: 0, limit: 100 })
  t.same(
    rows.map(({ line }) => JSON.parse(line).proposalId),
    ['whole', 'whole'],
  )
})

t.test('every version, number of digits and length of a slug is accepted', async (t) => {
  const long = `a${'-b'.repeat(39)}c`
  t.equal(long.length, 80)
  for (const proposalId of ['a', '0', 'a-b', long]) {
    t.same(new Set(outcomes(await appendEvents(command, run(proposalId, 1, 11)))), new Set(['appended']), proposalId)
  }
})

t.test('a login that can connect cannot hold the log, neither by its table nor by an advisory lock', async (t) => {
  for (const role of ['projection', 'command'] as const) {
    const client = await database.client(role)
    await client.query('BEGIN')
    await client.query(`SELECT pg_advisory_xact_lock(hashtextextended('commitments', 0))`)
    t.match(outcomes(await appendEvents(command, [event(`beside-${role}`)])), ['appended'])
    for (const mode of ['ACCESS SHARE', 'ROW EXCLUSIVE', 'EXCLUSIVE', 'ACCESS EXCLUSIVE']) {
      await client.query('SAVEPOINT here')
      await t.rejects(client.query(`LOCK TABLE log_lock IN ${mode} MODE`), { code: '42501' }, `${role}: ${mode}`)
      await client.query('ROLLBACK TO here')
    }
    await client.query('ROLLBACK')
  }
})

t.test('append_events refuses a session that does not flush its commits', async (t) => {
  const client = await database.client('command')
  const { rows } = await client.query<{ fsync: string }>('SHOW fsync')
  await client.query('SET synchronous_commit = off')
  const appended = appendEvents(client, [event('unflushed')])
  // A server that flushes nothing keeps nothing anyway: it is for tests, and no service starts on it.
  if (rows[0]?.fsync === 'off') return t.match(outcomes(await appended), ['appended'])
  const refusal: unknown = await appended.catch((error: unknown) => error)
  t.match(refusal, { code: '55000', message: /synchronous_commit/ })
  return t.equal(classifyFault(refusal), 'not-recorded')
})

t.test(
  'a running append of the old function is waited for, and a later one never mixes with the new function',
  async (t) => {
    const old = await openDatabase(t, { migrated: false, durable: true })
    const before = await old.client()
    await migrateUnguarded(before)
    const first = await old.client('command')
    await first.query('BEGIN')
    t.match(await appendByOldRelease(first, event('first')), ['appended'])
    const waiting = appendByOldRelease(await old.client('command'), event('second')).catch(classifyFault)
    const migration = applyOne(before, '0013_guarded_log')
    await first.query('COMMIT')
    await migration
    const third = await appendByOldRelease(await old.client('command'), event('third')).catch(classifyFault)
    const outcome = [await waiting, third]
    for (const one of outcome) t.ok(one === 'not-recorded' || one[0] === 'appended', String(one))
    const lines = (await readLog(old.pool(), { after: 0, limit: 10 })).map(({ line }) => JSON.parse(line))
    t.same(
      lines.map(({ position }) => position),
      [1, 2, 3].slice(0, lines.length),
    )
    t.equal(lines.length, 1 + outcome.filter((one) => one !== 'not-recorded').length)
  },
)

/** The call of a release from before the migration `0025_follows`. */
async function appendByOldRelease(
  client: Client,
  { proposalId, version, eventId, rest }: EventToAppend,
): Promise<string[]> {
  const { rows } = await client.query<{ outcome: string }>(
    `SELECT outcome FROM append_events(ARRAY[$1], '{1}', ARRAY[$2::integer], ARRAY[$3::uuid], '{NULL}', $4, '{}', '{}', '{}', false)`,
    [proposalId, version, eventId, rest],
  )
  return rows.map(({ outcome }) => outcome)
}

/** The log of a ledger from before the migration `0013_guarded_log`. */
async function migrateUnguarded(client: Client): Promise<void> {
  await client.query('CREATE SCHEMA commitments; CREATE TABLE kysely_migration (name text)')
  for (const name of ['0001_events', '0002_append_events', '0003_append_only']) await applyOne(client, name)
}

async function applyOne(client: Client, name: string): Promise<void> {
  await client.query(await readFile(join(migrationsFolder, `${name}.sql`), 'utf8'))
}

t.end()
