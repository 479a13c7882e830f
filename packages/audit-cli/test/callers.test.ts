import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { EventBody } from '@commitments/domain'
import { acceptRestore } from '@commitments/event-store'
import {
  agreed,
  example,
  proposed,
  publicKeyText,
  type SignedFor,
  signedBy,
  temporaryFolder,
} from '@commitments/test-kit'
import t, { type Test } from 'tap'
import { exportLog, verify } from '../src/index.ts'
import { makePack } from '../src/pack/make.ts'
import { verifyPack } from '../src/pack/verify.ts'
import { type Audited, openAudited } from './services.ts'

// An operator who has the database, and the key of the log: what it puts into the log is signed by the log, and only the signatures of callers are
// in its way.

interface Signed extends Audited {
  readonly key: KeyObject
  readonly logId: string
  /** A file for --signers with this key for `most`. */
  readonly signers: string
  /** Puts lines into the log as if the service had written them. */
  forge(...events: Forged[]): Promise<number>
  sign(body: EventBody, over?: Partial<SignedFor>): EventBody
}

type Forged = EventBody & { readonly version: number; readonly recordedBy?: string }

let count = 0

async function openSigned(t: Test): Promise<Signed> {
  const audited = await openAudited(t)
  const pool = audited.database.pool()
  const { rows } = await pool.query('SELECT log_id FROM log_identity ORDER BY generation DESC LIMIT 1')
  const [key, logId] = [generateKeyPairSync('ed25519').privateKey, String(rows[0]?.log_id)]
  const signers = join(temporaryFolder(t), 'signers.json')
  writeFileSync(signers, JSON.stringify([{ name: 'most', signingKeys: [{ publicKey: publicKeyText(key) }] }]))
  const sign: Signed['sign'] = (body, over) =>
    signedBy(body, {
      key,
      log: logId,
      once: `once-${(count += 1)}`,
      proposalId: 'lab',
      recordedBy: 'key:most',
      ...over,
    })
  return { ...audited, key, logId, signers, sign, forge: (...events) => forge(audited, events) }
}

async function forge({ database, signed }: Audited, events: readonly Forged[]): Promise<number> {
  const pool = database.pool()
  let last = 0
  for (const { version, recordedBy = 'key:most', ...body } of events) {
    const eventId = `0199bbbb-0000-7000-8000-${String((count += 1)).padStart(12, '0')}`
    const { type, occurredOn, signature, ...more } = body
    const head = { eventId, nonce: 'BBBBBBBBBBBBBBBBBBBBBB', proposalId: 'lab', version, type, schemaVersion: 1 }
    const rest = JSON.stringify({ ...head, occurredOn, recordedBy, ...more, signature }).slice(1)
    const { rows } = await pool.query(
      `SELECT outcome, at_position FROM append_events(ARRAY['lab'],ARRAY[1],ARRAY[$1::int],ARRAY[$2::uuid],ARRAY[null::bytea],$3,'{}','{}','{}',false)`,
      [version, eventId, rest],
    )
    if (rows[0]?.outcome !== 'appended') throw new Error(JSON.stringify(rows))
    last = Number(rows[0].at_position)
  }
  await signed(last)
  return last
}

const found = ({ checks }: Awaited<ReturnType<typeof verify>>) =>
  JSON.stringify(checks.filter(({ name }) => name === 'callers').map(({ finding }) => finding))

t.test('verify says how many events are signed by whom, with which keys, and whose word the rest is', async (t) => {
  const { url, forge, sign, key, signers } = await openSigned(t)
  await forge({ ...proposed(), version: 1, recordedBy: 'key:registry' })
  t.match(found(await verify({ source: url })), 'No event is signed by its caller')
  await forge({ ...sign(agreed(), { version: 2 }), version: 2 }, { ...example('risk-flagged'), version: 3 })
  const other = generateKeyPairSync('ed25519').privateKey
  await forge({ ...sign(example('confirmed'), { key: other, recordedBy: 'key:kr' }), version: 4, recordedBy: 'key:kr' })
  const verdict = await verify({ source: url })
  t.equal(verdict.outcome, 'valid', verdict.sentence)
  const text = found(verdict)
  t.match(text, '2 of 4 events are signed by their callers')
  t.match(text, `key:most 1 (key ${publicKeyText(key)}); key:kr 1 (key ${publicKeyText(other)})`)
  t.match(text, 'Who recorded the other 2 is the word of the service')
  t.match(text, 'Since its first signed event, key:most has 1 that are not signed, the first at position 3')
  t.match(text, /own word: compare them/)
  const known = await verify({ source: url, signers })
  t.equal(known.outcome, 'valid', known.sentence)
  t.match(found(known), 'The keys of key:kr are not in')
})

/** What an operator can put into its own log: the first bad position is 2 each time. */
const forgeries: Readonly<Record<string, (signed: Signed) => { events: Forged[]; because: RegExp }>> = {
  'data under the signature of other data': ({ sign }) => ({
    events: [{ ...sign(agreed()), ...example('ended'), version: 2 }],
    because: /signature of its event \(version 2 of lab, recorded by key:most\) is not one by its key/,
  }),
  'one bit of a signature': ({ sign }) => {
    const { signature, ...body } = sign(agreed())
    if (!signature) throw new Error('not signed')
    const bytes = Buffer.from(signature.value, 'base64url')
    bytes[5] = (bytes[5] as number) ^ 4
    const value = bytes.toString('base64url')
    return {
      events: [{ ...body, signature: { ...signature, value }, version: 2 }],
      because: /is not one by its key/,
    }
  },
  'a note beside what was signed': ({ sign }) => ({
    events: [{ ...sign(agreed()), note: { en: 'Added later' }, version: 2 }],
    because: /is not one by its key/,
  }),
  'another recorder than the one who signed': ({ sign }) => ({
    events: [{ ...sign(agreed()), version: 2, recordedBy: 'key:registry' }],
    because: /recorded by key:registry\) is not one by its key/,
  }),
  'what was said once, twice': ({ sign }) => {
    const once = sign(example('risk-flagged'))
    const events = [once, once].map((body, index) => ({ ...body, version: index + 2 }))
    return {
      events: [...events.slice(0, 1), ...events.slice(1)],
      because: /same `once` as that of the event at position 2/,
    }
  },
  'what was signed for another version': ({ sign }) => ({
    events: [{ ...sign(agreed(), { version: 3 }), version: 2 }],
    because: /was signed as version 3 of its proposal/,
  }),
  'what was signed for another proposal': ({ sign }) => ({
    events: [{ ...sign(agreed(), { proposalId: 'another' }), version: 2 }],
    because: /is not one by its key/,
  }),
  'what was signed for another log': ({ sign }) => ({
    events: [{ ...sign(agreed(), { log: '0199aaaa-0000-7000-8000-000000000000' }), version: 2 }],
    because: /was signed for the log 0199aaaa.*, which was never called so/,
  }),
  'a signature with a key for which anybody can sign': ({ sign }) => {
    const { signature, ...body } = sign(agreed())
    if (!signature) throw new Error('not signed')
    const [key, value] = [Buffer.alloc(32), Buffer.alloc(64)]
    key[0] = value[0] = 1
    const weak = { ...signature, key: key.toString('base64url'), value: value.toString('base64url') }
    return { events: [{ ...body, signature: weak, version: 2 }], because: /is not one by its key/ }
  },
  'a signature without its form': ({ sign }) => ({
    events: [{ ...sign(agreed()), signature: { value: 'x' }, version: 2 } as unknown as Forged],
    because: /has no form that signatures have/,
  }),
}

for (const [what, make] of Object.entries(forgeries)) {
  t.test(`verify names the event where an operator signs its log over ${what}`, async (t) => {
    const signed = await openSigned(t)
    await signed.forge({ ...proposed(), version: 1, recordedBy: 'key:registry' })
    const { events, because } = make(signed)
    await signed.forge(...events)
    const verdict = await verify({ source: signed.url, status: false })
    t.match(verdict, { outcome: 'invalid', position: events.length + 1, sentence: because })
  })
}

t.test('two callers with one key may use the same `once`: it counts by key and by recorder', async (t) => {
  const { url, forge, sign } = await openSigned(t)
  const once = 'the-same-once'
  await forge(
    { ...sign(proposed(), { once }), version: 1 },
    { ...sign(agreed(), { once, recordedBy: 'key:other' }), version: 2, recordedBy: 'key:other' },
  )
  const verdict = await verify({ source: url, status: false })
  t.equal(verdict.outcome, 'valid', verdict.sentence)
  await forge({ ...sign(example('risk-flagged'), { once }), version: 3 })
  t.match(await verify({ source: url, status: false }), {
    outcome: 'invalid',
    position: 3,
    sentence: /same `once` as that of the event at position 1/,
  })
})

t.test(
  'with the keys of callers from outside, nobody records in their name with another key, or without one',
  async (t) => {
    const { url, forge, sign, key, signers } = await openSigned(t)
    await forge({ ...sign(proposed()), version: 1 })
    t.match(found(await verify({ source: url, signers })), 'Their keys are those in')
    const given = (entry: object) => {
      const file = join(temporaryFolder(t), 'signers.json')
      writeFileSync(
        file,
        JSON.stringify([{ name: 'most', signingKeys: [{ publicKey: publicKeyText(key) }], ...entry }]),
      )
      return file
    }
    const late = given({ signingKeys: [{ publicKey: publicKeyText(key), expires: '2020-01-01T00:00:00Z' }] })
    t.match(await verify({ source: url, signers: late }), {
      outcome: 'invalid',
      position: 1,
      sentence: /was not valid when/,
    })
    const always = given({ signsFrom: '2020-01-01T00:00:00Z' })
    t.match(await verify({ source: url, signers: always }), { outcome: /^valid$/ })
    const stranger = generateKeyPairSync('ed25519').privateKey
    await forge({ ...sign(agreed(), { key: stranger }), version: 2 })
    t.match(await verify({ source: url }), { outcome: /^valid$/ }, 'the log alone does not tell whose key it is')
    t.match(await verify({ source: url, signers }), { outcome: 'invalid', position: 2, sentence: /none of its keys/ })
  },
)

t.test('a caller who signs everything has said nothing that is not signed', async (t) => {
  const { url, forge, key } = await openSigned(t)
  const signers = join(temporaryFolder(t), 'signers.json')
  const entry = { name: 'most', signingKeys: [{ publicKey: publicKeyText(key) }], signsFrom: '2020-01-01T00:00:00Z' }
  writeFileSync(signers, JSON.stringify([entry]))
  await forge({ ...proposed(), version: 1 })
  t.match(await verify({ source: url, signers }), {
    outcome: 'invalid',
    position: 1,
    sentence: /has signed everything since/,
  })
})

t.test('the keys of a caller with a token are given by the name that the log has for it', async (t) => {
  const { url, forge, sign, key } = await openSigned(t)
  const recordedBy = 'oidc:most:importer'
  const signers = join(temporaryFolder(t), 'signers.json')
  writeFileSync(signers, JSON.stringify([{ name: recordedBy, signingKeys: [{ publicKey: publicKeyText(key) }] }]))
  await forge({ ...sign(proposed(), { recordedBy }), recordedBy, version: 1 })
  t.match(await verify({ source: url, signers }), { outcome: /^valid$/ })
  const stranger = generateKeyPairSync('ed25519').privateKey
  await forge({ ...sign(agreed(), { recordedBy, key: stranger }), recordedBy, version: 2 })
  t.match(await verify({ source: url, signers }), { outcome: 'invalid', position: 2, sentence: /none of its keys/ })
})

t.test('a file of signers that cannot be read is named, with the form that is read', async (t) => {
  const { url, forge } = await openSigned(t)
  await forge({ ...proposed(), version: 1 })
  const file = join(temporaryFolder(t), 'signers.json')
  for (const content of [
    '{',
    '{}',
    '[{"name":"most"}]',
    '[{"name":"most","signingKeys":[],"signFrom":"x"}]',
    '[{"name":"m","signingKeys":[{"publicKey":"x"}]}]',
  ]) {
    writeFileSync(file, content)
    await t.rejects(verify({ source: url, signers: file }), { name: 'CannotCheck', message: /the form is \[\{"name"/ })
  }
  await t.rejects(verify({ source: url, signers: join(file, 'x') }), {
    name: 'CannotCheck',
    message: /there is no file/,
  })
})

t.test('a file and a pack carry the signatures, and events that were signed before a restore stay valid', async (t) => {
  const { url, forge, sign, key, database, signers } = await openSigned(t)
  await forge({ ...sign(proposed()), version: 1 })
  const folder = join(temporaryFolder(t), 'pack')
  await makePack({ source: url, proposalId: 'lab', folder })
  const vkey = readFileSync(join(folder, 'vkey'), 'utf8').trim()
  const packed = await verifyPack(folder, { keys: [vkey], signers })
  t.equal(packed.outcome, 'valid', packed.sentence)
  t.match(
    found(packed),
    `1 of 1 events are signed by their callers, and every signature is on what its event says: key:most 1`,
  )
  t.match(readFileSync(join(folder, 'index.html'), 'utf8'), `with the key <code>${publicKeyText(key)}</code>`)

  const { rows } = await database.pool().query('SELECT log_id FROM log_identity')
  const { logId } = await acceptRestore(database.pool(), 'the disk was lost')
  await forge({ ...sign(agreed(), { log: logId }), version: 2 })
  const verdict = await verify({ source: url })
  t.equal(verdict.outcome, 'valid', verdict.sentence)
  t.match(found(verdict), `before a restore: ${rows[0]?.log_id}`)
  t.match(await verify({ source: url, formerLogs: [String(rows[0]?.log_id)] }), { outcome: /^valid$/ })
  const file = join(temporaryFolder(t), 'log.ndjson')
  await exportLog({ source: url, file })
  t.match(await verify({ source: file }), { outcome: 'could-not-be-checked', sentence: /give --former-log/ })
  t.match(await verify({ source: file, formerLogs: [String(rows[0]?.log_id)] }), { outcome: /^valid$/ })
})

t.test('a restore admits signatures for the former log only as far as a trusted key has signed that log', async (t) => {
  const { url, forge, sign, database } = await openSigned(t)
  const pool = database.pool()
  await forge({ ...sign(proposed()), version: 1 })
  const { rows } = await pool.query('SELECT log_id FROM log_identity')
  const former = String(rows[0]?.log_id)
  const { logId } = await acceptRestore(pool, 'the disk was lost')
  await forge({ ...sign(agreed(), { log: logId }), version: 2 })
  t.match(await verify({ source: url, status: false }), { outcome: /^valid$/ })
  // Signed for the former log, and placed beyond all that it had signed.
  await forge({ ...sign(example('risk-flagged'), { log: former }), version: 3 })
  const late = await verify({ source: url, status: false })
  t.match(late, { outcome: 'could-not-be-checked', sentence: /the event at position 3 .* word of its operator alone/ })
  t.match(await verify({ source: url, status: false, formerLogs: [former] }), { outcome: /^valid$/ })
})
