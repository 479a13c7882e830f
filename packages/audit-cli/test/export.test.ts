import { appendFileSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { example, proposed, temporaryFolder } from '@commitments/test-kit'
import t from 'tap'
import { exportLog } from '../src/export/export.ts'
import { verify } from '../src/index.ts'
import { openAudited, recordPortfolio } from './services.ts'

t.setTimeout(120_000)

t.test('an export is the feed byte by byte, with what is needed to check it without the service', async (t) => {
  const audited = await openAudited(t)
  const size = await recordPortfolio(audited)
  await audited.signed(size)
  const file = join(temporaryFolder(t), 'log.ndjson')
  t.match(await exportLog({ source: audited.url, file }), { before: 0, lines: size, signed: true })
  const feed = await (
    await fetch(`${audited.url}/v1/events?after=0`, { headers: { Accept: 'application/x-ndjson' } })
  ).text()
  t.equal(readFileSync(file, 'utf8'), feed)
  await audited.stop()
  t.match(await verify({ source: file }), { outcome: /^valid$/ }, 'the service is gone')
})

t.test('a file is continued after its last whole line, wherever it was cut', async (t) => {
  const audited = await openAudited(t)
  let size = await recordPortfolio(audited)
  await audited.signed(size)
  const file = join(temporaryFolder(t), 'log.ndjson')
  await exportLog({ source: audited.url, file })
  const whole = readFileSync(file)
  for (const bytes of [0, 1, 700, whole.length - 1, whole.length]) {
    writeFileSync(file, whole)
    truncateSync(file, bytes)
    const before = readFileSync(file).filter((byte) => byte === 0x0a).length
    t.match(await exportLog({ source: audited.url, file }), { before, lines: size }, `cut at byte ${bytes}`)
    t.ok(readFileSync(file).equals(whole))
  }
  size = (await audited.client.recordEvent('one-more', proposed())).position
  await audited.signed(size)
  t.match(await exportLog({ source: audited.url, file }), { before: size - 1, lines: size })
  t.match(await verify({ source: file }), { outcome: /^valid$/ })
})

t.test('a file of another log is not continued, nor one that was changed', async (t) => {
  const audited = await openAudited(t)
  const size = await recordPortfolio(audited)
  await audited.signed(size)
  const file = join(temporaryFolder(t), 'log.ndjson')
  await exportLog({ source: audited.url, file })
  const lines = readFileSync(file, 'utf8').split('\n').slice(0, 10)
  const changed = JSON.stringify({ ...JSON.parse(lines[4] as string), recordedBy: 'key:forger' })
  writeFileSync(file, `${lines.with(4, changed).join('\n')}\n`)
  await t.rejects(exportLog({ source: audited.url, file }), { name: 'CannotCheck', message: /their trees do not fit/ })
  writeFileSync(file, `${lines.with(9, changed.replace('"position":5,', '"position":10,')).join('\n')}\n`)
  await t.rejects(exportLog({ source: audited.url, file }), { name: 'CannotCheck' })
  appendFileSync(file, 'notes of my own\n')
  await t.rejects(exportLog({ source: audited.url, file }), { name: 'CannotCheck', message: /holds no log/ })
  t.match(readFileSync(file, 'utf8'), /notes of my own\n$/, 'and it is left as it was')
})

t.test(
  'a log that grows during its export is exported up to its end at the start, and every line is complete',
  async (t) => {
    const audited = await openAudited(t)
    await audited.client.recordEvent('lab', proposed())
    await audited.signed(1)
    const file = join(temporaryFolder(t), 'log.ndjson')
    const writing = (async () => {
      for (let count = 0; count < 20; count += 1)
        await audited.client.recordEvent('lab', example('confirmed', { asOf: `2026-01-${10 + count}` }))
    })()
    const first = await exportLog({ source: audited.url, file })
    await writing
    const second = await exportLog({ source: audited.url, file })
    t.match(second, { before: first.lines, lines: 21 })
    t.equal(readFileSync(file, 'utf8').split('\n').length, 22)
  },
)

t.test('a file that is longer than the log is left as it is, and the log is said to have gone back', async (t) => {
  const audited = await openAudited(t)
  const { position } = await audited.client.recordEvent('lab', proposed())
  await audited.signed(position)
  const file = join(temporaryFolder(t), 'log.ndjson')
  await exportLog({ source: audited.url, file })
  const line = JSON.parse(readFileSync(file, 'utf8'))
  appendFileSync(file, `${JSON.stringify({ ...line, position: 2, version: 2 })}\n`)
  const before = readFileSync(file, 'utf8')
  await t.rejects(exportLog({ source: audited.url, file }), {
    name: 'CannotCheck',
    message: /the log ends at position 1, and .* has 2 lines of it: the log went back, or was restored.*--kept-lines/,
  })
  t.equal(readFileSync(file, 'utf8'), before)
})
