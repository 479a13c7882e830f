import { issuerEntry, issuersFile, startIssuer, type TestIssuer } from '@commitments/test-kit'
import t, { type Test } from 'tap'
import { type Access, type Call, documentedOperations, operations } from './operations/operations.ts'
import { type Apps, bearer, openApps } from './support/apps.ts'

/** Credentials of callers: none, something that is not a key, an unknown key, and a key with each scope. */
const keys = {
  none: undefined,
  malformed: 'Basic dXNlcjpwYXNz',
  unknown: 'Bearer not-a-known-secret-0123456789',
  record: bearer('record'),
  read: bearer('read'),
  audit: bearer('audit'),
  admin: bearer('admin'),
  webhooks: bearer('webhooks'),
  'webhooks and audit': bearer('webhooks-and-audit'),
} as const

/** The same by tokens: with each scope, with none, and tokens that do not hold. */
const tokenClaims = {
  'token record': { scope: 'record' },
  'token read': { scope: 'read' },
  'token audit': { scope: 'audit' },
  'token admin': { scope: 'admin' },
  'token correct': { scope: 'correct' },
  'token webhooks': { scope: 'webhooks' },
  'token without scope': {},
  'token of before': { scope: 'record read audit admin', iat: 1_000, exp: 2_000 },
  'token for others': { scope: 'record read audit admin', aud: 'others' },
  'token of a stranger': { scope: 'record read audit admin' },
} as const

type Credential = keyof typeof keys | keyof typeof tokenClaims
const everybody = [...Object.keys(keys), ...Object.keys(tokenClaims)] as Credential[]

/** Callers that are known, and only lack a right. */
const known: ReadonlySet<Credential> = new Set<Credential>([
  ...(['record', 'read', 'audit', 'admin', 'webhooks', 'webhooks and audit'] as const),
  ...([
    'token record',
    'token read',
    'token audit',
    'token admin',
    'token correct',
    'token webhooks',
    'token without scope',
  ] as const),
])

/** The callers that are allowed, if reading is open to the public and if it needs a key. Nobody else is. */
const mayCall: Readonly<Record<Access, Record<'public' | 'key', readonly Credential[]>>> = {
  public: { public: everybody, key: everybody },
  record: { public: ['record', 'token record'], key: ['record', 'token record'] },
  admin: { public: ['admin', 'token admin'], key: ['admin', 'token admin'] },
  read: { public: everybody, key: ['read', 'token read'] },
  audit: { public: everybody, key: ['audit', 'webhooks and audit', 'token audit'] },
  // No token: an endpoint outlives it.
  webhooks: { public: ['webhooks', 'webhooks and audit'], key: ['webhooks and audit'] },
}

for (const readAccess of ['public', 'key'] as const) {
  t.test(`with READ_ACCESS=${readAccess} each operation is open only to the allowed callers`, async (t) => {
    const issuer = await startIssuer(t)
    const OIDC_ISSUERS_FILE = issuersFile(t, [issuerEntry(issuer)])
    const apps = await openApps(t, { environment: { READ_ACCESS: readAccess, OIDC_ISSUERS_FILE } })
    const headers = await credentialsOf(t, issuer)
    for (const { service, operationId } of await documentedOperations(apps)) {
      const operation = operations[service][operationId]
      if (!operation) {
        t.fail(`${service} ${operationId} has no row in tests/operations/operations.ts: say who may call it`)
        continue
      }
      const found = await admitted(t, apps, service, operation.call, headers)
      t.same(found, mayCall[operation.access][readAccess], `${service} ${operationId}`)
    }
  })
}

let address = 0

type Headers = Readonly<Record<Credential, string | undefined>>

/** What each caller sends in `Authorization`. */
async function credentialsOf(t: Test, issuer: TestIssuer): Promise<Headers> {
  const stranger = await startIssuer(t)
  const tokens = Object.entries(tokenClaims).map(async ([credential, claims]) => {
    const isStranger = credential === 'token of a stranger'
    const signer = isStranger ? { key: stranger.keys[0]?.pair.privateKey } : {}
    return [credential, `Bearer ${await issuer.token(claims, signer)}`]
  })
  return { ...keys, ...Object.fromEntries(await Promise.all(tokens)) }
}

/** The callers that passed the check of keys, tokens and scopes. Each request comes from an address of its own: some of them guess. */
async function admitted(
  t: Test,
  apps: Apps,
  service: 'command' | 'projection',
  call: () => Call,
  authorizations: Headers,
) {
  const found: Credential[] = []
  for (const credential of everybody) {
    const { headers, ...rest } = call()
    const authorization = authorizations[credential]
    const answer = await apps[service].inject({
      ...rest,
      headers: { ...headers, ...(authorization === undefined ? {} : { authorization }) },
      remoteAddress: `192.0.2.${(address = (address % 250) + 1)}`,
    })
    const { statusCode } = answer
    if (statusCode === 401 || statusCode === 403) {
      t.equal(statusCode, known.has(credential) ? 403 : 401, `${rest.url} with ${credential}`)
      t.match(answer.headers['www-authenticate'], /^Bearer /)
    } else found.push(credential)
  }
  return found
}
