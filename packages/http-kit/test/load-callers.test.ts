/** Each caller can be told from every other, whether it has a key or a token. */
import { createHash } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { issuersFile } from '@commitments/test-kit'
import pino from 'pino'
import t, { type Test } from 'tap'
import { ConfigError, loadCallers, openTokens } from '../src/index.ts'

const keyOf = (letter: string) => `${letter.repeat(42)}A`
const signing = (...letters: string[]) => ({ signingKeys: letters.map((letter) => ({ publicKey: keyOf(letter) })) })

const key = (name: string, more: object = {}) => ({
  name,
  scopes: ['record'],
  sha256: createHash('sha256').update(`${name}-0123456789`).digest('hex'),
  ...more,
})

const issuer = (name: string, callers: object = {}) => ({
  name,
  issuer: `https://${name}.example.org`,
  audience: 'ledger',
  party: 'any',
  callers,
})

function sourcesOf(t: Test, keys: unknown, issuers: unknown) {
  const API_KEYS_FILE = join(t.testdir(), 'keys.json')
  writeFileSync(API_KEYS_FILE, JSON.stringify(keys), { mode: 0o600 })
  return { API_KEYS_FILE, OIDC_ISSUERS_FILE: issuersFile(t, issuers) }
}

function mistakesIn(t: Test, keys: unknown, issuers: unknown): readonly string[] {
  try {
    loadCallers(sourcesOf(t, keys, issuers))
    return []
  } catch (error) {
    if (error instanceof ConfigError) return error.mistakes
    throw error
  }
}

const of = 'each caller needs a signing key of its own'

t.test(
  'a public key stands for one caller: of one issuer, of all issuers, and of keys and issuers together',
  async (t) => {
    t.same(
      mistakesIn(
        t,
        [key('a', signing('a', 'b')), key('b', signing('b'))],
        [
          issuer('one', { importer: signing('c', 'd'), other: signing('c') }),
          issuer('two', { importer: signing('d', 'a') }),
        ],
      ),
      [
        `API_KEYS_FILE: b: it has the signing key ${keyOf('b')} of a: ${of}`,
        `OIDC_ISSUERS_FILE: one: callers.other: it has the signing key ${keyOf('c')} of one: callers.importer: ${of}`,
        `OIDC_ISSUERS_FILE: two: callers.importer: it has the signing key ${keyOf('d')} of one: callers.importer: ${of}`,
        `OIDC_ISSUERS_FILE: two: callers.importer: it has the signing key ${keyOf('a')} of a in API_KEYS_FILE: ${of}`,
      ],
    )
    t.same(mistakesIn(t, [key('a', signing('a'))], [issuer('one', { a: signing('b') })]), [])
  },
)

t.test('what two files say about each other is said with all other errors', async (t) => {
  const found = mistakesIn(
    t,
    [key('a', signing('a')), key('a'), key('c', { scopes: [] })],
    [issuer('one', { importer: signing('a') }), issuer('one')],
  )
  t.match(found, [
    /the name a is given twice: give one key another name/,
    /API_KEYS_FILE: 2\.scopes: must have one scope or more of record, /,
    /a has a secret twice/,
    /the name one is given twice: each issuer has one entry, with a name of its own/,
    /the issuer https:\/\/one\.example\.org is given twice/,
    /one: callers\.importer: it has the signing key .* of a in API_KEYS_FILE/,
  ])
  t.equal(found.length, 6)
})

t.test(
  'a running service takes no public key of another caller, says so once, and takes it when the other has given it up',
  async (t) => {
    const sources = sourcesOf(t, [key('a', signing('a'))], [issuer('one', { importer: signing('b') })])
    const { keys, issuers } = loadCallers(sources)
    const tokens = openTokens(issuers, { logger: pino({ level: 'silent' }) })
    if (tokens === null) throw new Error('a file is configured')
    const write = (path: string, content: unknown) => writeFileSync(path, JSON.stringify(content), { mode: 0o600 })
    const look = async () => ({
      keys: (await keys.reload(false, tokens.signers())).outcome,
      tokens: (await tokens.reload(false, keys.signers())).outcome,
    })
    t.same(await look(), { keys: 'unchanged', tokens: 'unchanged' })

    write(sources.API_KEYS_FILE, [key('a', signing('a', 'b'))])
    t.match(await keys.reload(false, tokens.signers()), {
      outcome: 'kept',
      mistakes: [/API_KEYS_FILE: a: it has the signing key .* of one: callers\.importer in OIDC_ISSUERS_FILE/],
    })
    t.equal(keys.file?.broken, true)
    t.same(await look(), { keys: 'unchanged', tokens: 'unchanged' }, 'it is said once')
    write(sources.OIDC_ISSUERS_FILE, [issuer('one', { importer: signing('c') })])
    t.same(await look(), { keys: 'unchanged', tokens: 'read' })
    t.same(await look(), { keys: 'read', tokens: 'unchanged' })
    t.equal(keys.file?.broken, false)

    write(sources.OIDC_ISSUERS_FILE, [issuer('one', { importer: signing('a', 'c') })])
    t.same(await look(), { keys: 'unchanged', tokens: 'kept' })
    t.equal(tokens.isBroken, true)
    t.same(await look(), { keys: 'unchanged', tokens: 'unchanged' })
    write(sources.API_KEYS_FILE, [key('a', signing('b'))])
    t.same(await look(), { keys: 'read', tokens: 'read' })
    t.equal(tokens.isBroken, false)
  },
)
