import { generateKeyPairSync } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { temporaryFolder } from '@commitments/test-kit'
import {
  emptyRoot,
  formatCheckpoint,
  makeCosigner,
  makeSigner,
  signNote,
  verifierKey,
  witnessKey,
} from '@commitments/transparency'
import t, { type Test } from 'tap'
import { verify } from '../src/index.ts'

const newKey = () => generateKeyPairSync('ed25519').privateKey
const origin = 'log.example/board'
const logKey = newKey()
const seconds = () => Math.floor(Date.now() / 1000)
const witnesses = ['w1', 'w2', 'w3'].map((title) => {
  const privateKey = newKey()
  return { title, privateKey, name: `${title}.example`, vkey: witnessKey(`${title}.example`, privateKey) }
})
const listed = witnesses.map(({ title, vkey }) => `witness ${title} ${vkey}\n`).join('')
const twoOfThree = `${listed}group g 2 w1 w2 w3\nquorum g\n`
const log = `log ${verifierKey(origin, logKey)}\n`

/** Checks an empty log, which these witnesses have cosigned at these times, by a policy. */
async function verified(t: Test, policy: string, cosigned: readonly (readonly [title: string, time: number])[]) {
  const folder = temporaryFolder(t)
  const cosigners = cosigned.map(([title, time]) => {
    const witness = witnesses.find((one) => one.title === title)
    if (!witness) throw new Error(title)
    return makeCosigner({ ...witness, now: () => time })
  })
  const text = formatCheckpoint({ origin, size: 0, root: emptyRoot })
  const source = join(folder, 'log.ndjson')
  writeFileSync(source, '')
  writeFileSync(
    `${source}.checkpoint`,
    signNote(text, [makeSigner({ name: origin, privateKey: logKey }), ...cosigners]),
  )
  writeFileSync(join(folder, 'policy'), policy)
  const verdict = await verify({ source, policy: join(folder, 'policy') })
  return { ...verdict, policy: verdict.checks.find(({ name }) => name === 'policy')?.finding }
}

t.test('a log that is cosigned as the policy requires is valid, and its key is the one of the policy', async (t) => {
  const now = seconds()
  const found = await verified(t, `${log}${twoOfThree}`, [
    ['w1', now],
    ['w3', now],
  ])
  t.equal(found.outcome, 'valid', found.sentence)
  t.match(found.policy, { outcome: 'held', sentence: /cosigned by w1, w3; the policy requires 2 of \(w1, w2, w3\)\.$/ })
  t.match(
    found.checks.find(({ name }) => name === 'key'),
    { finding: { outcome: 'held', sentence: /The key was given/ } },
  )
  t.equal((await verified(t, `${log}quorum none\n`, [])).outcome, 'valid')
})

t.test('with fewer cosignatures it could not be checked, and it is said whose are there', async (t) => {
  const found = await verified(t, `${log}${twoOfThree}`, [['w2', seconds()]])
  t.equal(found.outcome, 'could-not-be-checked')
  t.match(found.sentence, /not cosigned as the policy requires, which is by 2 of \(w1, w2, w3\): it is cosigned by w2/)
  t.match((await verified(t, `${log}${twoOfThree}`, [])).sentence, /it is cosigned by none of them/)
})

t.test(
  'a cosignature of a time that has not come does not count, and is no fault while others are enough',
  async (t) => {
    const now = seconds()
    const future = ['w2', now + 3_600] as const
    const enough = await verified(t, `${log}${twoOfThree}`, [['w1', now], future, ['w3', now]])
    t.equal(enough.outcome, 'valid', enough.sentence)
    t.match(enough.policy, { sentence: /w2.example is of a time that has not come/ })
    t.equal((await verified(t, `${log}${twoOfThree}`, [['w1', now], future])).outcome, 'could-not-be-checked')
  },
)

t.test('a checkpoint of a log that the policy does not list could not be checked', async (t) => {
  const now = seconds()
  const both = [
    ['w1', now],
    ['w2', now],
  ] as const
  const otherKey = await verified(t, `log ${verifierKey(origin, newKey())}\n${twoOfThree}`, both)
  t.equal(otherKey.outcome, 'could-not-be-checked')
  const otherName = await verified(t, `log ${verifierKey('log.example/other', logKey)}\n${twoOfThree}`, both)
  t.equal(otherName.outcome, 'could-not-be-checked')
})

t.test('a file that is no policy is named, with its line', async (t) => {
  await t.rejects(verified(t, `${log}quorum g\n`, []), {
    name: 'CannotCheck',
    message: /policy is no policy \(C2SP tlog-policy\)\. Line 2: `g` is no witness or group of an earlier line$/,
  })
})
