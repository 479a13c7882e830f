import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { acceptRestore, openPool, readLogIdentity, serviceName, setHalt } from '@commitments/event-store'
import { eventually, openDatabase, proposed } from '@commitments/test-kit'
import t from 'tap'
import { bearer, openApps } from './support/apps.ts'

t.setTimeout(120_000)

const script = join(import.meta.dirname, '../scripts/accept-restore.ts')

async function run(url: string, ...given: string[]) {
  const child = spawn(process.execPath, [script, ...given], { env: { ...process.env, DATABASE_URL: url } })
  const [said, remarked, [status]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')])
  return { status, said, remarked }
}

t.test('a restore is not accepted while a service of the ledger runs, unless that is asked for', async (t) => {
  const database = await openDatabase(t)
  const pool = database.pool()
  const before = await readLogIdentity(pool)
  t.match(await run(database.url), { status: 78, remarked: /give the reason/ })
  t.match(await run(database.url, '--reason', ' '), { status: 78 })
  const role = 'projection'
  const service = openPool(database.url, {
    ledger: database.ledger,
    role,
    max: 2,
    applicationName: serviceName(database.ledger, role),
  })
  const other = openPool(database.url, {
    ledger: 'commitments',
    max: 1,
    applicationName: serviceName('other', 'command'),
  })
  t.teardown(() => other.end())
  await Promise.all([
    service.query('SELECT pg_sleep(0.1)'),
    service.query('SELECT pg_sleep(0.1)'),
    other.query('SELECT'),
  ])
  const refused = await run(database.url, '--reason', 'restored')
  t.match(refused, {
    status: 1,
    remarked: /services of the ledger commitments run:\n.*commitments projection\/commitments \(.*connections: 2\)/,
  })
  t.notMatch(refused.remarked, /other/, 'that of another ledger is left alone')
  t.same(await readLogIdentity(pool), before)
  t.match(await run(database.url, '--reason', 'restored', '--while-running'), { status: 0, said: /is .* now/ })
  await service.end()
  t.match(await run(database.url, '--reason', 'restored again'), { status: 0 })
  t.equal((await readLogIdentity(pool)).generation, before.generation + 2)
})

t.test(
  'both services notice an accepted restore by themselves, and what was known against the old log ends',
  async (t) => {
    const { database, command, projection, applied } = await openApps(t)
    const headers = { authorization: bearer('all') }
    const record = (id: string) =>
      command.inject({ method: 'POST', url: `/v1/proposals/${id}/events`, headers, payload: proposed() })
    const recorded = await record('lab')
    t.equal(recorded.statusCode, 201)
    await applied(1)
    const owner = database.pool()
    // In its first turn a signer takes away the halt of another one, since it has looked at everything itself. The turn ends with the timeline.
    await eventually(async () => {
      const { rows } = await owner.query('SELECT timeline FROM log_tree')
      return typeof rows[0]?.timeline === 'string'
    })
    // Of a signer: the comparison of lines would find nothing wrong, and take its own away.
    await setHalt(owner, 'signer', 'The log lacks what was signed of it.')
    t.equal((await record('lab-2')).statusCode, 503)
    const isReady = async () => (await command.inject({ url: '/health/ready', headers })).statusCode === 200
    await eventually(async () => !(await isReady()))
    const { logId } = await acceptRestore(owner, 'the backup of Sunday was right')
    await eventually(isReady)
    let number = 2
    await eventually(async () => (await record(`lab-${++number}`)).headers['log-id'] === logId)
    await eventually(async () => {
      const status = await projection.inject({ url: `/v1/proposals/lab-${number}`, headers })
      const { body } = await projection.inject({ url: `/log/${logId}/checkpoint`, headers })
      return status.headers['log-id'] === logId && body.split('\n')[0]?.endsWith(logId) === true
    })
    // What is known against the log is read twice a second.
    await eventually(async () => {
      const { checks } = (await projection.inject({ url: '/health/ready', headers })).json()
      return checks.find(({ name }: { name: string }) => name === 'transparency-log').ok === true
    })
  },
)
