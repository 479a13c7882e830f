import { newKey } from '@commitments/test-kit/services'
import { parsePolicy, parseWitnessKey, witnessKey } from '@commitments/transparency'
import t from 'tap'
import { type Following, judgeQuorum, type Quorum } from '../../src/transparency/quorum.ts'

const names = ['w1', 'w2', 'w3'] as const
const vkeys = names.map((name) => witnessKey(`${name}.example`, newKey()))

function policyOf(rest: string) {
  const parsed = parsePolicy(
    Buffer.from(`${names.map((name, at) => `witness ${name} ${vkeys[at]}\n`).join('')}${rest}\n`),
  )
  if (parsed.outcome !== 'policy') throw new Error(parsed.detail)
  return parsed.policy
}

const twoOfThree = 'group g 2 w1 w2 w3\nquorum g'

/** @param cosigned how far each witness follows, and when it cosigned last */
function following(cosigned: readonly (readonly [size: number, at: number])[], rest = twoOfThree): Following {
  const watched = cosigned.map(([size, at], index) => {
    const verifier = parseWitnessKey(vkeys[index] as string)
    if (verifier === null) throw new Error('no verifier')
    return { witness: { verifier, url: 'http://127.0.0.1:1' }, cosigned: size, cosignedAt: at }
  })
  return { policy: policyOf(rest), watched, freshFor: 10_000, patience: 1_000 }
}

const before: Quorum = { size: 5, heldAt: 0, missing: null }

t.test('the quorum has the size that enough witnesses have cosigned, or more', (t) => {
  for (const [sizes, size] of [
    [[9, 9, 9], 9],
    [[9, 7, 3], 7],
    [[9, 0, 0], 0],
    [[0, 6, 6], 6],
  ] as const) {
    const found = judgeQuorum(following(sizes.map((one) => [one, 0] as const)), null, 9, 0)
    t.equal(found.size, size, sizes.join())
  }
  t.equal(judgeQuorum(following([[0, 0]], 'quorum none'), null, 9, 0).size, 9)
  t.equal(judgeQuorum(following([[3, 0]], 'quorum w1'), null, 9, 0).size, 3)
  t.end()
})

t.test(
  'witnesses that follow a busy log slowly are no alarm; those that stand still are one, after the patience',
  (t) => {
    const slow = judgeQuorum(
      following([
        [6, 0],
        [6, 0],
        [0, 0],
      ]),
      before,
      90,
      900,
    )
    t.match(slow, { size: 6, heldAt: 900, missing: null })
    const still = following([
      [6, 0],
      [6, 0],
      [0, 0],
    ])
    t.equal(judgeQuorum(still, slow, 120, 1_899).missing, null)
    t.match(judgeQuorum(still, slow, 120, 1_900).missing, /cosigned 6 of 120 .* do not follow: w1, w2, w3\./)
    t.end()
  },
)

t.test('a cosignature that was not renewed counts no longer', (t) => {
  const old = following([
    [9, 0],
    [9, 0],
    [9, 10_500],
  ])
  const held = judgeQuorum(old, null, 9, 10_000)
  t.match(held, { size: 9, missing: null })
  t.match(judgeQuorum(old, held, 9, 11_000), { size: 0, missing: /do not follow: w1, w2\./ })
  t.end()
})

t.test('at its start an instance knows nothing, and waits before it says so', (t) => {
  const nobody = following([
    [0, -Infinity],
    [0, -Infinity],
    [0, -Infinity],
  ])
  const first = judgeQuorum(nobody, null, 9, 50_000)
  t.match(first, { size: 0, heldAt: 50_000, missing: null })
  t.match(judgeQuorum(nobody, first, 9, 51_000).missing, /cosigned 0 of 9/)
  t.end()
})
