import { execFileSync } from 'node:child_process'
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { proposed, temporaryFolder } from '@commitments/test-kit'
import { newKey } from '@commitments/test-kit/services'
import { makeSigner, signNote, verifierKey } from '@commitments/transparency'
import t, { type Test } from 'tap'
import { fingerprintOf } from '../src/log/keys.ts'
import { makePack } from '../src/pack/make.ts'
import { verifyPack } from '../src/pack/verify.ts'
import { verify } from '../src/verify/verify.ts'
import { openAudited, recordPortfolio } from './services.ts'

t.setTimeout(120_000)

async function packed(t: Test, proposalId = 'vkist-phase-2') {
  const audited = await openAudited(t)
  const size = await recordPortfolio(audited)
  await audited.signed(size)
  const path = join(temporaryFolder(t), 'pack')
  const { verdict } = await makePack({ source: audited.url, proposalId, folder: path })
  t.match(verdict, { outcome: /^valid$/ }, verdict.sentence)
  const origin = String(verdict.subject['origin'])
  return { audited, path, size, vkey: verifierKey(origin, audited.signing.keys[0]!) }
}

t.test(
  'a pack is checked without network, with a key from outside; with its own key it could not be checked',
  async (t) => {
    const { audited, path, vkey } = await packed(t)
    await audited.stop()
    const own = await verifyPack(path)
    t.match(own, {
      outcome: 'could-not-be-checked',
      sentence:
        /^COULD NOT BE CHECKED because the key came with the pack, and anybody can make a pack with a key of their own/,
    })
    const fingerprint = fingerprintOf(vkey)
    t.match(own.sentence, `The pack names ${fingerprint}`)
    for (const key of [vkey, fingerprint]) {
      const given = await verifyPack(path, { keys: [key] })
      t.match(given, { outcome: /^valid$/, sentence: /events of vkist-phase-2 stood at its position/ })
      t.match(given.sentence, /only the whole log can show/)
    }
    await t.rejects(verifyPack(path, { keys: [fingerprint.replace(/.$/, (last) => (last === '0' ? '1' : '0'))] }), {
      name: 'CannotCheck',
      message: new RegExp(`names no key with the fingerprint .*: it names ${fingerprint}`),
    })
    const wrong = verifierKey('log.example/other', newKey())
    t.match(await verifyPack(path, { keys: [wrong] }), { outcome: 'could-not-be-checked' })
  },
)

t.test('its files can be checked with other tools too: sums, lines, proofs', async (t) => {
  const { path } = await packed(t)
  t.match(execFileSync('sha256sum', ['--check', 'SHA256SUMS'], { cwd: path, encoding: 'utf8' }), /index\.html: OK/)
  const lines = readFileSync(join(path, 'events.ndjson'), 'utf8').trimEnd().split('\n')
  t.equal(readdirSync(join(path, 'proofs')).length, lines.length)
  t.match(
    readFileSync(join(path, 'proofs', readdirSync(join(path, 'proofs'))[0] as string), 'utf8'),
    /^c2sp\.org\/tlog-proof@v1\n/,
  )
  t.match(JSON.parse(readFileSync(join(path, 'evidence.json'), 'utf8')), [
    { position: Number, title: String, supports: String },
  ])
})

t.test(
  'its page names stage, condition and events in English, Vietnamese and Korean, as the vocabulary does',
  async (t) => {
    const { path } = await packed(t)
    const page = readFileSync(join(path, 'index.html'), 'utf8')
    t.match(page, 'its stage is <strong>')
    t.match(page, 'Proposed (<span lang="vi">Đề xuất</span>, <span lang="ko">제안</span>)')
  },
)

t.test('any change in a pack is found', async (t) => {
  const { path } = await packed(t)
  const spoil = async (name: string, change: (text: string) => string, sums = true) => {
    const copy = join(temporaryFolder(t), 'pack')
    cpSync(path, copy, { recursive: true })
    writeFileSync(join(copy, name), change(readFileSync(join(copy, name), 'utf8')))
    if (sums) renewSums(copy)
    return verifyPack(copy)
  }
  t.match(await spoil('index.html', (text) => text.replace('<h1>', '<h1>!'), false), {
    outcome: 'invalid',
    sentence: /"index.html" is not as it was written/,
  })
  t.match(await spoil('index.html', (text) => text.replace('<h1>', '<h1>!')), {
    outcome: 'invalid',
    sentence: /index.html differs from the result of the events/,
  })
  t.match(await spoil('status.json', (text) => text.replace('"stage"', '"stages"')), { outcome: 'invalid' })
  t.match(await spoil('evidence.json', () => '[]\n'), { outcome: 'invalid', sentence: /evidence.json/ })
  const forged = await spoil('events.ndjson', (text) => text.replace('key:', 'key:not-'))
  t.match(forged, { outcome: 'invalid', position: Number, sentence: /its proof leads to another root/ })
  const shortened = await spoil('events.ndjson', (text) => text.slice(text.indexOf('\n') + 1))
  t.match(shortened, { outcome: 'invalid', sentence: /it is version 2, and the event before it is version 0/ })
  t.match(await spoil('checkpoint', (text) => text.replace(/\n\d+\n/, '\n7\n')), {
    outcome: 'invalid',
    sentence: /signature/,
  })
})

t.test(
  'files that another system leaves in a pack are named and ignored, and the line ends of its sums do not matter',
  async (t) => {
    const { path, vkey } = await packed(t)
    for (const name of ['.DS_Store', 'Thumbs.db', 'proofs/desktop.ini']) writeFileSync(join(path, name), 'x')
    const sums = readFileSync(join(path, 'SHA256SUMS'), 'utf8')
    writeFileSync(join(path, 'SHA256SUMS'), sums.replaceAll('\n', '\r\n'))
    const verdict = await verifyPack(path, { keys: [vkey] })
    t.match(verdict, { outcome: /^valid$/ }, verdict.sentence)
    t.match(JSON.stringify(verdict.checks), /not looked at: .*\.DS_Store.*Thumbs\.db.*proofs\/desktop\.ini/)
  },
)

t.test('a file of the pack that its sums do not list is ignored too, so nothing depends on it', async (t) => {
  const { path } = await packed(t)
  const without = (name: string) => {
    const sums = readFileSync(join(path, 'SHA256SUMS'), 'utf8').split('\n')
    writeFileSync(join(path, 'SHA256SUMS'), sums.filter((line) => !line.endsWith(name)).join('\n'))
  }
  without('vkey')
  t.match(await verifyPack(path), { outcome: 'could-not-be-checked' })
  without('events.ndjson')
  await t.rejects(verifyPack(path), { name: 'CannotCheck', message: /does not list events.ndjson/ })
})

function renewSums(path: string): void {
  rmSync(join(path, 'SHA256SUMS'))
  const sums = execFileSync('sh', ['-c', 'find . -type f | sed "s,^\\./,," | xargs sha256sum'], {
    cwd: path,
    encoding: 'utf8',
  })
  writeFileSync(join(path, 'SHA256SUMS'), sums)
}

t.test('the page shows any text of a record as text', async (t) => {
  const audited = await openAudited(t)
  const title = { en: '<script>alert(1)</script> & "quotes"' }
  const evidence = [{ title: '<img src=x onerror=alert(1)>', supports: 'x', url: 'https://example.org/?a=1&b="2' }]
  const recorded = await audited.client.recordEvent('lab', proposed({ title }, { evidence }))
  await audited.signed(recorded.position)
  const path = join(temporaryFolder(t), 'pack')
  await makePack({ source: audited.url, proposalId: 'lab', folder: path })
  const page = readFileSync(join(path, 'index.html'), 'utf8')
  t.match(page, '&lt;script&gt;alert(1)&lt;/script&gt; &amp; &quot;quotes&quot;')
  t.notMatch(page, /<script|<img|onerror=alert\(1\)>/)
  t.match(page, /default-src 'none'/)
})

t.test('no pack is made for an unknown proposal, or in a folder that already exists', async (t) => {
  const { audited, path } = await packed(t)
  const again = { source: audited.url, folder: join(temporaryFolder(t), 'pack') }
  await t.rejects(makePack({ ...again, proposalId: 'nobody' }), {
    name: 'CannotCheck',
    message: /knows no proposal nobody$/,
  })
  await t.rejects(makePack({ ...again, proposalId: 'jcm10', folder: path }), {
    name: 'CannotCheck',
    message: /is there already; name another folder/,
  })
  await t.rejects(makePack({ ...again, proposalId: 'jcm1O' }), { message: /is no id of a proposal/ })
  await t.rejects(makePack({ ...again, proposalId: 'jcm01' }), { message: /knows no proposal jcm01. Ids like it: jcm/ })
  await t.rejects(verifyPack(temporaryFolder(t)), { name: 'CannotCheck', message: /is no pack/ })
})

t.test('a pack that was forged with the forger’s own key is never valid, with or without memory', async (t) => {
  const { audited, path, vkey } = await packed(t)
  const memories = temporaryFolder(t)
  await verify({ source: audited.url, status: false, memories })
  t.match(await verifyPack(path, { memories }), { outcome: /^valid$/ }, 'whoever has checked the log knows its key')
  const [key, origin] = [newKey(), vkey.split('+')[0] as string]
  const own = verifierKey(origin, key)
  const signer = makeSigner({ name: origin, privateKey: key })
  const forged = join(path, 'checkpoint')
  const text = readFileSync(forged, 'utf8').split('\n\n')[0]
  const note = signNote(`${text}\n`, [signer])
  const before = readFileSync(forged, 'utf8')
  for (const name of readdirSync(join(path, 'proofs')).map((name) => join(path, 'proofs', name)))
    writeFileSync(name, readFileSync(name, 'utf8').replace(before, note))
  writeFileSync(forged, note)
  for (const name of ['index.html', 'about.json'].map((name) => join(path, name)))
    writeFileSync(name, readFileSync(name, 'utf8').replaceAll(vkey, own))
  writeFileSync(join(path, 'vkey'), `${own}\n`)
  renewSums(path)
  const itself = await verifyPack(path, { keys: [own] })
  t.equal(itself.outcome, 'valid', itself.sentence)
  const alone = await verifyPack(path)
  t.match(alone, { outcome: 'could-not-be-checked' }, alone.sentence)
  for (const given of [{ memories }, { keys: [vkey] }])
    t.match(await verifyPack(path, given), {
      outcome: 'could-not-be-checked',
      sentence: /not by a key that is trusted here/,
    })
})
