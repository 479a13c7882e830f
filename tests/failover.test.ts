/** Nothing rests on a past that was lost. */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { migrate } from '@commitments/event-store'
import { type LocalServer, startTemporaryServer } from '@commitments/local-postgres'
import {
  agreed,
  copyAsStandby,
  eventually,
  example,
  processEnvironment,
  processKey,
  promote,
  proposed,
  scriptOf,
} from '@commitments/test-kit'
import t, { type Test } from 'tap'

t.setTimeout(120_000)

t.test('after a failover that lost a tail, no event rests on a state that never was', async (t) => {
  const primary = await startTemporaryServer()
  t.after(() => primary.stop())
  await migrate(primary.url, { ledger: 'commitments' })
  const first = await startCommand(t, primary)
  t.equal((await first.record('x', proposed())).status, 201)
  const standby = await copyAsStandby(t, primary)
  const knowing = await startCommand(t, primary, standby)
  // Recorded after replication was cut, and known to this service alone.
  t.equal((await knowing.record('x', agreed())).status, 201)
  await primary.kill()
  await promote(standby)
  const other = await startCommand(t, standby)
  t.equal((await other.record('x', example('ended', { ending: 'withdrawn' }))).status, 201)
  await eventually(async () => (await knowing.record('y', proposed())).status === 201, { within: 30_000 })
  const answer = await knowing.record('x', example('funded'))
  t.equal(answer.status, 409, 'it is decided on the events that are there')
  t.match(await answer.json(), { code: 'ended' })
})

interface Command {
  record(proposalId: string, body: object): Promise<Response>
}

async function startCommand(t: Test, ...servers: [LocalServer, ...LocalServer[]]): Promise<Command> {
  const own = new URL(servers[0].url)
  const hosts = servers.map(({ port }) => `127.0.0.1:${port}`).join(',')
  const url = `postgres://${own.username}:${own.password}@${hosts}/postgres?target_session_attrs=read-write`
  const child = fork(scriptOf('command'), { env: processEnvironment(url) })
  t.teardown(() => child.kill('SIGKILL'))
  const [{ listening }] = (await once(child, 'message')) as [{ listening: string }]
  const headers = { authorization: `Bearer ${processKey}`, 'content-type': 'application/json' }
  return {
    record: (proposalId, body) =>
      fetch(`${listening}/v1/proposals/${proposalId}/events`, { method: 'POST', headers, body: JSON.stringify(body) }),
  }
}
