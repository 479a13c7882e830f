import { createHash, generateKeyPairSync, randomUUID } from 'node:crypto'
import { rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startWitness, type TestWitness } from '@commitments/test-kit/witness'
import {
  append,
  consistencyProof,
  emptyFrontier,
  emptyRoot,
  formatAddCheckpoint,
  formatCheckpoint,
  type Hash,
  leafHash,
  makeSigner,
  openCheckpoint,
  openCosignatures,
  openWitnessAnswer,
  parseVerifierKey,
  rootOf,
  signNote,
  verifierKey,
} from '@commitments/transparency'
import t from 'tap'

const origin = 'log.example/a'
const { privateKey } = generateKeyPairSync('ed25519')
const signer = makeSigner({ name: origin, privateKey })
const vkey = verifierKey(origin, privateKey)

/** A history with this many entries, the entry `change` of them different. */
function history(size: number, change = -1) {
  const hashes = new Map<string, Hash>()
  const frontier = emptyFrontier()
  for (let at = 0; at < size; at += 1) {
    append(frontier, leafHash(Buffer.from(at === change ? 'another' : `entry ${at}`)), (level, index, hash) =>
      hashes.set(`${level} ${index}`, hash),
    )
  }
  return (level: number, index: number) => hashes.get(`${level} ${index}`) as Hash
}

const read = history(20)
const signed = (size: number, root = rootOf(size, read), by = signer) =>
  signNote(formatCheckpoint({ origin, size, root }), [by])
const request = (from: number, to: number) => ({
  oldSize: from,
  proof: consistencyProof(from, to, read),
  checkpoint: signed(to),
})

async function post(witness: TestWitness, body: string) {
  const response = await fetch(`${witness.url}/add-checkpoint`, { method: 'POST', body })
  return { status: response.status, type: response.headers.get('content-type'), body: await response.text() }
}

const add = (witness: TestWitness, asked: Parameters<typeof formatAddCheckpoint>[0]) =>
  post(witness, formatAddCheckpoint(asked))

async function trusting(t: Tap, options = {}) {
  const witness = await startWitness(t, options)
  witness.trust(origin, [vkey])
  return witness
}

type Tap = Parameters<typeof startWitness>[0]

t.test('a consistent checkpoint is cosigned, with the time, and kept', async (t) => {
  const witness = await trusting(t, { now: () => 1679315147 })
  t.match(await add(witness, request(0, 5)), { status: 200 })
  const answer = await add(witness, request(5, 12))
  t.equal(answer.status, 200)
  t.match(openWitnessAnswer(answer.body, signed(12), [witness.verifier]), {
    outcome: 'opened',
    cosignatures: [{ name: witness.name, time: 1679315147 }],
  })
  t.equal(witness.latest(origin), `${signed(12)}${answer.body}`)
})

t.test('the same checkpoint is cosigned again', async (t) => {
  const witness = await trusting(t)
  await add(witness, request(0, 5))
  t.match(await add(witness, request(5, 5)), { status: 200 })
})

t.test('a client that does not know the last size is told it', async (t) => {
  const witness = await trusting(t)
  await add(witness, request(0, 5))
  for (const oldSize of [0, 4, 6]) {
    const conflict = await add(witness, { oldSize, proof: [], checkpoint: signed(12) })
    t.match(conflict, { status: 409, type: 'text/x.tlog.size', body: '5\n' }, `old ${oldSize}`)
  }
})

t.test(
  'a fork is refused, and kept as evidence: another history, a wrong proof, another root of the same size',
  async (t) => {
    const witness = await trusting(t)
    await add(witness, request(0, 5))
    const other = history(20, 2)
    const forks = [
      { oldSize: 5, proof: consistencyProof(5, 12, other), checkpoint: signed(12, rootOf(12, other)) },
      { oldSize: 5, proof: [], checkpoint: signed(12) },
      { oldSize: 5, proof: [], checkpoint: signed(5, rootOf(5, other)) },
      { oldSize: 5, proof: [emptyRoot], checkpoint: signed(5) },
    ]
    for (const fork of forks) t.match(await add(witness, fork), { status: 422 })
    t.equal(witness.evidence.length, forks.length)
    t.match(openCheckpoint(witness.latest(origin) ?? '', { verifiers: [known(parseVerifierKey(vkey))] }), {
      checkpoint: { size: 5 },
    })
    t.match(await add(witness, request(5, 12)), { status: 200 }, 'the log itself goes on')
  },
)

t.test('the first checkpoint comes without a proof; an empty tree has the empty root', async (t) => {
  const witness = await trusting(t)
  t.match(await add(witness, { ...request(0, 5), proof: [emptyRoot] }), { status: 422 })
  t.match(await add(witness, { oldSize: 0, proof: [], checkpoint: signed(0, rootOf(1, read)) }), { status: 422 })
  t.equal(witness.latest(origin), null)
  t.match(await add(witness, { oldSize: 0, proof: [], checkpoint: signed(0, emptyRoot) }), { status: 200 })
  t.match(await add(witness, request(0, 5)), { status: 200 })
})

t.test('an unknown origin, an unknown key, a wrong signature, and no request at all are told apart', async (t) => {
  const witness = await trusting(t)
  const stranger = makeSigner({ name: origin, privateKey: generateKeyPairSync('ed25519').privateKey })
  const elsewhere = signNote(formatCheckpoint({ origin: 'log.example/b', size: 5, root: rootOf(5, read) }), [signer])
  const asked = (checkpoint: string) => add(witness, { oldSize: 0, proof: [], checkpoint })
  t.match(await asked(elsewhere), { status: 404 })
  t.match(await asked(signed(5, rootOf(5, read), stranger)), { status: 403 })
  t.match(await asked(signed(5).replace('\n5\n', '\n6\n')), { status: 403 })
  t.match(await add(witness, { oldSize: 6, proof: [], checkpoint: signed(5) }), { status: 400 })
  t.match(await post(witness, 'junk'), { status: 400 })
  t.match(await post(witness, 'x'.repeat(1_100_000)), { status: 413 })
  t.equal((await fetch(`${witness.url}/add-checkpoint`)).status, 405)
  t.equal((await fetch(`${witness.url}/`)).status, 404)
  t.equal(witness.latest(origin), null, 'nothing of it was cosigned')
  t.strictSame(witness.evidence, [], 'and none of it is evidence of anything')
})

t.test('a checkpoint that also has signatures of unknown keys is cosigned, and those are not passed on', async (t) => {
  const witness = await trusting(t)
  const stranger = makeSigner({ name: 'stranger', privateKey })
  const checkpoint = signNote(formatCheckpoint({ origin, size: 5, root: rootOf(5, read) }), [stranger, signer])
  t.match(await add(witness, { oldSize: 0, proof: [], checkpoint }), { status: 200 })
  t.notMatch(witness.latest(origin), /stranger/)
})

t.test('of two requests from the same size one is answered, and the other is told the new size', async (t) => {
  const witness = await trusting(t)
  await add(witness, request(0, 5))
  const answers = await Promise.all([add(witness, request(5, 12)), add(witness, request(5, 9))])
  t.strictSame(
    answers.map(({ status }) => status).sort((one, other) => one - other),
    [200, 409],
  )
})

t.test('monitors get the latest checkpoint with the signature of the log and the cosignature', async (t) => {
  const witness = await trusting(t)
  const page = `${witness.url}/${createHash('sha256').update(origin).digest('hex')}/checkpoint`
  t.equal((await fetch(page)).status, 404, 'never cosigned')
  await add(witness, request(0, 5))
  const note = await (await fetch(page)).text()
  t.match(openCosignatures(note, [witness.verifier]), { outcome: 'opened', cosignatures: [{ name: witness.name }] })
  t.match(openCheckpoint(note, { origin, verifiers: [known(parseVerifierKey(vkey))] }), { outcome: 'verified' })
})

t.test('a restarted witness knows what it cosigned', async (t) => {
  const stateFile = join(tmpdir(), `witness-${randomUUID()}.json`)
  t.teardown(() => rmSync(stateFile, { force: true }))
  const secret = generateKeyPairSync('ed25519').privateKey
  const before = await trusting(t, { stateFile, privateKey: secret })
  await add(before, request(0, 5))
  await before.close()
  const after = await trusting(t, { stateFile, privateKey: secret })
  t.equal(after.vkey, before.vkey)
  t.match(await add(after, request(0, 12)), { status: 409, body: '5\n' })
  t.match(await add(after, request(5, 12)), { status: 200 })
})

function known<Key>(key: Key | null): Key {
  if (key === null) throw new Error('The key is one')
  return key
}
