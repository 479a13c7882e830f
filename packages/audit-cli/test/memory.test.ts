import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { proposed, temporaryFolder } from '@commitments/test-kit'
import { newKey, signingFor } from '@commitments/test-kit/services'
import t from 'tap'
import { type Verdict, verify } from '../src/index.ts'
import { createLeaves } from '../src/log/leaves.ts'
import { openMemory, remember } from '../src/log/memory.ts'
import { verifyProof } from '../src/proof/verify.ts'
import { lyingProxy } from './lying-proxy.ts'
import { type Audited, openAudited, startProjection } from './services.ts'

// The memory of an auditor decides what a log is compared with: no answer of a server, and no other check, may choose another one or spoil it.

t.setTimeout(300_000)

const valid = /^valid$/
const invented = '00000000-0000-4000-8000-00000000cafe'

async function recordSome({ client, signed }: Audited): Promise<number> {
  let last = 0
  for (const id of ['first', 'second', 'third']) last = (await client.recordEvent(id, proposed())).position
  await signed(last)
  return last
}

function sentencesOf({ checks }: Verdict, name: string): string {
  return checks
    .filter((check) => check.name === name)
    .map(({ finding }) => ('sentence' in finding ? finding.sentence : finding.because))
    .join(' ')
}

t.test('which memory belongs to a log is decided by what was verified, and not by what it says at first', async (t) => {
  const audited = await openAudited(t)
  await recordSome(audited)
  const memories = join(temporaryFolder(t), 'memories')
  const options = { status: false, memories }
  t.match(await verify({ ...options, source: audited.url }), { outcome: valid })
  const [known] = readdirSync(memories)
  const { url, tell } = await lyingProxy(t, audited.url)
  // The first answer of each is another one; all later ones are honest.
  const told = new Set<string>()
  const once = (what: string, lie: () => { body: Buffer }) => (told.has(what) ? undefined : (told.add(what), lie()))
  tell({
    alter: ({ path, status, body }) => {
      if (status !== 200) return undefined
      const text = body.toString('utf8')
      if (path.endsWith('/checkpoint'))
        return once('checkpoint', () => ({ body: Buffer.from(text.replace(/[0-9a-f-]{36}/, invented)) }))
      if (path.endsWith('/vkey')) return once('vkey', () => ({ body: Buffer.from('x\n') }))
      if (path.startsWith('/v1/events'))
        return once('line', () => ({ body: Buffer.from(text.replace('"position":1', '"position":7')) }))
      return undefined
    },
  })
  const source = url.replace('127.0.0.1', 'localhost')
  const fooled = await verify({ ...options, source, pauses: [] })
  t.match(fooled, { outcome: 'could-not-be-checked', sentence: /says at first that it is another one/ })
  t.same(readdirSync(memories), [known], 'and nothing is kept under the invented name')
  t.match(await verify({ ...options, source }), {
    outcome: valid,
    sentence: /nothing that was signed at the last check/,
  })
  t.same(readdirSync(memories), [known])
})

t.test('several checks at one memory all have their verdict, and the memory is whole', async (t) => {
  const audited = await openAudited(t)
  await recordSome(audited)
  const memory = join(temporaryFolder(t), 'memory')
  for (let round = 0; round < 3; round += 1) {
    const all = await Promise.all(
      Array.from({ length: 6 }, () => verify({ source: audited.url, status: false, memory })),
    )
    for (const verdict of all) {
      t.match(verdict, { outcome: valid }, verdict.sentence)
      t.notMatch(sentencesOf(verdict, 'memory'), /could not be kept/)
    }
    t.same(readdirSync(memory).toSorted(), ['checkpoint', 'leaves', 'memory.json'])
  }
})

t.test('a check that was slower does not put a smaller log back, nor one that contradicts', async (t) => {
  const audited = await openAudited(t)
  await recordSome(audited)
  const memory = join(temporaryFolder(t), 'memory')
  const check = () => verify({ source: audited.url, status: false, memory })
  await check()
  const place = temporaryFolder(t)
  cpSync(memory, join(place, 'small'), { recursive: true })
  const slow = await openMemory(memory)
  const { position } = await audited.client.recordEvent('fourth', proposed())
  await audited.signed(position)
  await check()
  const small = await openMemory(join(place, 'small'))
  const leaves = createLeaves()
  t.teardown(leaves.dispose)
  const { vkeys, source, keysGiven, trustedSince, checkedAt, checkpoint } = small.kept as NonNullable<typeof small.kept>
  const about = { vkeys, source, keysGiven, trustedSince, checkedAt }
  const largest = readFileSync(join(memory, 'checkpoint'), 'utf8')
  t.equal(await remember(slow, about, checkpoint, leaves), true)
  // It began when nothing was kept, so it has compared with nothing.
  const other = checkpoint.replace(/\n\d+\n.*\n/, `\n2\n${Buffer.alloc(32, 1).toString('base64')}\n`)
  t.equal(await remember({ ...slow, kept: null }, about, other, leaves), false)
  t.equal(readFileSync(join(memory, 'checkpoint'), 'utf8'), largest)
})

t.test('a lock that a killed check left behind does not last', async (t) => {
  const audited = await openAudited(t)
  await recordSome(audited)
  const memory = join(temporaryFolder(t), 'memory')
  mkdirSync(memory)
  const { hostname } = await import('node:os')
  writeFileSync(join(memory, 'lock'), `${hostname()} 4194303\n`)
  const verdict = await verify({ source: audited.url, status: false, memory })
  t.match(verdict, { outcome: valid }, verdict.sentence)
  t.same(readdirSync(memory).toSorted(), ['checkpoint', 'leaves', 'memory.json'])
})

t.test(
  'a damaged memory of another log is named, and stops nothing; one of this log could not be checked',
  async (t) => {
    const audited = await openAudited(t)
    const last = await recordSome(audited)
    const place = temporaryFolder(t)
    const memories = join(place, 'memories')
    const options = { source: audited.url, status: false, memories }
    await verify(options)
    const [own = ''] = readdirSync(memories)
    mkdirSync(join(memories, 'of-another'))
    writeFileSync(join(memories, 'of-another', 'memory.json'), '{')
    writeFileSync(join(memories, 'of-another', 'checkpoint'), 'another\n')
    const verdict = await verify(options)
    t.match(verdict, { outcome: valid }, verdict.sentence)
    t.match(sentencesOf(verdict, 'memory'), /it is of another log, so it was not looked at: .*of-another is damaged/)
    const take = async (path: string, accept = '*/*') =>
      (await fetch(`${audited.url}${path}`, { headers: { accept } })).text()
    const [proof, line] = [join(place, 'proof'), join(place, 'line')]
    writeFileSync(proof, await take(`/v1/log/proofs/${last}.tlog-proof`))
    writeFileSync(line, await take(`/v1/events?after=${last - 1}&limit=1`, 'application/x-ndjson'))
    const proved = await verifyProof({ proof, line, memories })
    t.match(proved, { outcome: valid }, proved.sentence)
    t.match(sentencesOf(proved, 'memory'), /of-another is damaged/)
    // Under another name too: its checkpoint and its first leaf say whose it is.
    writeFileSync(join(memories, own, 'memory.json'), '{')
    await t.rejects(verify(options), { name: 'CannotCheck', message: /is damaged: memory.json cannot be read/ })
    cpSync(join(memories, own), join(memories, 'moved'), { recursive: true })
    writeFileSync(join(memories, own, 'checkpoint'), '')
    await t.rejects(verify(options), { name: 'CannotCheck' })
  },
)

t.test('a kept checkpoint that is damaged is put back or given up: it cannot be fetched again', async (t) => {
  const audited = await openAudited(t)
  await recordSome(audited)
  const memory = join(temporaryFolder(t), 'memory')
  await verify({ source: audited.url, status: false, memory })
  const path = join(memory, 'checkpoint')
  writeFileSync(path, readFileSync(path, 'utf8').replaceAll('\n', '\r\n'))
  const verdict = await verify({ source: audited.url, status: false, memory })
  t.match(verdict, {
    outcome: 'could-not-be-checked',
    sentence: /Put it back from a backup of your own, or begin a new memory/,
  })
})

t.test('a key that the log names and that is not trusted is said while the known one still signs', async (t) => {
  const [present, next] = [newKey(), newKey()]
  const signing = signingFor(t, { keys: [present] })
  const audited = await openAudited(t, signing)
  const last = await recordSome(audited)
  const memory = join(temporaryFolder(t), 'memory')
  await verify({ source: audited.url, status: false, memory })
  await audited.stop()
  const { url } = await startProjection(t, audited.database, { ...signing, keys: [next, present] })
  const { position } = await audited.client.recordEvent('fourth', proposed())
  t.equal(position, last + 1)
  for (;;) {
    const note = await (await fetch(`${url}/log/checkpoint`)).text()
    if (note.includes(`\n${position}\n`)) break
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  const verdict = await verify({ source: url, status: false, memory })
  t.match(verdict, { outcome: valid }, verdict.sentence)
  t.match(sentencesOf(verdict, 'key'), /The log also names sha256:[0-9a-f]{64}, which is not trusted here.*with --key/)
})
