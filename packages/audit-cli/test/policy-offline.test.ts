import { hash } from 'node:crypto'
import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { temporaryFolder } from '@commitments/test-kit'
import { newKey } from '@commitments/test-kit/services'
import { makeCosigner, signNote, verifierKey, witnessKey } from '@commitments/transparency'
import t, { type Test } from 'tap'
import type { Verdict } from '../src/index.ts'
import { makePack } from '../src/pack/make.ts'
import { verifyPack } from '../src/pack/verify.ts'
import { verifyProof } from '../src/proof/verify.ts'
import { openAudited, recordPortfolio } from './services.ts'

// A policy (C2SP tlog-policy) decides over a pack and over a kept proof, without network, as it does over a log (policy.test.ts).

t.setTimeout(120_000)

const witnesses = ['w1', 'w2', 'w3'].map((title) => ({ title, name: `${title}.example`, privateKey: newKey() }))
type Title = 'w1' | 'w2' | 'w3'

function lineOf(title: string, key = witnesses.find((one) => one.title === title)?.privateKey ?? newKey()): string {
  return `witness ${title} ${witnessKey(`${title}.example`, key)}\n`
}

const twoOfThree = 'group g 2 w1 w2 w3\nquorum g\n'
const all = witnesses.map(({ title }) => lineOf(title)).join('')

/** What an auditor was given: a pack of a proposal, and the proof and line of its first event. */
interface Given {
  readonly vkey: string
  readonly pack: string
  readonly proof: string
  readonly line: string
}

let given: Given

t.test('a pack and a proof are made of a real log', async (inner) => {
  const audited = await openAudited(inner)
  await audited.signed(await recordPortfolio(audited))
  const folder = temporaryFolder(t)
  const [pack, line] = [join(folder, 'pack'), join(folder, 'line')]
  const { verdict } = await makePack({ source: audited.url, proposalId: 'jcm10', folder: pack })
  inner.equal(verdict.outcome, 'valid', verdict.sentence)
  const [name = ''] = readdirSync(join(pack, 'proofs'))
  const lines = readFileSync(join(pack, 'events.ndjson'), 'utf8').split('\n')
  writeFileSync(line, lines.find((one) => one.startsWith(`{"position":${Number.parseInt(name)},`)) ?? '')
  const vkey = readFileSync(join(pack, 'vkey'), 'utf8').trim()
  given = { vkey, pack, proof: join(pack, 'proofs', name), line }
})

type Cosigned = readonly (readonly [title: Title, spoil?: (line: string) => string])[]

/** Adds cosignatures to the checkpoint, wherever it is kept, and checks both by the policy. */
async function checked(t: Test, policy: string, cosigned: Cosigned): Promise<readonly Verdict[]> {
  const folder = temporaryFolder(t)
  const pack = join(folder, 'pack')
  cpSync(given.pack, pack, { recursive: true })
  const before = readFileSync(join(pack, 'checkpoint'), 'utf8')
  const text = `${before.split('\n\n')[0]}\n`
  const added = cosigned.map(([title, spoil = (line) => line]) => {
    const witness = witnesses.find((one) => one.title === title) as (typeof witnesses)[number]
    const cosigner = makeCosigner({ ...witness, now: () => Math.floor(Date.now() / 1_000) })
    return spoil(signNote(text, [cosigner]).slice(text.length + 1))
  })
  const note = before + added.join('')
  const proofs = readdirSync(join(pack, 'proofs')).map((name) => join('proofs', name))
  for (const name of ['checkpoint', ...proofs])
    writeFileSync(join(pack, name), readFileSync(join(pack, name), 'utf8').replace(before, note))
  const sums = readFileSync(join(pack, 'SHA256SUMS'), 'utf8')
  const renewed = sums.replace(/^[0-9a-f]{64}( [ *])(.*)$/gm, (_, between: string, name: string) => {
    return `${hash('sha256', readFileSync(join(pack, name)))}${between}${name}`
  })
  writeFileSync(join(pack, 'SHA256SUMS'), renewed)
  const file = join(folder, 'policy')
  writeFileSync(file, policy)
  const proof = given.proof.replace(given.pack, pack)
  return Promise.all([verifyPack(pack, { policy: file }), verifyProof({ proof, line: given.line, policy: file })])
}

const ofLog = () => `log ${given.vkey}\n`

function policyOf({ checks }: Verdict) {
  return checks.find(({ name }) => name === 'policy')?.finding
}

t.test('a pack and a proof that are cosigned as the policy requires are valid, by the key of the policy', async (t) => {
  for (const verdict of await checked(t, `${ofLog()}${all}${twoOfThree}`, [['w1'], ['w3']])) {
    t.match(verdict, { outcome: 'valid' }, verdict.sentence)
    t.match(policyOf(verdict), {
      outcome: 'held',
      sentence: /cosigned by w1, w3; the policy requires 2 of \(w1, w2, w3\)/,
    })
  }
})

t.test('with fewer cosignatures neither could be checked, and it is said whose are there', async (t) => {
  for (const verdict of await checked(t, `${ofLog()}${all}${twoOfThree}`, [['w2']]))
    t.match(verdict, {
      outcome: 'could-not-be-checked',
      sentence: /not cosigned as the policy requires, which is by 2 of \(w1, w2, w3\): it is cosigned by w2/,
    })
})

t.test('a cosignature by another key than the policy gives the witness does not count', async (t) => {
  const other = lineOf('w1', newKey()) + lineOf('w2') + lineOf('w3')
  for (const verdict of await checked(t, `${ofLog()}${other}${twoOfThree}`, [['w1'], ['w2']]))
    t.match(verdict, { outcome: 'could-not-be-checked', sentence: /it is cosigned by w2/ }, verdict.sentence)
})

t.test(
  'a cosignature in the name of a witness that does not hold is invalid, however many others there are',
  async (t) => {
    const forged = (line: string) => {
      const [, name, bytes = ''] = line.trim().split(' ')
      const signature = Buffer.from(bytes, 'base64')
      signature[signature.length - 1] = (signature.at(-1) ?? 0) ^ 1
      return `— ${name} ${signature.toString('base64')}\n`
    }
    for (const verdict of await checked(t, `${ofLog()}${all}${twoOfThree}`, [['w1', forged], ['w2'], ['w3']]))
      t.match(verdict, {
        outcome: 'invalid',
        sentence: /has a cosignature in the name of w1\.example that is not by its key/,
      })
  },
)

t.test('a log that the policy does not list could not be checked', async (t) => {
  const [name = ''] = given.vkey.split('+')
  const stranger = `log ${verifierKey(name, newKey())}\n`
  for (const verdict of await checked(t, `${stranger}${all}${twoOfThree}`, [['w1'], ['w2']]))
    t.equal(verdict.outcome, 'could-not-be-checked', verdict.sentence)
})

t.test('a file that is no policy is named, with its line, and so is a file that is not there', async (t) => {
  await t.rejects(checked(t, `${ofLog()}${all}quorum g\n`, []), {
    name: 'CannotCheck',
    message: /policy is no policy \(C2SP tlog-policy\)\. Line 5: `g` is no witness or group of an earlier line$/,
  })
  const policy = join(temporaryFolder(t), 'policy')
  const { pack, proof, line } = given
  for (const check of [() => verifyPack(pack, { policy }), () => verifyProof({ proof, line, policy })])
    await t.rejects(check(), { name: 'CannotCheck', message: `there is no file ${policy}` })
})
