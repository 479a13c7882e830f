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
      /the log [0-9a-f-]{36} ended and [0-9a-f-]{36} took its place, declared by the operator at 20\S+Z because “the disk was lost”\. That is the word of the operator, and no proof\)\.$/,
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
