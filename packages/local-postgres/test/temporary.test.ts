import { existsSync } from 'node:fs'
import { startTemporaryServer } from '@commitments/local-postgres'
import t from 'tap'
import { query } from './helper.ts'

t.test('a temporary server leaves nothing behind', async (t) => {
  const server = await startTemporaryServer({ settings: { max_connections: 17 } })
  t.same(await query(server.url, "SELECT current_setting('max_connections') m"), [{ m: '17' }])
  t.ok(existsSync(server.directory))
  await server.stop()
  t.notOk(existsSync(server.directory))
})

t.test('a temporary server comes back after a crash with the committed data', async (t) => {
  const server = await startTemporaryServer()
  t.after(() => server.stop())
  await query(server.url, 'CREATE TABLE kept AS SELECT 1 AS n')
  await server.kill()
  await server.restart()
  t.same(await query(server.url, 'SELECT n FROM kept'), [{ n: 1 }])
})
