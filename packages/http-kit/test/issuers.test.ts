import { chmodSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { issuersFile } from '@commitments/test-kit'
import t, { type Test } from 'tap'
import { z } from 'zod'
import {
  type Caller,
  ConfigError,
  commonVariables,
  type IssuerSources,
  loadApiKeys,
  loadIssuers,
  parseConfig,
} from '../src/index.ts'
import { callerOfClaims } from '../src/tokens/claims.ts'

const entry = (more: object = {}) => ({
  name: 'ministry',
  issuer: 'https://login.example.org/realms/most',
  audience: 'ledger',
  party: 'any',
  ...more,
})

function mistakesIn(t: Test, content: unknown, more: IssuerSources = {}): readonly string[] {
  try {
    loadIssuers({ OIDC_ISSUERS_FILE: issuersFile(t, content), ...more })
    return []
  } catch (error) {
    if (error instanceof ConfigError) return error.mistakes
    throw error
  }
}

function callerOf(t: Test, more: object, claims: object): Caller | string {
  const { settings } = loadIssuers({ OIDC_ISSUERS_FILE: issuersFile(t, [entry(more)]) })
  const [first] = settings
  if (first === undefined) throw new Error('one is configured')
  return callerOfClaims(first, { client_id: 'importer', ...claims })
}

const scopesOf = (t: Test, scopes: object | undefined, claims: object) =>
  [...(callerOf(t, scopes === undefined ? {} : { scopes }, claims) as Caller).scopes].toSorted()

t.test('a key whose secret has the form of a token is refused: nobody would look for it', async (t) => {
  t.throws(() => loadApiKeys({ API_KEYS: 'a:read:eyJ0123456789.0123456789.x' }), /form of an access token/)
  t.equal(loadApiKeys({ API_KEYS: 'a:read:eyJ0123456789.0123456789' }).size, 1)
})

t.test('without a file there is no issuer', async (t) => {
  t.same(loadIssuers({}).settings, [])
  t.same(loadIssuers({ OIDC_ISSUERS_FILE: ' ' }).settings, [])
})

t.test('an entry needs a name, an issuer, an audience and for whom its tokens speak', async (t) => {
  const { settings } = loadIssuers({ OIDC_ISSUERS_FILE: issuersFile(t, [entry()]) })
  t.match(settings, [
    {
      name: 'ministry',
      audience: ['ledger'],
      caller: ['client_id', 'azp'],
      scopes: { claims: ['scope', 'scp'], map: null },
    },
  ])
  t.same([...(settings[0]?.types ?? [])], ['at+jwt'])
  t.notOk(settings[0]?.algorithms.some((name) => /none|HS/.test(name)))
})

t.test('every mistake of the file is told at once, with its place', async (t) => {
  const found = mistakesIn(t, [
    {
      name: 'Not A Slug',
      issuer: 'http://login.example.org',
      audience: [],
      algorithms: ['none', 'HS256', 'RS256', 'XS9'],
      typ: 'id',
      scopes: { claim: '', map: { a: 'write' } },
      party: { claim: 'org', map: { a: 'Not A Slug' } },
      caller: { claim: 'email' },
      jwks: 'x',
    },
    entry({ name: 'a', issuer: 'https://user:pw@x.example' }),
    entry({ name: 'b', party: undefined }),
    entry({ name: 'c', scopes: { claim: 'realm_access.roles' } }),
    entry({ name: 'd', callers: { 'a b': { signingKeys: [{ publicKey: 'x' }] } } }),
  ])
  const rules = [
    /0\.name: a slug/,
    /0\.issuer: must be an https URL/,
    /0\.audience: the audience/,
    /0\.algorithms\.0: none is never accepted/,
    /0\.algorithms\.1: HS256 is never accepted/,
    /0\.algorithms\.3: XS9 is not known; accepted: RS256/,
    /0\.typ: at\+jwt/,
    /0\.scopes\.claim: a claim/,
    /0\.scopes\.map\.a: one of the scopes/,
    /0\.party\.map\.a: a slug/,
    /0\.caller\.claim: must not name a person/,
    /0: .*jwks/,
    /1\.issuer: must be a URL without user/,
    /b: party: must be given/,
    /c: scopes\.map: must be given for the claim realm_access\.roles/,
    /4\.callers\.a b\.signingKeys\.0\.publicKey: an Ed25519 public key/,
  ]
  for (const rule of rules)
    t.ok(
      found.some((one) => rule.test(one) && one.startsWith('OIDC_ISSUERS_FILE: ')),
      `${rule}`,
    )
  t.equal(found.length, rules.length, found.join('\n'))
})

t.test('mistakes of the file are told with those of the rest of the configuration', async (t) => {
  const environment = { OIDC_ISSUERS_FILE: issuersFile(t, '{}'), READ_ACCESS: 'none' }
  t.throws(
    () => parseConfig(z.object(commonVariables), environment),
    /OIDC_ISSUERS_FILE: must be a list of issuers[^]*READ_ACCESS/,
  )
})

t.test('a file that is missing, is no JSON, or is no list is refused', async (t) => {
  t.throws(() => loadIssuers({ OIDC_ISSUERS_FILE: '/nowhere/issuers.json' }), /cannot be read \(ENOENT\)/)
  t.match(mistakesIn(t, 'secret text'), [/is not JSON: reading stopped at line 1, column 1$/])
  t.notMatch(mistakesIn(t, 'secret text').join(), /secret text/)
  t.match(mistakesIn(t, {}), [/must be a list/])
  t.throws(() => loadIssuers({ OIDC_ISSUERS_FILE: import.meta.dirname }), /cannot be read \(ENOTFILE\)/)
})

t.test('who can write the file can give rights: others must not, and in production the file is refused', async (t) => {
  const file = issuersFile(t, [entry()])
  t.same(loadIssuers({ OIDC_ISSUERS_FILE: file }).warnings, [], 'reading is for everybody: it has no secrets')
  chmodSync(file, 0o666)
  t.match(loadIssuers({ OIDC_ISSUERS_FILE: file }).warnings, [/others than its owner may write it/])
  t.throws(() => loadIssuers({ OIDC_ISSUERS_FILE: file, NODE_ENV: 'production' }), /others than its owner may write it/)
})

t.test('http is for an issuer on this machine alone', async (t) => {
  const faults = (issuer: string) => mistakesIn(t, [entry({ issuer })]).length
  for (const issuer of ['http://127.0.0.1:9', 'http://localhost/realms/x', 'http://[::1]:80', 'https://x.example/'])
    t.equal(faults(issuer), 0, issuer)
  for (const issuer of [
    'http://x.example',
    'http://127.0.0.1.x.example',
    'http://10.0.0.1',
    'ftp://x',
    'x',
    'https://x/?a=b',
    'https://x/#a',
  ])
    t.equal(faults(issuer), 1, issuer)
})

t.test('two issuers never share a name or an address: a caller is of one of them', async (t) => {
  t.match(mistakesIn(t, [entry(), entry()]), [/the name ministry is given twice/, /the issuer https:.* is given twice/])
})

t.test('a claim that names a person, or differs between tokens, cannot name the caller', async (t) => {
  const claims = [
    'email',
    'preferred_username',
    'name',
    'upn',
    'unique_name',
    'Email',
    'profile.email',
    'https://x.example/email',
  ]
  for (const claim of claims) t.match(mistakesIn(t, [entry({ caller: { claim } })]), [/must not name a person/], claim)
  for (const claim of ['jti', 'sid', 'iat', 'uti'])
    t.match(mistakesIn(t, [entry({ caller: { claim } })]), [/must be the same in every token/], claim)
  for (const claim of ['sub', 'azp', 'appid', 'oid', 'client_id'])
    t.same(mistakesIn(t, [entry({ caller: { claim } })]), [], claim)
})

t.test('the caller is named by client_id, else azp, or by the configured claim', async (t) => {
  const nameOf = (more: object, claims: object) => {
    const caller = callerOf(t, more, claims)
    return typeof caller === 'string' ? caller : caller.recordedBy
  }
  t.equal(nameOf({}, { azp: 'other' }), 'oidc:ministry:importer')
  t.equal(nameOf({}, { client_id: undefined, azp: 'app' }), 'oidc:ministry:app')
  t.equal(nameOf({ caller: { claim: 'sub' } }, { sub: 'f:1|x' }), 'oidc:ministry:f:1|x')
  const faults = [7, '', 'a b', 'é', 'x'.repeat(151), 'jane@example.org', 'a\u0000', ['importer'], null]
  for (const client_id of faults)
    t.match(nameOf({}, { client_id }), /^(has no text|cannot be taken)/, String(client_id))
  t.ok(nameOf({}, { client_id: 'x'.repeat(150) }).length <= 200)
  t.equal(nameOf({}, { client_id: 'm2m@clients' }), 'oidc:ministry:m2m@clients', 'no address')
})

t.test('the tokens of a caller can be refused', async (t) => {
  t.match(callerOf(t, { refuse: ['importer'] }, {}), /caller whose tokens the operator refuses/)
  t.match(callerOf(t, { refuse: ['importer'] }, { client_id: 'other' }), { name: 'oidc:ministry:other' })
})

t.test('scopes come from scope, else scp, as a text or as a list; what is not ours gives nothing', async (t) => {
  t.same(scopesOf(t, undefined, { scope: 'openid record  read write' }), ['read', 'record'])
  t.same(scopesOf(t, undefined, { scp: 'record' }), ['record'])
  t.same(
    scopesOf(t, undefined, { scp: ['audit', 'record read', 7, null] }),
    ['audit'],
    'an item of a list is one value',
  )
  t.same(scopesOf(t, undefined, { scope: 'read', scp: 'admin' }), ['read'])
  t.same(scopesOf(t, undefined, { scope: { record: true } }), [])
  t.same(scopesOf(t, undefined, { roles: ['admin'] }), [])
  t.same(scopesOf(t, undefined, {}), [])
})

t.test('scopes come from a path, and a map gives ours for the values of others', async (t) => {
  const rule = { claim: 'realm_access.roles', map: { 'Ledger Writers': ['record', 'read'], auditors: 'audit' } }
  t.same(scopesOf(t, rule, { realm_access: { roles: ['Ledger Writers', 'admin'] } }), ['read', 'record'])
  t.same(scopesOf(t, rule, { realm_access: { roles: 'auditors' } }), ['audit'])
  t.same(scopesOf(t, rule, { 'realm_access.roles': ['auditors'] }), ['audit'], 'a claim of that very name comes first')
  t.same(scopesOf(t, rule, { realm_access: null }), [])
  t.same(scopesOf(t, rule, { roles: ['auditors'] }), [])
  const dotted = { claim: 'resource_access.vn.most.ledger.roles', map: { w: 'record' } }
  t.same(scopesOf(t, dotted, { resource_access: { 'vn.most.ledger': { roles: ['w'] } } }), ['record'])
  for (const claim of ['__proto__.x', 'constructor.name', 'toString'])
    t.same(scopesOf(t, { claim, map: { Object: 'admin', '[object Object]': 'admin' } }, {}), [], claim)
  t.same(scopesOf(t, { map: { constructor: 'read' } }, { scope: 'toString __proto__' }), [])
})

t.test(
  'the party comes from a claim and a map; a value without an entry speaks for nobody, not for anybody',
  async (t) => {
    const partyOf = (party: object | string, claims: object) => {
      const { party: bound, speaksForNobody } = callerOf(t, { party }, claims) as Caller
      return speaksForNobody ?? bound ?? 'any'
    }
    const rule = { claim: 'org', map: { 'Ministry of Science': 'most-vn', MSIT: 'msit-kr' } }
    t.equal(partyOf(rule, { org: 'Ministry of Science' }), 'most-vn')
    t.equal(partyOf(rule, { org: ['MSIT', 'staff'] }), 'msit-kr')
    t.match(partyOf(rule, { org: 'most-vn' }), /names no party that is configured/)
    t.match(partyOf(rule, { org: [] }), /names no party/)
    t.match(partyOf(rule, { org: 7 }), /names no party/)
    t.match(partyOf(rule, { org: ['MSIT', 'Ministry of Science'] }), /several parties/)
    t.match(partyOf(rule, {}), /has no claim `org`/)
    t.match(partyOf(rule, { org: null }), /has no claim `org`/)
    t.equal(partyOf({ ...rule, without: 'any' }, {}), 'any')
    t.match(
      partyOf({ ...rule, without: 'any' }, { org: 'other' }),
      /names no party/,
      'that is for tokens without the claim',
    )
    t.equal(partyOf({ claim: 'org' }, { org: 'most-vn' }), 'most-vn')
    t.match(partyOf({ claim: 'org' }, { org: 'Most VN' }), /names no party/)
    t.equal(partyOf({ always: 'most-vn' }, { org: 'msit-kr' }), 'most-vn')
    t.equal(partyOf('any', {}), 'any')
  },
)

t.test('an issuer whose tokens cannot record need not say for whom they speak', async (t) => {
  const reads = { party: undefined, scopes: { map: { r: ['read', 'audit'] } } }
  t.match(callerOf(t, reads, {}), { speaksForNobody: /speak for no party/ })
})

t.test('callers with a token can register the keys with which they sign', async (t) => {
  const publicKey = '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo'
  const callers = { importer: { signingKeys: [{ publicKey }], requireSignature: true } }
  t.match(callerOf(t, { callers }, {}), { signing: { required: true, keys: [{ publicKey }] } })
  t.equal((callerOf(t, { callers }, { client_id: 'other' }) as Caller).signing, undefined)
  const twice = { importer: { signingKeys: [{ publicKey }, { publicKey }] } }
  t.match(mistakesIn(t, [entry({ callers: twice })]), [/callers\.importer: it has the signing key .* twice/])
})

t.test('the entries in docs/signing-in.md can be used, and read the tokens that they are for', async (t) => {
  const page = readFileSync(join(import.meta.dirname, '../../../docs/signing-in.md'), 'utf8')
  const examples = [...page.matchAll(/^```json\n([^]*?)^```$/gm)].map(([, text = '']) => JSON.parse(text) as object[])
  const tokens = [
    { client_id: 'importer', scope: 'openid ledger:record', organisation: 'Ministry of Science and Technology' },
    { azp: 'importer', typ: 'Bearer', realm_access: { roles: ['offline_access', 'ledger-record'] }, sub: 'x' },
    { azp: 'importer', ver: '2.0', roles: ['Ledger.Record'], oid: 'x', tid: 'y' },
  ]
  t.equal(examples.length, tokens.length)
  for (const [index, example] of examples.entries()) {
    const [settings] = loadIssuers({ OIDC_ISSUERS_FILE: issuersFile(t, example) }).settings
    const caller = settings && callerOfClaims(settings, tokens[index] ?? {})
    t.match(caller, { recordedBy: /^oidc:(?:most|msit):importer$/, party: /^(?:most-vn|msit-kr)$/ })
    t.same([...((caller as Caller).scopes ?? [])], ['record'])
  }
})
