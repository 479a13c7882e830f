import t, { type Test } from 'tap'
import { type Access, type Call, documentedOperations, operations } from './operations/operations.ts'
import { type Apps, bearer, openApps } from './support/apps.ts'

/** Credentials of callers: none, something that is not a key, an unknown key, and a key with each scope. */
const credentials = {
  none: undefined,
  malformed: 'Basic dXNlcjpwYXNz',
  unknown: 'Bearer not-a-known-secret-0123456789',
  record: bearer('record'),
  read: bearer('read'),
  audit: bearer('audit'),
  admin: bearer('admin'),
} as const

type Credential = keyof typeof credentials
const everybody = Object.keys(credentials) as Credential[]

/** The callers that are allowed, if reading is open to the public and if it needs a key. Nobody else is. */
const mayCall: Readonly<Record<Access, Record<'public' | 'key', readonly Credential[]>>> = {
  public: { public: everybody, key: everybody },
  record: { public: ['record'], key: ['record'] },
  admin: { public: ['admin'], key: ['admin'] },
  read: { public: everybody, key: ['read'] },
  audit: { public: everybody, key: ['audit'] },
}

for (const readAccess of ['public', 'key'] as const) {
  t.test(`with READ_ACCESS=${readAccess} each operation is open only to the allowed callers`, async (t) => {
    const apps = await openApps(t, { environment: { READ_ACCESS: readAccess } })
    for (const { service, operationId } of await documentedOperations(apps)) {
      const operation = operations[service][operationId]
      if (!operation) {
        t.fail(`${service} ${operationId} has no row in tests/operations/operations.ts: say who may call it`)
        continue
      }
      const found = await admitted(t, apps, service, operation.call)
      t.same(found, mayCall[operation.access][readAccess], `${service} ${operationId}`)
    }
  })
}

/** The callers that passed the check of keys and scopes. */
async function admitted(t: Test, apps: Apps, service: 'command' | 'projection', call: () => Call) {
  const found: Credential[] = []
  for (const credential of everybody) {
    const { headers, ...rest } = call()
    const authorization = credentials[credential]
    const answer = await apps[service].inject({
      ...rest,
      headers: { ...headers, ...(authorization === undefined ? {} : { authorization }) },
    })
    const { statusCode } = answer
    if (statusCode === 401 || statusCode === 403) {
      const isKnown = credential in { record: 0, read: 0, audit: 0, admin: 0 }
      t.equal(statusCode, isKnown ? 403 : 401, `${rest.url} with ${credential}`)
      t.match(answer.headers['www-authenticate'], /^Bearer /)
    } else found.push(credential)
  }
  return found
}
