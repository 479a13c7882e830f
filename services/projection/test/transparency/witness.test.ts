import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { acceptRestore, haltedState, readHalt, readLogIdentity } from '@commitments/event-store'
import { eventually, proposed, startWitness, type TestWitness, temporaryFolder } from '@commitments/test-kit'
import { keptFile, newKey, signingFor } from '@commitments/test-kit/services'
import {
  formatCheckpoint,
  makeCosignatureVerifier,
  makeCosigner,
  makeSigner,
  openCosignatures,
  parsePolicy,
  signNote,
} from '@commitments/transparency'
import t, { type Test } from 'tap'
import { originOf, type Signing, verifierKeysOf } from '../../src/transparency/signing.ts'
import { openLedger } from '../support.ts'
import { type Keeping, recordMany, restoreAfterNine, servedCheckpoint, startKeeping } from './support.ts'

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
  rmSync(keptFile(signing, logId))
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
    await restoreAfterNine(t, { ledger, signing })
    rmSync(keptFile(signing, logId))
    const second = await startKeeping(t, ledger, signing)
    await second.untilReady(false, /witness.example\/w1 has cosigned a checkpoint of 9 events/)
    await t.rejects(ledger.record('other', proposed()), { code: haltedState, message: /cosigned a checkpoint of 9/ })
    ledger.versions.clear()
    // The log grows all the same: then its content contradicts the witness.
    await ledger.pool.query('ALTER TABLE events DISABLE TRIGGER events_halted')
    await ledger.recordAll(Array.from({ length: 6 }, (_, index) => [`other${index}`, proposed()] as const))
    await second.untilReady(false, /witness.example\/w1 has cosigned a checkpoint of 9 events that .* a fork/)
    t.equal((await servedCheckpoint(second)).size, 5)
  },
)

t.test(
  'an accepted restore is noticed without a restart, and what file and witness knew of the old log goes on record',
  async (t) => {
    const { ledger, witness, signing, logId, origin } = await witnessed(t)
    await restoreAfterNine(t, { ledger, signing })
    const service = await startKeeping(t, ledger, signing)
    await service.untilReady(false, /9 events/)
    await t.rejects(ledger.record('other', proposed()), { code: haltedState })
    const { logId: next } = await acceptRestore(ledger.pool, 'the disk was lost')
    introduce(witness, signing, next)
    t.equal((await service.signedAt(5)).origin, originOf(signing, next))
    await service.untilReady(true)
    t.match((await service.get('/health/ready')).headers, { 'log-alarm': undefined })
    ledger.versions.clear()
    await ledger.record('other', proposed())
    await service.signedAt(6)
    t.equal((await service.get('/v1/proposals/p1')).headers['log-id'], next)
    const { forks } = (await service.get('/v1/log/forks')).json()
    t.match(forks, [
      { oldLogId: logId, newLogId: next, source: 'database', witness: null, reason: 'the disk was lost' },
      { oldLogId: logId, newLogId: next, source: 'file', witness: null },
      { oldLogId: logId, newLogId: next, source: 'witness', witness: 'witness.example/w1' },
    ])
    const sizes = forks.map(({ note }: { note: string }) => Number(note.split('\n')[1]))
    t.same(sizes, [5, 9, 9])
    const opened = openCosignatures(forks[2].note, [witness.verifier])
    t.equal(opened.outcome === 'opened' && opened.cosignatures.length, 1, 'as the witness signed it')
    t.equal(forks[2].note.split('\n')[0], origin)
  },
)

t.test(
  'a fork that the witness’s own signed checkpoint proves stops recording and signing, and readiness says so',
  async (t) => {
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
    // What it cosigned cannot be read yet when this instance takes over.
    const late = await startLate(t, witness.url)
    const service = await startKeeping(t, ledger, {
      ...signing,
      witnesses: [{ ...signing.witnesses[0], url: late } as never],
    })
    await service.untilReady(
      false,
      /witness.example\/w1 has cosigned a checkpoint of 4 events that the log of 5 events does not continue: a fork/,
    )
    await t.rejects(recordMany(ledger, 6, 7), { code: haltedState, message: /a fork/ }, 'and nothing more is recorded')
    await service.untilReady(false, /a fork/)
    t.equal((await servedCheckpoint(service)).size, 5)
    t.match((await service.get('/metrics')).body, /^log_signing_refused\{code="witness-differs"\} 1$/m)
    t.ok(witness.evidence.length > 0)
    const { logId: next } = await acceptRestore(ledger.pool, 'the other one was right')
    introduce(witness, signing, next)
    await service.untilReady(true)
    ledger.versions.clear()
    await recordMany(ledger, 10, 10)
    t.match((await service.signedAt(6)).origin, next, 'an accepted restore is noticed by the service that runs')
  },
)

/** A witness whose last checkpoint can be read only after it was asked to cosign one. */
async function startLate(t: Test, url: string): Promise<string> {
  const server = await startSilent(t)
  let isAsked = false
  server.on('request', (request, response) => {
    isAsked ||= request.method === 'POST'
    if (isAsked) void pass(url, request, response, (text) => text)
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

t.test(
  'a 409 without a size, at the size that the witness knows, is a fork, as transparency-dev’s witness says it',
  async (t) => {
    const keys = [newKey()]
    const { ledger, witness, signing } = await witnessed(t, { keys }, { sameSizeAnswer: 409 })
    const other = await openLedger(t)
    const twin = await startKeeping(t, other, signingFor(t, { keys, witnesses: signing.witnesses }))
    await recordMany(other, 1, 5)
    await twin.signedAt(5)
    await twin.stop()
    const late = await startLate(t, witness.url)
    // The first checkpoint that it is asked to cosign has the size that it knows, and another root.
    await recordMany(ledger, 1, 5)
    const service = await startKeeping(t, ledger, {
      ...signing,
      witnesses: [{ verifier: witness.verifier, url: late }],
    })
    await service.untilReady(
      false,
      /witness.example\/w1 has cosigned a checkpoint of 5 events that the log of 5 events does not continue: a fork/,
    )
    await t.rejects(recordMany(ledger, 6, 7), { code: haltedState, message: /a fork/ })
    t.match((await service.get('/metrics')).body, /^log_signing_refused\{code="witness-differs"\} 1$/m)
    t.ok(witness.evidence.length > 0)
  },
)

t.test(
  'a witness that objects without a signed checkpoint that contradicts the log is an alarm with its name, and recording and signing go on',
  async (t) => {
    const { ledger, witness, signing } = await witnessed(t)
    const liar = await startSilent(t)
    let said = { status: 422, text: '' }
    // What it gives as its last checkpoint is the witness's own, which the log continues.
    liar.on('request', (request, response) => {
      if (request.method === 'GET') void pass(witness.url, request, response, (text) => text)
      else response.writeHead(said.status).end(said.text)
    })
    const url = `http://127.0.0.1:${(liar.address() as AddressInfo).port}`
    const before = await startKeeping(t, ledger, signing)
    await recordMany(ledger, 1, 2)
    await before.signedAt(2)
    await before.stop()
    let last = 2
    for (const [status, text] of [
      [422, ''],
      [409, '999999\n'],
      [409, '0\n'],
    ] as const) {
      said = { status, text }
      const service = await startKeeping(t, ledger, { ...signing, witnesses: [{ verifier: witness.verifier, url }] })
      last = await recordMany(ledger, last + 1, last + 2)
      await service.signedAt(last)
      await service.untilReady(
        false,
        /^The witness witness.example\/w1 answers .* this proves nothing: signing and recording go on/,
      )
      t.equal(await readHalt(ledger.pool), null, `${status} ${text}`)
      last = await recordMany(ledger, last + 1, last + 1)
      await service.signedAt(last)
      t.equal((await service.get('/health/ready')).statusCode, 200)
      t.notMatch((await service.get('/metrics')).body, /^log_signing_refused\{/m)
      t.match((await service.get('/v1/proposals')).headers, { 'log-alarm': undefined })
      await service.stop()
    }
    const service = await startKeeping(t, ledger, signing)
    await service.untilReady(true)
    await eventually(async () => (await cosignaturesOn(service, witness)) === 1, { within: 20_000 })
  },
)

t.test(
  'a witness that cosigns what no key of the log has signed is an alarm that says so, at its answers and at a start, and halts nothing',
  async (t) => {
    const ledger = await openLedger(t)
    const privateKey = newKey()
    const name = 'witness.example/liar'
    const verifier = makeCosignatureVerifier({ name, publicKey: privateKey })
    const liar = await startSilent(t)
    const url = `http://127.0.0.1:${(liar.address() as AddressInfo).port}`
    const signing = signingFor(t, { witnesses: [{ verifier, url }] })
    const { logId } = await readLogIdentity(ledger.pool)
    const origin = originOf(signing, logId)
    // Its own key is real. Of the log it has only a checkpoint that it made up.
    const text = formatCheckpoint({ origin, size: 999, root: Buffer.alloc(32, 7) })
    const cosigner = makeCosigner({ name, privateKey, now: () => Math.floor(Date.now() / 1000) })
    const foreign = makeSigner({ name: origin, privateKey: newKey() })
    let invented = signNote(text, [cosigner])
    liar.on('request', ({ method }, response) => {
      if (method === 'GET') response.writeHead(200).end(invented)
      else response.writeHead(409).end('999\n')
    })
    let last = 0
    for (const note of [signNote(text, [cosigner]), signNote(text, [foreign, cosigner])]) {
      invented = note
      const service = await startKeeping(t, ledger, signing)
      last = await recordMany(ledger, last + 1, last + 2)
      await service.signedAt(last)
      await service.untilReady(
        false,
        /^The witness witness.example\/liar .* gives a checkpoint of 999 events with its own signature and none by a key of this log\. .* this proves nothing: signing and recording go on/,
      )
      t.equal(await readHalt(ledger.pool), null)
      last = await recordMany(ledger, last + 1, last + 1)
      await service.signedAt(last)
      t.notMatch((await service.get('/metrics')).body, /^log_signing_refused\{/m)
      await service.stop()
    }
  },
)

t.test('what a former key of the log has signed is a proof of the witness too, and halts', async (t) => {
  const former = newKey()
  const { ledger, witness, signing, logId } = await witnessed(t, { keys: [former] })
  await restoreAfterNine(t, { ledger, signing })
  rmSync(keptFile(signing, logId))
  const renewed = { ...signing, keys: [newKey()] }
  introduce(witness, renewed, logId)
  const second = await startKeeping(t, ledger, renewed)
  await second.untilReady(false, /witness.example\/w1 has cosigned a checkpoint of 9 events/)
  t.match(await readHalt(ledger.pool), /cosigned a checkpoint of 9 events/)
})

t.test('a 409 that says neither a size nor nothing is a failure, and signing goes on', async (t) => {
  const { ledger, witness, signing } = await witnessed(t)
  const broken = await startSilent(t)
  broken.on('request', (_request, response) => void response.writeHead(409).end('<html>Conflict</html>'))
  const url = `http://127.0.0.1:${(broken.address() as AddressInfo).port}`
  const service = await startKeeping(t, ledger, { ...signing, witnesses: [{ verifier: witness.verifier, url }] })
  await recordMany(ledger, 1, 2)
  await service.signedAt(2)
  await eventually(async () => /^log_witness_failures_total\{.*\} [1-9]/m.test((await service.get('/metrics')).body))
  await service.untilReady(true)
})

/** When the served checkpoint was cosigned, by the clock of the witness. */
async function cosignedAt(service: Keeping, witness: TestWitness): Promise<number | undefined> {
  const opened = openCosignatures((await service.get('/log/checkpoint')).body, [witness.verifier])
  return opened.outcome === 'opened' ? opened.cosignatures[0]?.time : undefined
}

t.test(
  'on a quiet log cosignatures are renewed before they age, and nothing else about the checkpoint changes',
  async (t) => {
    let clock = 1_800_000_000
    const { ledger, witness, signing } = await witnessed(t, { renewAfter: 400 }, { now: () => clock })
    const service = await startKeeping(t, ledger, signing)
    await recordMany(ledger, 1, 3)
    const before = await service.signedAt(3)
    for (const later of [clock + 3_600, clock + 90_000]) {
      clock = later
      await eventually(async () => (await cosignedAt(service, witness)) === later, { within: 20_000 })
      t.same(await servedCheckpoint(service), before)
    }
    t.match((await service.get('/metrics')).body, /^log_cosignature_age_seconds\{witness="witness.example\/w1"\} /m)
  },
)

t.test('a witness is not asked again before that', async (t) => {
  let clock = 1_800_000_000
  const { ledger, witness, signing } = await witnessed(t, {}, { now: () => clock })
  const service = await startKeeping(t, ledger, signing)
  await recordMany(ledger, 1, 3)
  await service.signedAt(3)
  clock += 3_600
  await recordMany(ledger, 4, 4)
  await service.signedAt(4)
  const renewed = await cosignedAt(service, witness)
  t.equal(renewed, clock, 'a new checkpoint is cosigned now')
  clock += 3_600
  await new Promise((resolve) => setTimeout(resolve, 1_500))
  t.equal(await cosignedAt(service, witness), renewed, 'and the same one not again, in several turns')
})

/** Three witnesses that can be turned off, and a policy that requires two of them. */
async function threeWitnesses(t: Test) {
  const ledger = await openLedger(t)
  const { logId } = await readLogIdentity(ledger.pool)
  const names = ['w1', 'w2', 'w3']
  const all = await Promise.all(names.map((name) => startWitness(t, { name: `witness.example/${name}` })))
  const away = new Set<string>()
  const witnesses = await Promise.all(
    all.map(async ({ name, url, verifier }) => {
      const server = await startSilent(t)
      server.on('request', (request, response) => {
        if (away.has(name)) response.writeHead(503).end()
        else void pass(url, request, response, (text) => text)
      })
      return { verifier, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
    }),
  )
  const lines = all.map(({ vkey }, index) => `witness ${names[index]} ${vkey}\n`).join('')
  const parsed = parsePolicy(Buffer.from(`${lines}group g 2 w1 w2 w3\nquorum g\n`))
  if (parsed.outcome !== 'policy') throw new Error(parsed.detail)
  const signing = signingFor(t, { witnesses, policy: parsed.policy, quorumPatience: 700 })
  for (const witness of all) introduce(witness, signing, logId)
  return { ledger, signing, away }
}

t.test(
  'if fewer witnesses cosign than the policy requires, that is an alarm that names them, and signing goes on',
  async (t) => {
    const { ledger, signing, away } = await threeWitnesses(t)
    const service = await startKeeping(t, ledger, signing)
    const quorum = async () => /^log_quorum_events (\S+)$/m.exec((await service.get('/metrics')).body)?.[1]
    await recordMany(ledger, 1, 3)
    await service.signedAt(3)
    await eventually(async () => (await quorum()) === '3')
    away.add('witness.example/w2')
    await recordMany(ledger, 4, 5)
    await service.signedAt(5)
    await eventually(async () => (await quorum()) === '5')
    t.notOk((await service.get('/v1/proposals')).headers['log-alarm'], 'two of three are enough')
    away.add('witness.example/w3')
    await recordMany(ledger, 6, 9)
    await service.untilReady(
      false,
      /policy requires 2 of \(w1, w2, w3\)\. They have cosigned 5 of 9 .* do not follow: w2, w3\./,
    )
    await service.signedAt(9)
    t.equal(await quorum(), '5')
    const { headers } = await service.get('/v1/proposals')
    t.equal(headers['log-alarm'], 'quorum-missing')
    const { alarms } = (await service.get('/v1/projections')).json()
    t.match(alarms, [{ alarm: 'quorum-missing', detail: /w2, w3/ }])
    t.equal((await service.get('/health/ready')).statusCode, 200, 'an alarm keeps nobody from reading')
    await recordMany(ledger, 10, 10)
    await service.signedAt(10)
    away.clear()
    await service.untilReady(true)
    t.equal(await quorum(), '10')
    t.notOk((await service.get('/v1/proposals')).headers['log-alarm'])
  },
)

t.test(
  'a served cosignature that is not as the witness made it, or is gone, is asked for again, without an event',
  async (t) => {
    const { ledger, witness, signing } = await witnessed(t)
    const service = await startKeeping(t, ledger, signing)
    await recordMany(ledger, 1, 3)
    await service.signedAt(3)
    t.equal(await cosignaturesOn(service, witness), 1)
    for (const spoiling of [
      `UPDATE log_cosignatures SET line = overlay(line PLACING 'AAAA' FROM length(line) - 20)`,
      'DELETE FROM log_cosignatures',
    ]) {
      await ledger.pool.query(spoiling)
      const spoilt = await cosignaturesOn(service, witness).catch(() => 0)
      t.equal(spoilt, 0, spoiling)
      await eventually(async () => (await cosignaturesOn(service, witness)) === 1, { within: 20_000 })
    }
    await service.untilReady(true)
  },
)
