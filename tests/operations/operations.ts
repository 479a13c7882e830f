import { proposed } from '@commitments/test-kit'
import { type Apps, bearer, logIdOfTests, type ServiceName } from '../support/apps.ts'

/**
 * The allowed callers: everybody, or a key with this scope. `read` and `audit` are required only with READ_ACCESS=key, `audit` then also beside
 * `webhooks`.
 */
export type Access = 'public' | 'record' | 'read' | 'audit' | 'admin' | 'webhooks'

/** A request to be injected. */
export interface Call {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  readonly url: string
  readonly headers?: Readonly<Record<string, string>>
  readonly payload?: string | Buffer
}

export interface Operation {
  readonly access: Access
  /** A call that succeeds on a ledger with the proposal `lab`; anything that it creates is new for each call. */
  readonly call: () => Call
}

/** A wish of the ministry. */
export const wishOf = (wished: object) => ({ occurredOn: null, assertedBy: 'most-vn', wished })

/** An erasure as it is proposed. */
export const erasureOf = (positions: readonly number[], reason: string) => ({
  positions,
  reason: { en: `It named a person (${reason}).` },
  decidedBy: { en: 'Data protection officer' },
})

let made = 0
const newId = () => `new-${(made += 1)}`

const ndjson = { 'content-type': 'application/x-ndjson' }
const json = { 'content-type': 'application/json' }
const get = (url: string) => () => ({ method: 'GET', url }) as const
/** A path below the prefix of the log. */
const getOfLog = (path: string) => () => ({ method: 'GET', url: `/log/${logIdOfTests()}/${path}` }) as const

/** A status is for readers, a history for auditors; so are the tables of each. */
const tablesByAccess = {
  read: ['proposals', 'parties', 'money', 'milestones', 'links'],
  audit: ['evidence', 'events'],
} as const

function tableOperations(): Record<string, Operation> {
  const operationOf = (name: string, access: Access): [string, Operation] => [
    `read${name.replace(/^./, (first) => first.toUpperCase())}Table`,
    { access, call: get(`/v1/tables/${name}`) },
  ]
  const { read, audit } = tablesByAccess
  return Object.fromEntries([
    ...read.map((name) => operationOf(name, 'read')),
    ...audit.map((name) => operationOf(name, 'audit')),
  ])
}

const kitOperations = {
  getLiveness: { access: 'public', call: get('/health/live') },
  getReadiness: { access: 'public', call: get('/health/ready') },
  getMetrics: { access: 'read', call: get('/metrics') },
  getResourceMetadata: { access: 'public', call: get('/.well-known/oauth-protected-resource') },
  listProblemTypes: { access: 'public', call: get('/problems') },
  getProblemType: { access: 'public', call: get('/problems/invalid') },
  getProblemStyle: { access: 'public', call: get('/problems/style.css') },
  getOpenApi: { access: 'public', call: get('/openapi.json') },
  getOpenApi30: { access: 'public', call: get('/openapi-3.0.json') },
} as const satisfies Record<string, Operation>

/** An endpoint that is made on a ledger with the proposal `lab`. Nobody listens at its address. */
export const inbox = { url: 'http://127.0.0.1:9/inbox' }

const ofInbox = (method: Call['method'], path: string, body?: object) => () => ({
  method,
  url: `/v1/webhooks/inbox${path}`,
  ...(body && { headers: json, payload: JSON.stringify(body) }),
})

const webhookOperations = {
  listWebhooks: { access: 'webhooks', call: get('/v1/webhooks') },
  getWebhook: { access: 'webhooks', call: ofInbox('GET', '') },
  putWebhook: { access: 'webhooks', call: ofInbox('PUT', '', inbox) },
  changeWebhook: { access: 'webhooks', call: ofInbox('PATCH', '', { after: 0 }) },
  deleteWebhook: { access: 'webhooks', call: ofInbox('DELETE', '') },
  renewWebhookSecret: { access: 'webhooks', call: ofInbox('POST', '/secret') },
  testWebhook: { access: 'webhooks', call: ofInbox('POST', '/test') },
  listWebhookAttempts: { access: 'webhooks', call: ofInbox('GET', '/attempts') },
} as const satisfies Record<string, Operation>

/** Every operation of both services. The tests that use this list fail for a missing one. */
export const operations: Readonly<Record<ServiceName, Readonly<Record<string, Operation>>>> = {
  command: {
    ...kitOperations,
    recordEvent: {
      access: 'record',
      call: () => ({
        method: 'POST',
        url: `/v1/proposals/${newId()}/events`,
        headers: json,
        payload: JSON.stringify(proposed()),
      }),
    },
    recordEvents: {
      access: 'record',
      call: () => ({
        method: 'POST',
        url: '/v1/events',
        headers: ndjson,
        payload: JSON.stringify({ proposalId: newId(), ...proposed() }),
      }),
    },
    keepInStep: {
      access: 'record',
      call: () => ({
        method: 'PUT',
        url: `/v1/proposals/${newId()}/plan`,
        headers: json,
        payload: JSON.stringify(wishOf(proposed().data)),
      }),
    },
    listErasures: { access: 'admin', call: get('/v1/admin/erasures') },
    proposeErasure: {
      access: 'admin',
      call: () => ({
        method: 'POST',
        url: '/v1/admin/erasures',
        headers: json,
        payload: JSON.stringify(erasureOf([1], newId())),
      }),
    },
    // Whoever proposes one cannot approve it, so that no call by itself succeeds.
    approveErasure: {
      access: 'admin',
      call: () => ({ method: 'POST', url: '/v1/admin/erasures/01935000-0000-7000-8000-000000000000/approval' }),
    },
  },
  projection: {
    ...kitOperations,
    listProposals: { access: 'read', call: get('/v1/proposals') },
    getProposal: { access: 'read', call: get('/v1/proposals/lab') },
    listProposalEvents: { access: 'audit', call: get('/v1/proposals/lab/events') },
    getProposalEvent: { access: 'audit', call: get('/v1/proposals/lab/events/1') },
    listProposalChanges: { access: 'audit', call: get('/v1/proposals/lab/changes') },
    getProposalMoments: { access: 'read', call: get('/v1/proposals/lab/moments') },
    listChanges: { access: 'read', call: get('/v1/changes') },
    listEventTypes: { access: 'public', call: get('/v1/event-types') },
    getVocabulary: { access: 'read', call: get('/v1/vocabulary') },
    readFeed: { access: 'audit', call: get('/v1/events') },
    listParties: { access: 'read', call: get('/v1/parties') },
    getPortfolio: { access: 'read', call: get('/v1/portfolio') },
    getCalendar: { access: 'read', call: get('/v1/calendar.ics') },
    getActivity: { access: 'audit', call: get('/v1/activity.atom') },
    ...tableOperations(),
    readTablesMetadata: { access: 'read', call: get('/v1/tables/csv-metadata.json') },
    readWorkbook: { access: 'audit', call: get('/v1/tables/workbook.xlsx') },
    listIatiActivities: { access: 'read', call: get('/v1/iati/activities.xml') },
    getIatiReport: { access: 'read', call: get('/v1/iati/report') },
    getProposalIati: { access: 'read', call: get('/v1/proposals/lab/iati') },
    getPortfolioSeries: { access: 'read', call: get('/v1/portfolio/series') },
    findLog: { access: 'audit', call: get('/log/checkpoint') },
    readLogCheckpoint: { access: 'audit', call: getOfLog('checkpoint') },
    readLogVerifierKey: { access: 'audit', call: getOfLog('vkey') },
    readLogTile: { access: 'audit', call: getOfLog('tile/0/000.p/1') },
    readLogEntries: { access: 'audit', call: getOfLog('tile/entries/000.p/1') },
    proveInclusion: { access: 'audit', call: get('/v1/log/proofs/inclusion?position=1') },
    proveConsistency: { access: 'audit', call: get('/v1/log/proofs/consistency?from=1') },
    readOfflineProof: { access: 'audit', call: get('/v1/log/proofs/1.tlog-proof') },
    readAuditProgram: { access: 'audit', call: get('/log/audit.mjs') },
    readAuditProgramDigest: { access: 'audit', call: get('/log/audit.mjs.sha256') },
    readAuditDocument: { access: 'audit', call: get('/audit/audit.html') },
    listForks: { access: 'audit', call: get('/v1/log/forks') },
    listProjections: { access: 'read', call: get('/v1/projections') },
    ...webhookOperations,
    rebuildProjection: {
      access: 'admin',
      call: () => ({ method: 'POST', url: '/v1/projections/proposal-status/rebuild' }),
    },
    checkDrift: {
      access: 'admin',
      call: () => ({ method: 'POST', url: '/v1/projections/proposal-status/drift-check' }),
    },
  },
}

/** The document's data about one operation. */
export interface Documented {
  readonly service: ServiceName
  readonly operationId: string
  readonly method: string
  readonly path: string
  /** Successful answers such as `200`; problems such as `409 not-agreed`. */
  readonly answers: readonly string[]
  readonly queryNames: readonly string[]
}

interface Document {
  readonly paths: Record<string, Record<string, Described>>
  readonly components: { responses: Record<string, Response> }
}

interface Described {
  readonly operationId: string
  readonly parameters?: readonly { name: string; in: string }[]
  readonly responses: Record<string, Response>
}

interface Response {
  readonly $ref?: string
  readonly content?: Record<string, { schema: { allOf?: { properties?: { code?: { enum: string[] } } }[] } }>
}

/** Every operation in the documents of the running services. */
export async function documentedOperations(apps: Apps): Promise<Documented[]> {
  const found: Documented[] = []
  for (const service of ['command', 'projection'] as const) {
    const document = (await apps[service].inject('/openapi.json')).json<Document>()
    for (const [path, methods] of Object.entries(document.paths)) {
      for (const [method, { operationId, parameters = [], responses }] of Object.entries(methods)) {
        const answers = Object.entries(responses).flatMap(([status, response]) => answersOf(document, status, response))
        const queryNames = parameters.filter((one) => one.in === 'query').map(({ name }) => name)
        found.push({ service, operationId, method: method.toUpperCase(), path, answers, queryNames })
      }
    }
  }
  return found
}

function answersOf({ components }: Document, status: string, response: Response): string[] {
  const shared = response.$ref === undefined ? response : components.responses[response.$ref.split('/').at(-1) ?? '']
  const types = Object.entries(shared?.content ?? {})
  const own = types.length === 0 || types.some(([type]) => type !== 'application/problem+json') ? [status] : []
  const schema = shared?.content?.['application/problem+json']?.schema
  const codes = schema?.allOf?.flatMap(({ properties }) => properties?.code?.enum ?? []) ?? []
  return [...own, ...codes.map((code) => `${status} ${code}`)]
}

/** The call with the key that has all scopes. */
export function allowed(call: Call): Call {
  return { ...call, headers: { ...call.headers, authorization: bearer('all') } }
}
