import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { haltedState, readLogIdentity } from '@commitments/event-store'
import { eventually, proposed, startWitness, type TestWitness, temporaryFolder } from '@commitments/test-kit'
import { newKey, signingFor } from '@commitments/test-kit/services'
import { openCosignatures } from '@commitments/transparency'
import t, { type Test } from 'tap'
import { lastSignedFile, originOf, type Signing, verifierKeysOf } from '../../src/transparency/signing.ts'
import { openLedger } from '../support.ts'
import { backUp, type Keeping, recordMany, servedCheckpoint, startKeeping } from './support.ts'

t.setTimeout(120_000)

/** A ledger, a witness that knows its log, and the options to sign with it. */
async function witnessed(t: Test, parts: Partial<Signing> = {}, options: Parameters<typeof startWitness>[1] = {}) {
  const ledger = await openLedger(t)
  const witness = await startWitness(t, options)
  const signing = signingFor(t, { witnesses: [{ verifier: witness.verifier, url: witness.url }], ...parts })
  const { logId } = await readLogIdentity(ledger.pool)
  introduce(witness, signing, logId)
  return { ledger, witness, signing, logId, origin: originOf(signing, logId) }
}

function introduce(witness: TestWitness, signing: Signing, logId: string): void {
  const origin = originOf(signing, logId)
  witness.trust(origin, verifierKeysOf(signing, origin).trimEnd().split('\n'))
}

async function cosignaturesOn(service: Keeping, witness: TestWitness): Promise<number> {
  const opened = openCosignatures((await service.get('/log/checkpoint')).body, [witness.verifier])
  if (opened.outcome !== 'opened') throw new Error(opened.outcome)
  return opened.cosignatures.length
}

t.test('every served checkpoint has the cosignature of the witness', async (t) => {
  const { ledger, witness, signing, origin } = await witnessed(t)
  const service = await startKeeping(t, ledger, signing)
  for (const size of [3, 4, 300]) {
    await recordMany(ledger, size === 3 ? 1 : size === 4 ? 4 : 5, size)
    await service.signedAt(size)
    t.equal(await cosignaturesOn(service, witness), 1, `of ${size}, from the first moment`)
  }
  t.match(witness.latest(origin), new RegExp(`\n300\n`))
  await service.untilReady(true)
  t.match((await service.get('/metrics')).body, /^log_cosigned_events\{witness="witness.example\/w1"\} 300$/m)
})

t.test('a witness that knows more than this instance remembers is continued from its size', async (t) => {
  const { ledger, witness, signing } = await witnessed(t)
  const first = await startKeeping(t, ledger, signing)
  await recordMany(ledger, 1, 5)
  await first.signedAt(5)
  await first.stop()
  const second = await startKeeping(t, ledger, signing)
  await recordMany(ledger, 6, 9)
  await second.signedAt(9)
  t.equal(await cosignaturesOn(second, witness), 1)
  t.notMatch((await second.get('/metrics')).body, /^log_witness_failures_total\{/m)
})

t.test('an unreachable witness delays nothing for long, and its cosignature comes when it is back', async (t) => {
  const silent = await startSilent(t)
  const { ledger, witness, signing } = await witnessed(t)
  const slow = { verifier: witness.verifier, url: `http://127.0.0.1:${(silent.address() as AddressInfo).port}` }
  const service = await startKeeping(t, ledger, { ...signing, witnesses: [slow] })
  const began = performance.now()
  await recordMany(ledger, 1, 2)
  await service.signedAt(2)
  // A request to a witness is abandoned after five seconds.
  t.ok(performance.now() - began < 4_500, `${performance.now() - began} ms`)
  t.equal(await cosignaturesOn(service, witness), 0)
  await service.untilReady(true)
  // From now on, it answers.
  forward(silent, witness.url)
  await eventually(async () => (await cosignaturesOn(service, witness)) === 1, { within: 20_000 })
  t.equal((await servedCheckpoint(service)).size, 2)
  t.match((await service.get('/metrics')).body, /^log_witness_failures_total\{witness="witness.example\/w1"\} [1-9]/m)
})

/** Accepts connections and never answers. */
async function startSilent(t: Test): Promise<Server> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    server.close()
    server.closeAllConnections()
  })
  return server
}

/** From now on, the server forwards requests to the witness, and returns its answers, possibly changed. */
function forward(server: Server, url: string, change: (text: string) => string = (text) => text): void {
  server.closeAllConnections()
  server.on('request', (request, response) => void pass(url, request, response, change))
}

async function pass(
  url: string,
  request: IncomingMessage,
  response: ServerResponse,
  change: (text: string) => string,
): Promise<void> {
  const body = Buffer.concat(await request.toArray())
  const given = body.length > 0 ? { body } : {}
  const answer = await fetch(`${url}${request.url}`, { method: request.method ?? 'GET', ...given })
  response.writeHead(answer.status).end(change(await answer.text()))
}

t.test('without the file a witness’s checkpoint is enough', async (t) => {
  const { ledger, witness, signing, logId } = await witnessed(t)
  const first = await startKeeping(t, ledger, signing)
  await recordMany(ledger, 1, 5)
  await first.signedAt(5)
  await first.stop()
  rmSync(lastSignedFile(signing, logId))
  const second = await startKeeping(t, ledger, signing)
  await second.untilReady(true, /this instance signs/)
  await recordMany(ledger, 6, 6)
  await second.signedAt(6)
  t.equal(await cosignaturesOn(second, witness), 1)
})

t.test(
  'a witness that has seen more prevents the signing of a restored database, even if the file is lost',
  async (t) => {
    const { ledger, signing, logId } = await witnessed(t)
    const first = await startKeeping(t, ledger, signing)
    await recordMany(ledger, 1, 5)
    await first.signedAt(5)
    const restore = await backUp(ledger)
    await recordMany(ledger, 6, 9)
    await first.signedAt(9)
    await first.stop()
    await restore()
    rmSync(lastSignedFile(signing, logId))
    const second = await startKeeping(t, ledger, signing)
    await second.untilReady(false, /witness.example\/w1 has cosigned a checkpoint of 9 events/)
    ledger.versions.clear()
    await t.rejects(ledger.record('other', proposed()), { code: haltedState, message: /cosigned a checkpoint of 9/ })
    ledger.versions.clear()
    // The log grows all the same: then its content contradicts the witness.
    await ledger.pool.query('ALTER TABLE events DISABLE TRIGGER events_halted')
    await ledger.recordAll(Array.from({ length: 6 }, (_, index) => [`other${index}`, proposed()] as const))
    await second.untilReady(false, /witness.example\/w1 says that the checkpoint .* a fork/)
    t.equal((await servedCheckpoint(second)).size, 5)
  },
)

t.test('if the witness refuses a checkpoint as a fork, nothing more is signed, and readiness says so', async (t) => {
  const keys = [newKey()]
  const state = join(temporaryFolder(t), 'witness.json')
  const { ledger, witness, signing, logId } = await witnessed(t, { keys }, { stateFile: state })
  // The witness saw another log of the same name and key before: as if history had been rewritten and signed again.
  const other = await openLedger(t)
  const twin = await startKeeping(t, other, signingFor(t, { keys, witnesses: signing.witnesses }))
  t.equal((await readLogIdentity(other.pool)).logId, logId, 'databases of tests have one identity')
  await recordMany(other, 1, 4)
  await twin.signedAt(4)
  await twin.stop()
  const blind = { ...signing, witnesses: [{ ...signing.witnesses[0], url: `${witness.url}/nowhere` }] } as Signing
  const before = await startKeeping(t, ledger, blind)
  await recordMany(ledger, 1, 5)
  await before.signedAt(5)
  await before.stop()
  // The witness can be asked, but does not say what it cosigned: only its refusal shows it.
  const mute = await startMute(t, witness.url)
  const service = await startKeeping(t, ledger, {
    ...signing,
    witnesses: [{ ...signing.witnesses[0], url: mute } as never],
  })
  await service.untilReady(false, /witness.example\/w1 says that the checkpoint of 5 events .* a fork/)
  await t.rejects(recordMany(ledger, 6, 7), { code: haltedState, message: /a fork/ }, 'and nothing more is recorded')
  await service.untilReady(false, /a fork/)
  t.equal((await servedCheckpoint(service)).size, 5)
  t.match((await service.get('/metrics')).body, /^log_signing_refused\{code="witness-differs"\} 1$/m)
  t.ok(witness.evidence.length > 0)
})

/** A witness without the retrieval mechanism, which is optional in the specification. */
async function startMute(t: Test, url: string): Promise<string> {
  const server = await startSilent(t)
  server.on('request', (request, response) => {
    if (request.method === 'POST') void pass(url, request, response, (text) => text)
    else response.writeHead(404).end()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

t.test('a cosignature that does not hold is not served', async (t) => {
  const { ledger, witness, signing } = await witnessed(t)
  const forger = await startSilent(t)
  // The last bytes of its signature are changed.
  forward(forger, witness.url, (text) => text.replace(/.{8}(=*\n)$/, 'AAAAAAAA$1'))
  const url = `http://127.0.0.1:${(forger.address() as AddressInfo).port}`
  const service = await startKeeping(t, ledger, { ...signing, witnesses: [{ verifier: witness.verifier, url }] })
  await recordMany(ledger, 1, 2)
  await service.signedAt(2)
  t.equal((await service.get('/log/checkpoint')).body.match(/^— /gm)?.length, 1, 'the signature of the log alone')
  await service.untilReady(true)
})
