import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { example, proposed, temporaryFolder } from '@commitments/test-kit'
import { newKey } from '@commitments/test-kit/services'
import { verifierKey } from '@commitments/transparency'
import t from 'tap'
import { type Check, exportLog, type Verdict, verify } from '../src/index.ts'
import { openAudited, recordPortfolio, servedCheckpoint, startProjection } from './services.ts'

t.setTimeout(120_000)

function findingOf({ checks }: Verdict, name: Check['name']) {
  return checks.find((check) => check.name === name)?.finding
}

t.test('an unchanged log is valid: lines, tree, signature, and the status of every proposal', async (t) => {
  const audited = await openAudited(t)
  const size = await recordPortfolio(audited)
  await audited.signed(size)
  const verdict = await verify({ source: audited.url })
  t.match(verdict, { outcome: /^valid$/, position: null, subject: { lines: size, size } }, verdict.sentence)
  for (const name of ['lines', 'tree', 'signature', 'status'] as const)
    t.match(findingOf(verdict, name), { outcome: 'held' })
  t.match(findingOf(verdict, 'status'), { sentence: /each of \d+ proposals is what its events come to/ })
})

t.test('a log in which an organisation was renamed is valid: the recorded names are what the events say', async (t) => {
  const audited = await openAudited(t)
  await audited.client.recordEvent('lab', proposed())
  await audited.client.recordEvent('other', proposed())
  await audited.client.recordEvent('other', example('party-renamed', { party: 'msit-kr', name: { en: 'Elsewhere' } }))
  await audited.signed(3)
  const { value } = await audited.client.getProposal('lab', { atLeast: 3 })
  t.match(
    value?.parties.find(({ party }) => party === 'msit-kr'),
    { name: { en: 'Elsewhere' }, recordedName: { en: 'Ministry of Science and ICT' } },
  )
  for (const eachAlone of [false, true])
    t.match(await verify({ source: audited.url, eachAlone }), { outcome: /^valid$/ })
})

t.test('an empty log is valid, as an empty log', async (t) => {
  const audited = await openAudited(t)
  await audited.signed(0)
  t.match(await verify({ source: audited.url }), { outcome: /^valid$/, sentence: /the log is empty/ })
})

t.test('a key from the service itself is trusted once, which the verdict says, and then kept', async (t) => {
  const audited = await openAudited(t)
  await audited.client.recordEvent('lab', proposed())
  await audited.signed(1)
  const memory = join(temporaryFolder(t), 'memory')
  const first = await verify({ source: audited.url, memory })
  t.match(first, { outcome: /^valid$/, sentence: /taken on trust/ })
  t.match(findingOf(first, 'key'), {
    outcome: 'left-out',
    sentence: /Compare it with the key that its operator has published/,
  })
  await audited.client.recordEvent('lab-2', proposed())
  await audited.signed(2)
  const second = await verify({ source: audited.url, memory })
  t.match(second, { outcome: /^valid$/, sentence: /nothing that was signed at the last check/ })
  t.notMatch(second.sentence, /taken on trust/)
  t.match(findingOf(second, 'key'), { outcome: 'held', sentence: /kept since .*nobody has given it from elsewhere/ })
  t.match(findingOf(second, 'earlier'), { outcome: 'held', sentence: /size 1\) still holds/ })
  t.same(readdirSync(memory).toSorted(), ['checkpoint', 'leaves', 'memory.json'])
  t.equal(statSync(join(memory, 'leaves')).size, 64)
})

t.test('if the given key did not sign the log, the log is neither valid nor invalid', async (t) => {
  const [audited, other] = await Promise.all([openAudited(t), openAudited(t)])
  await audited.client.recordEvent('lab', proposed())
  const note = await audited.signed(1)
  const [origin = ''] = note.split('\n')
  const right = verifierKey(origin, audited.signing.keys[0]!)
  const wrong = verifierKey(origin, other.signing.keys[0]!)
  t.match(await verify({ source: audited.url, keys: [right] }), { outcome: /^valid$/ })
  t.match(await verify({ source: audited.url, keys: [wrong] }), {
    outcome: 'could-not-be-checked',
    sentence: /not by a key that is trusted here/,
  })
})

t.test('an unreachable service could not be checked', async (t) => {
  await t.rejects(verify({ source: 'http://127.0.0.1:9', pauses: [1] }), {
    name: 'CannotCheck',
    message: /could not be read/,
  })
  await t.rejects(verify({ source: join(temporaryFolder(t), 'nothing.ndjson') }), {
    name: 'CannotCheck',
    message: /no file/,
  })
})

t.test(
  'a served status that differs from the fold of its events is found, with the proposal and the member',
  async (t) => {
    const audited = await openAudited(t)
    await recordPortfolio(audited)
    const recorded = await audited.client.recordEvent('lab', proposed())
    await audited.signed(recorded.position)
    const pool = audited.database.pool()
    const changed = await pool.query(
      `UPDATE proposal_status SET state = replace(state::text, '"stage":"proposed"', '"stage":"delivered"')::json WHERE proposal_id = 'lab'`,
    )
    t.equal(changed.rowCount, 1)
    const verdict = await verify({ source: audited.url })
    t.match(verdict, {
      outcome: 'invalid',
      position: recorded.position,
      sentence: /status of lab says stage "delivered"/,
    })
    t.match(findingOf(verdict, 'tree'), { outcome: 'held' }, 'the log itself is whole')
    t.match(await verify({ source: audited.url, status: false }), { outcome: /^valid$/ }, 'unless it is left out')
  },
)

t.test('a proposal that is not served, and one that is served but not in the log, are found', async (t) => {
  const audited = await openAudited(t)
  await audited.client.recordEvent('lab', proposed())
  await audited.client.recordEvent('lab-2', proposed())
  await audited.signed(2)
  const pool = audited.database.pool()
  await pool.query(`UPDATE proposal_status SET proposal_id = 'stranger' WHERE proposal_id = 'lab-2'`)
  // Uses a service that has not written these statuses: the writer may answer from memory, which nobody tampered with.
  await audited.stop()
  const { url } = await startProjection(t, audited.database, null)
  const renamed = await verify({ source: url })
  t.match(renamed, { outcome: 'invalid', position: 2, sentence: /serves no status of lab-2/ })
  await pool.query(
    `UPDATE proposal_status SET state = replace(state::text, 'lab-2', 'stranger')::json WHERE proposal_id = 'stranger'`,
  )
  const stranger = await verify({ source: url })
  t.match(
    stranger.checks.find(({ name }) => name === 'status'),
    { finding: { outcome: 'broken' } },
  )
  t.match(stranger.sentence, /lab-2|stranger/)
})

t.test('a file of lines is checked with the checkpoint beside it, and could not be checked without', async (t) => {
  const audited = await openAudited(t)
  const size = await recordPortfolio(audited)
  await audited.signed(size)
  const file = join(temporaryFolder(t), 'log.ndjson')
  const lines = await (
    await fetch(`${audited.url}/v1/events?after=0`, { headers: { Accept: 'application/x-ndjson' } })
  ).text()
  writeFileSync(file, lines)
  t.match(await verify({ source: file }), {
    outcome: 'could-not-be-checked',
    sentence: /nobody has signed these lines/,
  })
  const { note } = await servedCheckpoint(audited.url)
  writeFileSync(`${file}.checkpoint`, note)
  writeFileSync(`${file}.vkey`, await (await fetch(`${audited.url}/log/vkey`)).text())
  t.match(await verify({ source: file }), { outcome: /^valid$/ })
  writeFileSync(file, lines.slice(0, -10))
  t.match(await verify({ source: file }), {
    outcome: 'could-not-be-checked',
    sentence: new RegExp(`position ${size} is cut off`),
  })
  writeFileSync(file, lines.split('\n').slice(0, 7).join('\n').concat('\n'))
  t.match(await verify({ source: file }), { outcome: 'invalid', position: 8, sentence: /missing/ })
})

t.test('lines in another order are reported as such, and a line that is gone as missing', async (t) => {
  const audited = await openAudited(t)
  await audited.signed(await recordPortfolio(audited))
  const file = join(temporaryFolder(t), 'log.ndjson')
  await exportLog({ source: audited.url, file })
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n')
  const write = (changed: readonly string[]) => writeFileSync(file, `${changed.join('\n')}\n`)
  write(lines.with(4, lines[8] as string).with(8, lines[4] as string))
  t.match(await verify({ source: file }), {
    outcome: 'invalid',
    position: 5,
    sentence: /the line in its place says that it is position 9, and its own line stands 4 further on/,
  })
  write(lines.toSpliced(4, 1))
  t.match(await verify({ source: file }), {
    outcome: 'invalid',
    position: 5,
    sentence: /it is missing: the next line says that it is position 6/,
  })
})

t.test('one cause is reported once', async (t) => {
  const audited = await openAudited(t)
  await audited.client.recordEvent('lab', proposed())
  const note = await audited.signed(1)
  const wrong = verifierKey(note.split('\n')[0] as string, newKey())
  const { sentence } = await verify({ source: audited.url, keys: [wrong] })
  t.notMatch(
    sentence,
    'and because',
    'that no key is trusted is the one reason why nothing was compared with a checkpoint',
  )
})
