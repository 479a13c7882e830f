/** A copy of a ledger that has the key of the original does not sign before an operator has decided. */
import { randomBytes } from 'node:crypto'
import { acceptMove, acceptRestore, appendEvents, openPool } from '@commitments/event-store'
import { proposed } from '@commitments/test-kit'
import { signingFor } from '@commitments/test-kit/services'
import { Client } from 'pg'
import t, { type Test } from 'tap'
import type { Signing } from '../../src/transparency/signing.ts'
import { type Ledger, openLedger, toAppend } from '../support.ts'
import { type Keeping, recordMany, servedCheckpoint, startKeeping } from './support.ts'

t.setTimeout(120_000)

const publicUrl = 'https://log.example'

interface Original {
  readonly ledger: Ledger
  readonly signing: Signing
  readonly origin: string
}

/** Five events, signed; nothing runs. */
async function original(t: Test, parts: Partial<Signing> = { publicUrl }): Promise<Original> {
  const ledger = await openLedger(t)
  const signing = signingFor(t, parts)
  const service = await startKeeping(t, ledger, signing)
  await recordMany(ledger, 1, 5)
  const { origin } = await service.signedAt(5)
  await service.stop()
  return { ledger, signing, origin }
}

/** Another database with all that is in the first, as a restored dump has it. */
async function copyOf(t: Test, { database }: Ledger): Promise<Ledger> {
  const url = new URL(database.url)
  const [from, to] = [url.pathname.slice(1), `copy_${randomBytes(8).toString('hex')}`]
  url.pathname = '/postgres'
  const admin = new Client({ connectionString: url.href })
  await admin.connect()
  await admin.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1', [from])
  await admin.query(`CREATE DATABASE ${to} TEMPLATE ${from}`)
  await admin.end()
  url.pathname = `/${to}`
  const pool = openPool(url.href, { ledger: database.ledger, max: 4 })
  t.after(() => pool.end())
  const record = async (proposalId: string) => {
    const [outcome] = await appendEvents(pool, [toAppend(proposalId, 1, proposed())])
    if (outcome?.outcome !== 'appended') throw new Error(JSON.stringify(outcome))
    return outcome.position
  }
  return { database: { ...database, url: url.href }, pool, record } as unknown as Ledger
}

const isCopy =
  /Nothing is signed: The log log\.example\/ledger\/\S+ was signed elsewhere so far: this is another database .*LOG_SIGNER=no.*accept-move.*accept-restore/

async function metricOf(service: Keeping): Promise<string> {
  return (await service.get('/metrics')).body
}

t.test(
  'a copy with the key, the origin and what is kept of the original signs nothing, and the original goes on',
  async (t) => {
    const { ledger, signing } = await original(t)
    const copy = await copyOf(t, ledger)
    const staging = await startKeeping(t, copy, signing)
    await staging.untilReady(false, isCopy)
    t.match(await metricOf(staging), /^log_signing_refused\{code="deployment-differs"\} 1$/m)
    t.equal(await copy.record('tried', proposed()), 6, 'what is tried there is recorded')
    await staging.untilReady(false, isCopy)
    t.equal((await servedCheckpoint(staging)).size, 5)
    const service = await startKeeping(t, ledger, signing)
    await recordMany(ledger, 6, 7)
    await service.signedAt(7)
  },
)

t.test('a copy with a key, an origin and a log of its own signs without being asked', async (t) => {
  const { ledger } = await original(t)
  const copy = await copyOf(t, ledger)
  const service = await startKeeping(t, copy, signingFor(t, { origin: 'staging.example/ledger' }))
  await service.untilReady(false, /kept one that would confirm it is missing/)
  await acceptRestore(copy.pool, 'a copy for trying')
  t.match((await service.signedAt(5)).origin, /^staging\.example\/ledger\//)
  await service.untilReady(true)
})

t.test('a ledger that moved as a whole is signed after the move was accepted, and the reason stays', async (t) => {
  const { ledger, signing, origin } = await original(t)
  const moved = await copyOf(t, ledger)
  const service = await startKeeping(t, moved, signing)
  await service.untilReady(false, isCopy)
  t.same(await acceptMove(moved.pool, 'upgraded'), [{ origin }])
  await moved.record('after', proposed())
  t.equal((await service.signedAt(6)).origin, origin)
  const { rows } = await moved.pool.query('SELECT reason, public_url AS url FROM log_deployments ORDER BY recorded_at')
  t.same(rows, [
    { reason: 'It was signed here first.', url: publicUrl },
    { reason: 'upgraded', url: null },
    { reason: 'PUBLIC_URL is known now.', url: publicUrl },
  ])
  for (const statement of [
    "UPDATE log_deployments SET reason = 'x'",
    'DELETE FROM log_deployments',
    'TRUNCATE log_deployments',
  ])
    await t.rejects(moved.pool.query(statement), { code: '23001' })
  const before = await startKeeping(t, ledger, signing)
  await before.untilReady(false, /accept-restore/)
})

t.test('a copy that was accepted as a restore is another log, and is signed under its own origin', async (t) => {
  const { ledger, signing, origin } = await original(t)
  const copy = await copyOf(t, ledger)
  await acceptRestore(copy.pool, 'restored from the backup')
  const service = await startKeeping(t, copy, signing)
  t.not((await service.signedAt(5)).origin, origin)
})

t.test('the same database with another PUBLIC_URL is asked about; one that had none so far takes it on', async (t) => {
  const { ledger, signing } = await original(t, {})
  const named = await startKeeping(t, ledger, { ...signing, publicUrl })
  await recordMany(ledger, 6, 6)
  await named.signedAt(6)
  await named.stop()
  for (const other of ['https://staging.example', null]) {
    const service = await startKeeping(t, ledger, { ...signing, publicUrl: other })
    await service.untilReady(false, new RegExp(`PUBLIC_URL is ${other ?? 'not set'} here, and was https://log.example`))
    await service.stop()
  }
  await acceptMove(ledger.pool, 'the address changed')
  const renamed = await startKeeping(t, ledger, { ...signing, publicUrl: 'https://new.example' })
  await recordMany(ledger, 7, 7)
  await renamed.signedAt(7)
})

t.test('another cluster and a schema that was made anew are told apart too', async (t) => {
  const { ledger, signing } = await original(t)
  await ledger.pool.query('ALTER TABLE log_deployments DISABLE TRIGGER ALL')
  for (const [change, words] of [
    ["system = '1'", /another Postgres cluster \(system identifier \d{10,}, and not 1\)/],
    [`system = (this_deployment()).system, schema = 1`, /this schema was made anew in the same database/],
  ] as const) {
    await ledger.pool.query(`UPDATE log_deployments SET ${change}`)
    const service = await startKeeping(t, ledger, signing)
    await service.untilReady(false, words)
    await service.stop()
  }
})

t.test('what is known against the log itself is said first, because it stops the recording', async (t) => {
  const { ledger, signing } = await original(t)
  const copy = await copyOf(t, ledger)
  const service = await startKeeping(t, ledger, signing)
  await recordMany(ledger, 6, 7)
  await service.signedAt(7)
  const staging = await startKeeping(t, copy, signing)
  await staging.untilReady(false, /7 events was signed.*ends at position 5.*accept-restore/)
})
