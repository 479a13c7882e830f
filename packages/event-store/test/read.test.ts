import { appendEvents, readEvent, readHead, readKeys, readLog, readStream, readStreams } from '@commitments/event-store'
import { openDatabase } from '@commitments/test-kit'
import t from 'tap'
import { event, given, key } from './examples.ts'

t.test('reading', async (t) => {
  const database = await openDatabase(t)
  const pool = database.pool('projection')
  t.match(await readHead(pool), { logId: /^[0-9a-f-]{36}$/, position: 0, recordedAt: null }, 'an empty log ends at 0')
  t.same(await readLog(pool, { after: 0, limit: 10 }), [])

  const keyDigest = key()
  const command = database.pool('command')
  await given(command, 'a', 3)
  await given(command, 'b', 2)
  await appendEvents(command, [event('a', 4, { keyDigest })])

  t.test('the log is read after a position, in order, up to a limit', async (t) => {
    const rows = await readLog(pool, { after: 2, limit: 3 })
    t.match(rows, [
      { position: 3, proposalId: 'a', version: 3 },
      { position: 4, proposalId: 'b', version: 1 },
      { position: 5, proposalId: 'b', version: 2 },
    ])
    for (const row of rows) t.equal(JSON.parse(row.line).position, row.position)
  })

  t.test('many streams are read at once, each in the order of versions; missing ones are left out', async (t) => {
    const streams = await readStreams(pool, ['b', 'nowhere', 'a', 'b'])
    t.same([...streams.keys()].toSorted(), ['a', 'b'])
    t.same(streams.get('a')?.map(versionOf), [1, 2, 3, 4])
    t.same(streams.get('b')?.map(versionOf), [1, 2])
    t.equal((await readStreams(pool, [])).size, 0)
  })

  t.test('one stream is read after a version, up to a limit', async (t) => {
    t.same((await readStream(pool, 'a', { afterVersion: 1, limit: 2 })).map(versionOf), [2, 3])
    t.same(await readStream(pool, 'nowhere', { afterVersion: 0, limit: 2 }), [])
  })

  t.test('one event is read, or null', async (t) => {
    t.equal(versionOf((await readEvent(pool, 'b', 2)) ?? ''), 2)
    t.equal(await readEvent(pool, 'b', 3), null)
  })

  t.test('keys are found by their digest', async (t) => {
    const found = await readKeys(pool, [key(), keyDigest])
    t.same([...found.keys()], [keyDigest])
    t.equal(versionOf(found.get(keyDigest) ?? ''), 4)
    t.equal((await readKeys(pool, [])).size, 0)
  })
})

function versionOf(line: string): number {
  return JSON.parse(line).version
}
