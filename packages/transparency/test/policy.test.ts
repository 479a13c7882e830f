import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import t from 'tap'
import { keyIdOf, type Policy, parsePolicy, quorumText, reachesQuorum, verifierKey, witnessKey } from '../src/index.ts'

const newKey = (): KeyObject => generateKeyPairSync('ed25519').privateKey
const witness = (name: string): string => witnessKey(`${name}.example`, newKey())
const logKey = verifierKey('log.example/board', newKey())
const [a, b, c] = ['a', 'b', 'c'].map(witness) as [string, string, string]

function parsed(text: string | Buffer): Policy {
  const found = parsePolicy(Buffer.from(text))
  if (found.outcome !== 'policy') throw new Error(found.detail)
  return found.policy
}

function fault(text: string | Buffer): string {
  const found = parsePolicy(Buffer.from(text))
  return found.outcome === 'malformed' ? found.detail : 'nothing'
}

/** Whether those witnesses are enough, by what the file calls them. */
function enough(policy: Policy, ...titles: string[]): boolean {
  return reachesQuorum(policy, new Set(policy.witnesses.filter(({ title }) => titles.includes(title))))
}

t.test('the example of the specification: two of three of one group, and any of another', (t) => {
  const names = ['X1', 'X2', 'X3', 'Y1', 'Y2', 'Y3']
  const policy = parsed(`log ${logKey}

${names
  .slice(0, 3)
  .map((name) => `witness ${name} ${witness(name)}\n`)
  .join('')}group X-witnesses 2 X1 X2 X3

${names
  .slice(3)
  .map((name) => `witness ${name} ${witness(name)} https://${name}.example/\n`)
  .join('')}group Y-witnesses any Y1 Y2 Y3

group X-and-Y all X-witnesses Y-witnesses
quorum X-and-Y
`)
  t.same(
    policy.witnesses.map(({ title }) => title),
    names,
  )
  t.match(policy.logs, [{ keyName: 'log.example/board', vkey: logKey, url: null }])
  t.equal(policy.witnesses[3]?.url, 'https://Y1.example/')
  t.equal(quorumText(policy), '2 of (2 of (X1, X2, X3), 1 of (Y1, Y2, Y3))')
  for (const good of [['X1', 'X2', 'Y3'], ['X2', 'X3', 'Y1'], names]) t.ok(enough(policy, ...good), good.join())
  for (const bad of [[], ['X1', 'Y1', 'Y2', 'Y3'], ['X1', 'X2', 'X3'], ['Y1']])
    t.notOk(enough(policy, ...bad), bad.join())
  t.end()
})

t.test('k of n for every k, and `any` and `all` for the first and the last', (t) => {
  for (let k = 1; k <= 3; k += 1) {
    const rules = [String(k), ...(k === 1 ? ['any'] : []), ...(k === 3 ? ['all'] : [])]
    for (const rule of rules) {
      const policy = parsed(`witness a ${a}\nwitness b ${b}\nwitness c ${c}\ngroup g ${rule} a b c\nquorum g\n`)
      for (const some of [[], ['a'], ['b', 'c'], ['a', 'b', 'c']]) t.equal(enough(policy, ...some), some.length >= k)
    }
  }
  t.end()
})

t.test('a single witness can be the quorum, and none at all', (t) => {
  const one = parsed(`witness a ${a}\nwitness b ${b}\nquorum b\n`)
  t.notOk(enough(one, 'a'))
  t.ok(enough(one, 'b'))
  const none = parsed('quorum none\n')
  t.ok(enough(none))
  t.equal(quorumText(none), 'no cosignature')
  t.end()
})

t.test(
  'blanks, tabs, empty lines and comments are as the specification has them; later lines may follow the quorum',
  (t) => {
    const policy = parsed(
      `# a comment\n \t\n\t# another\n \twitness\t a  ${a}\t\nquorum a \n  witness b ${b} https://b.example\nlog ${logKey} x\n`,
    )
    t.equal(policy.witnesses.length, 2)
    t.equal(policy.logs[0]?.url, 'x', 'the meaning of a URL is the application’s')
    t.end()
  },
)

t.test('names are octets: a Kelvin sign is no K, U+00A0 is no blank, and any name of a key may be one', (t) => {
  const kelvin = parsed(
    `witness K ${a}\nwitness \u212a ${b}\nwitness x\u00a0y ${c}\ngroup all 2 K \u212a x\u00a0y\nquorum all\n`,
  )
  t.same(
    kelvin.witnesses.map(({ title }) => title),
    ['K', '\u212a', 'x\u00a0y'],
  )
  const octets = Buffer.concat([
    Buffer.from('witness '),
    Buffer.of(0xff, 0xfe),
    Buffer.from(` ${a}\nquorum `),
    Buffer.of(0xff, 0xfe, 0x0a),
  ])
  t.equal(parsed(octets).witnesses.length, 1, 'and need not be UTF-8')
  t.equal(
    parsed(`witness wáng ${witnessKey('wáng.example', newKey())}\nquorum wáng\n`).witnesses[0]?.keyName,
    'wáng.example',
  )
  t.end()
})

t.test('a key of ML-DSA-44 is read, and counts for nothing here, because its signatures cannot be verified', (t) => {
  const bytes = Buffer.alloc(1312, 7)
  const id = keyIdOf('pq.example', 0x06, bytes).toString(16).padStart(8, '0')
  const vkey = `pq.example+${id}+${Buffer.concat([Buffer.of(6), bytes]).toString('base64')}`
  const policy = parsed(`log ${vkey}\nwitness pq ${vkey}\nquorum pq\n`)
  t.match(policy.witnesses, [{ keyName: 'pq.example', verifier: null }])
  t.end()
})

t.test('what is not a policy is refused, with the line and what it should be', (t) => {
  const w = `witness a ${a}\nwitness b ${b}\n`
  const sameKey = newKey()
  const rows: [string, RegExp][] = [
    ['', /no line `quorum/],
    [w, /no line `quorum/],
    [`${w}quorum a`, /last line does not end in a newline/],
    [`${w}quorum a\r\n`, /Line 3: .*control character/],
    [`${w}quorum a\u0000\n`, /Line 3: .*control character/],
    [`${w}quorum a\u007f\n`, /Line 3: .*control character/],
    [`\ufeff${w}quorum a\n`, /Line 1: .*none of `log`/],
    [`${w}quorum a\nquorum a\n`, /Line 4: an earlier line has the quorum/],
    [`${w}quorum none\nquorum a\n`, /Line 4: an earlier line/],
    [`quorum a\n${w}`, /Line 1: `a` is no witness or group of an earlier line/],
    [`${w}quorum a b\n`, /Line 3: a quorum is/],
    [`${w}quorum\n`, /Line 3: a quorum is/],
    [`${w}group g all\nquorum g\n`, /Line 3: a group is/],
    [`${w}group g 0 a b\nquorum g\n`, /Line 3: `0` is neither/],
    [`${w}group g 3 a b\nquorum g\n`, /Line 3: `3` is neither .* number from 1 to 2/],
    [`${w}group g +1 a b\nquorum g\n`, /Line 3: `\+1` is neither/],
    [`${w}group g 0x1 a b\nquorum g\n`, /Line 3/],
    [`${w}group g 1.5 a b\nquorum g\n`, /Line 3/],
    [`${w}group g ALL a b\nquorum g\n`, /Line 3/],
    [`${w}group g any a a\nquorum g\n`, /Line 3: `a` is a member already/],
    [`${w}group g any a\ngroup h any g a\nquorum h\n`, /Line 4: `a` is a member already/],
    [`${w}group g any a none\nquorum g\n`, /Line 3: `none` is no witness/],
    [`${w}group g any a g\nquorum g\n`, /Line 3: `g` is no witness/],
    [`${w}group g any a h\ngroup h any b\nquorum g\n`, /Line 3: `h` is no witness/],
    [`${w}group a any b\nquorum a\n`, /Line 3: the name `a` is taken/],
    [`${w}group none any b\nquorum none\n`, /Line 3: the name `none` is taken/],
    [`witness none ${a}\nquorum none\n`, /Line 1: the name `none` is taken/],
    [`witness a ${a}\nwitness b ${a}\nquorum a\n`, /Line 2: the key of this witness/],
    [
      `witness a ${witnessKey('x', sameKey)}\nwitness b ${witnessKey('y', sameKey)}\nquorum a\n`,
      /Line 2: the key of this/,
    ],
    [`log ${logKey}\nlog ${logKey} https://b.example\nquorum none\n`, /Line 2: the key of this log/],
    [`log ${a}\nquorum none\n`, /Line 1: .* no verifier key of a log/],
    [`witness a ${logKey}\nquorum a\n`, /Line 1: .* no verifier key of a witness/],
    [`witness a ${a.replace(/\+[0-9a-f]{8}\+/, '+00000000+')}\nquorum a\n`, /Line 1: .* no verifier key of a witness/],
    [`witness a\nquorum a\n`, /Line 1: a witness is/],
    [`witness a ${a} https://a.example more\nquorum a\n`, /Line 1: a witness is/],
    [`log\nquorum none\n`, /Line 1: a log is/],
    [`log ${logKey} u more\nquorum none\n`, /Line 1: a log is/],
    [`Quorum none\n`, /Line 1: `Quorum` is none of/],
    [`toString\nquorum none\n`, /Line 1: `toString` is none of/],
  ]
  for (const [text, words] of rows) t.match(fault(text), words, JSON.stringify(text.slice(-60)))
  t.match(fault(Buffer.alloc(1_000_001, 0x0a)), /at most 1000000 bytes/)
  t.end()
})

t.test('a policy of 32 logs, 32 witnesses and 32 groups is read, and deep nesting is no trouble', (t) => {
  const many = Array.from({ length: 32 }, (_, index) => index)
  const logs = many.map((n) => `log ${verifierKey(`log${n}.example`, newKey())}\n`).join('')
  const witnesses = many.map((n) => `witness w${n} ${witness(`w${n}`)}\n`).join('')
  const groups = many.map((n) => `group g${n} all w${n}${n === 0 ? '' : ` g${n - 1}`}\n`).join('')
  const policy = parsed(`${logs}${witnesses}${groups}quorum g31\n`)
  t.equal(policy.logs.length, 32)
  t.ok(enough(policy, ...policy.witnesses.map(({ title }) => title)))
  t.notOk(enough(policy, ...policy.witnesses.slice(1).map(({ title }) => title)))
  t.end()
})
