import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { acceptRestore } from '@commitments/event-store'
import { proposed, temporaryFolder } from '@commitments/test-kit'
import t, { type Test } from 'tap'
import { verify } from '../src/index.ts'
import { explainRename } from '../src/log/restores.ts'
import { type Audited, openAudited, startProjection } from './services.ts'
import { takeTriggersOff } from './tampering.ts'

t.setTimeout(120_000)

/** Six events are signed and checked; then the database is restored to a state with three of them, and its operator accepts that. */
async function restoredLog(t: Test): Promise<{ audited: Audited; memory: string; restore: () => Promise<string> }> {
  const audited = await openAudited(t)
  for (const number of [1, 2, 3, 4, 5, 6]) await audited.client.recordEvent(`lab-${number}`, proposed())
  await audited.signed(6)
  const memory = join(temporaryFolder(t), 'memory')
  t.match(await verify({ source: audited.url, status: false, memory }), { outcome: /^valid$/ })
  const restore = async () => {
    await audited.stop()
    const pool = audited.database.pool()
    await takeTriggersOff(pool)
    await pool.query('DELETE FROM events WHERE position > 3')
    await acceptRestore(pool, 'the disk was lost')
    return (await startProjection(t, audited.database, audited.signing)).url
  }
  return { audited, memory, restore }
}

t.test(
  'after an accepted restore the log has another name and the same key, and the lost events are named',
  async (t) => {
    const { memory, restore } = await restoredLog(t)
    const url = await restore()
    await untilSigned(url, 3)
    const verdict = await verify({ source: url, status: false, memory })
    t.match(
      verdict,
      { outcome: 'invalid', position: 4, sentence: /it is missing: the checkpoint that was kept .* 6 events/ },
      verdict.sentence,
    )
    t.match(
      verdict.sentence,
      /the log [0-9a-f-]{36} ended and [0-9a-f-]{36} took its place, declared by the operator at 20\S+Z because “the disk was lost”\. That is the word of the operator, and no proof\. Whoever accepts it begins a new memory with --begin-anew\)\.$/,
      'the verdict says what the operator has declared',
    )
    const signature = verdict.checks.find(({ name }) => name === 'signature')
    t.match(signature, { finding: { outcome: 'held' } }, 'the key is known, under whatever name')
  },
)

t.test(
  'a log that continues differently after a restore has forked from the signed one, at a named position',
  async (t) => {
    const { audited, memory, restore } = await restoredLog(t)
    const url = await restore()
    for (const number of [7, 8, 9, 10]) await audited.client.recordEvent(`lab-${number}`, proposed())
    await untilSigned(url, 7)
    const verdict = await verify({ source: url, status: false, memory })
    t.match(
      verdict,
      {
        outcome: 'invalid',
        position: 4,
        sentence:
          /forked at or before size 6: .* \(the log was called .* declared by the operator at .* because “the disk was lost”/,
      },
      verdict.sentence,
    )
    const anew = await verify({ source: url, status: false, memory, beginAnew: true })
    t.match(anew, { outcome: /^valid$/ }, 'whoever knows of the restore begins anew')
    t.match(await verify({ source: url, status: false, memory }), { outcome: /^valid$/, sentence: /at the last check/ })
  },
)

t.test(
  'an auditor whose last check lay before the restore point is told of the signed events that were given up',
  async (t) => {
    const audited = await openAudited(t)
    for (const number of [1, 2]) await audited.client.recordEvent(`lab-${number}`, proposed())
    const note = await audited.signed(2)
    const place = temporaryFolder(t)
    const [memory, earlier] = [join(place, 'memory'), join(place, 'earlier')]
    writeFileSync(earlier, note)
    const before = await verify({ source: audited.url, status: false, memory })
    t.match(before, { outcome: /^valid$/ })
    t.match(restoresOf(before), /has declared no restore/)
    for (const number of [3, 4, 5, 6]) await audited.client.recordEvent(`lab-${number}`, proposed())
    await audited.signed(6)
    await audited.stop()
    const pool = audited.database.pool()
    await takeTriggersOff(pool)
    await pool.query('DELETE FROM events WHERE position > 3')
    await acceptRestore(pool, 'the disk was lost')
    const { url } = await startProjection(t, audited.database, audited.signing)
    await untilSigned(url, 3)
    await audited.client.recordEvent('lab-7', proposed())
    await untilSigned(url, 4)
    const given = /signed events were given up in a declared restore \(positions 4 to 6\): see below/
    for (const how of [{ memory }, { earlier: [earlier] }, {}]) {
      const verdict = await verify({ source: url, status: false, ...how })
      t.match(verdict, { outcome: /^valid$/, sentence: given }, verdict.sentence)
      t.match(
        restoresOf(verdict),
        /because “the disk was lost”: the log \S+ ended and \S+ took its place\. The old log was signed over 6 events\. Those at the positions 4 to 6 \(3, or the last of them\) were given up/,
      )
    }
  },
)

t.test('a restore that gave up nothing that was signed is said, and not counted as a loss', async (t) => {
  const audited = await openAudited(t)
  await audited.client.recordEvent('lab-1', proposed())
  await audited.signed(1)
  await audited.stop()
  await acceptRestore(audited.database.pool(), 'to be safe')
  const { url } = await startProjection(t, audited.database, audited.signing)
  await untilSigned(url, 1)
  const verdict = await verify({ source: url, status: false })
  t.match(verdict, { outcome: /^valid$/ })
  t.notMatch(verdict.sentence, /given up/)
  t.match(restoresOf(verdict), /because “to be safe”.*The log begins with all that is known to have been signed before/)
})

function restoresOf({ checks }: Awaited<ReturnType<typeof verify>>): string {
  const finding = checks.find(({ name }) => name === 'restores')?.finding
  return finding?.outcome === 'held' ? finding.sentence : JSON.stringify(finding)
}

t.test('without a declared restore, the verdict says that none was declared', async () => {
  const [one, other, third] = ['a', 'b', 'c'].map((letter) => `0199c1e4-7d5a-7c3e-9a4b-0c6a2f4f8f1${letter}`) as [
    string,
    string,
    string,
  ]
  const restore = (oldLogId: string, newLogId: string, reason: string) => ({
    oldLogId,
    newLogId,
    reason,
    recordedAt: '2026-11-29T08:00:00Z',
    note: null,
    source: 'database',
    firstPosition: 1,
  })
  const explain = (restores: Parameters<typeof explainRename>[0]) =>
    explainRename(restores, `log.example/${one}`, `log.example/${third}`)
  t.match(explain([]), /has declared no restore/)
  t.match(explain([restore(one, other, 'x')]), /has declared no restore/, 'nor one that leads elsewhere')
  t.match(explain([restore(other, one, 'x'), restore(one, other, 'x')]), /has declared no restore/, 'nor in a circle')
  t.match(explain(null), /could not be asked/)
  const both = explain([restore(one, other, 'a disk'), restore(other, third, 'a flood')])
  t.match(
    both,
    new RegExp(`${one} ended and ${other} took .* “a disk”; then .* ${third} took .* “a flood”`),
    'two one after the other',
  )
  t.equal(explainRename([], `a.example/log/${one}`, `b.example/log/${one}`), 'its Log-Id is the same')
})

async function untilSigned(url: string, size: number): Promise<void> {
  for (let tries = 0; tries < 400; tries += 1) {
    const answer = await fetch(`${url}/log/checkpoint`)
    if (answer.ok && Number((await answer.text()).split('\n')[1]) >= size) return
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error('nothing was signed')
}
