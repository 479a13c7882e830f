/** Abandoned requests do not keep running in the database. */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { eventually, openDatabase, processEnvironment, processKey, proposed, scriptOf } from '@commitments/test-kit'
import t from 'tap'

t.setTimeout(120_000)

t.test('while the lock of the log is held, appends are refused and leave no backends', async (t) => {
  const database = await openDatabase(t, { durable: true })
  const child = fork(scriptOf('command'), { env: processEnvironment(database.url), detached: true })
  t.teardown(() => child.kill('SIGKILL'))
  const [{ listening }] = (await once(child, 'message')) as [{ listening: string }]
  const holder = await database.pool().connect()
  await holder.query('BEGIN; LOCK TABLE log_lock IN EXCLUSIVE MODE')
  for (const round of [1, 2, 3, 4]) {
    const answer = await record(listening, `p${round}`)
    t.equal(answer.status, 503)
    t.match(await answer.json(), { code: 'unavailable' }, 'certainly not recorded')
    await eventually(async () => (await waiting()) === 0)
    t.pass(`after attempt ${round} nobody waits for the lock any more`)
  }
  await holder.query('ROLLBACK')
  holder.release()
  t.equal((await record(listening, 'p1')).status, 201, 'and it goes on when the lock is free')

  async function waiting(): Promise<number | undefined> {
    const { rows } = await database
      .pool()
      .query<{ count: number }>(`SELECT count(*) FROM pg_locks WHERE relation = 'log_lock'::regclass AND NOT granted`)
    return rows[0]?.count
  }
})

function record(url: string, proposalId: string): Promise<Response> {
  const headers = { authorization: `Bearer ${processKey}`, 'content-type': 'application/json' }
  return fetch(new URL(`/v1/proposals/${proposalId}/events`, url), {
    method: 'POST',
    headers,
    body: JSON.stringify(proposed()),
  })
}
