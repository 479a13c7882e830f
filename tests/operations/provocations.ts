import { generateKeyPairSync } from 'node:crypto'
import type { EventBody } from '@commitments/domain'
import { agreed, example, proposed, signedBy } from '@commitments/test-kit'
import type { LightMyRequestResponse } from 'fastify'
import { type Apps, bearer, type CallerName, logIdOfTests, signingKey } from '../support/apps.ts'
import { allowed, type Call, type Documented, erasureOf, inbox, operations, wishOf } from './operations.ts'
import { awayIssuer, type Stages } from './stages.ts'

/** Causes one documented answer of an operation. */
export type Provocation = (stages: Stages, operation: Documented) => Promise<LightMyRequestResponse>

function callOf({ service, operationId }: Documented): Call {
  const operation = operations[service][operationId]
  if (!operation) throw new Error(`${service} ${operationId} has no row in operations.ts`)
  return operation.call()
}

/** The usual call in this situation, possibly changed, with a key that has all scopes. */
function when(stage: keyof Stages, change: (call: Call) => Call = (call) => call): Provocation {
  return async (stages, operation) => send(await stages[stage](), operation, allowed(change(callOf(operation))))
}

function send(apps: Apps, { service }: Documented, call: Call): Promise<LightMyRequestResponse> {
  return apps[service].inject(call)
}

function by(caller: CallerName): Provocation {
  return async (stages, operation) => {
    const { headers, ...call } = callOf(operation)
    return send(await stages.locked(), operation, { ...call, headers: { ...headers, authorization: bearer(caller) } })
  }
}

const asJson = { 'content-type': 'application/json' }

const withHeaders = (headers: Record<string, string>) => (call: Call) => ({
  ...call,
  headers: { ...call.headers, ...headers },
})
const withQuery = (query: string) => (call: Call) => ({ ...call, url: `${call.url}?${query}` })
const withPayload = (payload: unknown) => (call: Call) => ({
  ...call,
  payload: typeof payload === 'string' ? payload : JSON.stringify(payload),
})
const to = (url: string) => (call: Call) => ({ ...call, url })

const toLog = (path: string) => (call: Call) => to(`/log/${logIdOfTests()}/${path}`)(call)

const lab = (body: object) => (call: Call) => withPayload(body)(to('/v1/proposals/lab/events')(call))
const atomic = (line: object) => (call: Call) =>
  withPayload({ proposalId: 'lab', ...line })(to('/v1/events?atomic=true')(call))

/** Sends two calls, the second one with what the first one changed; returns the second answer. */
function twice(stage: keyof Stages, change: (call: Call) => Call = (call) => call): Provocation {
  return async (stages, operation) => {
    await when(stage, change)(stages, operation)
    return when(stage, change)(stages, operation)
  }
}

/** Sends eight calls at once, and returns the first refusal. */
function crowd(stage: keyof Stages, change: (call: Call) => Call = (call) => call): Provocation {
  return async (stages, operation) => {
    const all = Array.from({ length: 8 }, () => when(stage, change)(stages, operation))
    const answers = await Promise.all(all)
    const refused = answers.find(({ statusCode }) => statusCode >= 400)
    if (!refused) throw new Error('none of them was refused')
    return refused
  }
}

/** With the tag of the answer that the caller already has. */
const again: Provocation = async (stages, operation) => {
  const first = await when('open')(stages, operation)
  return when('open', withHeaders({ 'if-none-match': String(first.headers.etag) }))(stages, operation)
}

/** For every operation that documents the answer, unless it has its own row below. */
export const usual: Readonly<Record<string, Provocation>> = {
  200: when('open'),
  202: when('open'),
  304: again,
  '400 invalid': when('open', withQuery('surprise=1')),
  '400 malformed': when('open', withQuery('broken=%zz')),
  '401 unauthenticated': async (stages, operation) => send(await stages.locked(), operation, callOf(operation)),
  '403 forbidden': by('bound'),
  '404 before-beginning': when('open', withQuery('knownAtPosition=0')),
  '406 not-acceptable': when('open', withHeaders({ accept: 'image/png' })),
  '415 unsupported-media-type': when('open', withHeaders({ 'content-type': 'text/plain' })),
  '429 too-many-requests': twice('limited'),
  '500 internal': when('broken'),
  '503 unavailable': when('away'),
  '503 log-went-back': when('halted'),
  '503 not-yet-applied': when('open', withQuery('atLeast=999999')),
  '503 log-not-ready': when('unsigned'),
}

/** The answers of all static resources of a log; unknown query parameters are ignored. */
function ofLog(operationId: string, path: string): Record<string, Provocation> {
  return {
    [`projection ${operationId} 400 invalid`]: when('open', to(`/log/${'x'.repeat(101)}/${path}`)),
    [`projection ${operationId} 404 not-found`]: when('open', to(`/log/00000000-0000-4000-8000-000000000000/${path}`)),
    [`projection ${operationId} 410 log-replaced`]: when('replaced', toLog(path)),
  }
}

const ofWebhook = [
  'getWebhook',
  'changeWebhook',
  'deleteWebhook',
  'renewWebhookSecret',
  'testWebhook',
  'listWebhookAttempts',
]

/** The answers of the calls about endpoints. */
function ofWebhooks(): Record<string, Provocation> {
  const unknown = (call: Call) => to(call.url.replace('/inbox', '/nothing'))(call)
  const answers: [string, Provocation][] = [
    ...[...ofWebhook, 'listWebhooks', 'putWebhook'].map((id): [string, Provocation] => [
      `projection ${id} 404 not-configured`,
      when('unpublished'),
    ]),
    ...ofWebhook.map((id): [string, Provocation] => [`projection ${id} 404 unknown-webhook`, when('open', unknown)]),
    ['projection putWebhook 201', when('locked', to('/v1/webhooks/another'))],
    ['projection putWebhook 409 beyond-head', when('open', withPayload({ ...inbox, after: 999_999 }))],
    ['projection changeWebhook 409 beyond-head', when('open', withPayload({ after: 999_999 }))],
    ['projection putWebhook 409 webhook-name-taken', by('webhooks-and-audit')],
    ['projection putWebhook 413 too-large', when('open', withPayload(tooLong))],
    ['projection changeWebhook 413 too-large', when('open', withPayload(tooLong))],
    [
      'projection deleteWebhook 204',
      async (stages, operation) => {
        const other = to('/v1/webhooks/short-lived')
        const apps = await stages.open()
        await apps.projection.inject(allowed(other(operations.projection['putWebhook']!.call())))
        return send(apps, operation, allowed(other(callOf(operation))))
      },
    ],
  ]
  return Object.fromEntries(answers)
}

/** The answers of all tables and of the workbook. */
function ofTables(...operationIds: string[]): Record<string, Provocation> {
  const answers = operationIds.map((id) => ({
    [`projection ${id} 409 beyond-head`]: when('open', withQuery('knownAtPosition=999999')),
    [`projection ${id} 503 too-many-downloads`]: crowd('narrow'),
  }))
  return Object.assign({}, ...answers)
}

const labPlan = (wished: object) => (call: Call) => withPayload(wishOf(wished))(to('/v1/proposals/lab/plan')(call))

const reusedKey = withHeaders({ 'idempotency-key': '"used"' })
const tooLong = `"${'x'.repeat(300_000)}"`

const otherLog = '0199aaaa-0000-7000-8000-000000000000'

/** An event of the caller that has to sign: as it is, or signed by a key for another log, where that says so. */
function signs(place: typeof lab | typeof atomic, body: EventBody): Provocation {
  return async (stages, operation) => {
    const { headers, ...call } = place(body)(callOf(operation))
    return send(await stages.open(), operation, { ...call, headers: { ...headers, authorization: bearer('signs') } })
  }
}

const signedWith = (key = signingKey) =>
  signedBy(agreed(), { key, log: otherLog, once: 'once', proposalId: 'lab', recordedBy: 'key:signs' })
const unsignedThen = { ...signedWith(), occurredOn: '2023' }
const strangersKey = generateKeyPairSync('ed25519').privateKey

/** Its signature is of no account: nobody can look at it. */
async function withTokenOfIssuerAway(stages: Stages, operation: Documented): Promise<LightMyRequestResponse> {
  const parts = [{ alg: 'ES256', typ: 'at+jwt', kid: 'any' }, { iss: awayIssuer }]
  const [header, claims] = parts.map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
  const call = withHeaders({ authorization: `Bearer ${header}.${claims}.AAAA` })(callOf(operation))
  return send(await stages.withoutIssuer(), operation, call)
}

/** By service, operation and answer. */
export const particular: Readonly<Record<string, Provocation>> = {
  'command proposeErasure 200': twice('open', withPayload(erasureOf([1], 'the same'))),
  'command proposeErasure 201': when('open'),
  'command proposeErasure 404 no-such-position': when('open', withPayload(erasureOf([999_999], 'nowhere'))),
  'command proposeErasure 413 too-large': when('open', withPayload(tooLong)),
  'command approveErasure 404 unknown-erasure': when('open'),
  'command recordEvent 200': when('open', withQuery('dryRun=true')),
  'command recordEvent 201': when('open'),
  'command recordEvent 400 malformed': when('open', withPayload('{"type":')),
  'command recordEvent 403 forbidden': by('read'),
  'command recordEvent 403 not-your-party': async (stages, operation) => {
    const asserted = lab(agreed({}, { assertedBy: 'msit-kr' }))(callOf(operation))
    const headers = { ...asserted.headers, authorization: bearer('bound') }
    return send(await stages.open(), operation, { ...asserted, headers })
  },
  'command recordEvent 403 not-your-event': async (stages, operation) => {
    const foreign = lab(example('corrected'))(callOf(operation))
    const headers = { ...foreign.headers, authorization: bearer('bound') }
    return send(await stages.open(), operation, { ...foreign, headers })
  },
  'command recordEvent 400 bad-signature': signs(lab, unsignedThen),
  'command recordEvent 403 signature-required': signs(lab, agreed()),
  'command recordEvent 403 not-your-signing-key': signs(lab, signedWith(strangersKey)),
  'command recordEvent 409 signed-for-another-log': signs(lab, signedWith()),
  'command recordEvents 400 bad-signature': signs(atomic, unsignedThen),
  'command recordEvents 403 signature-required': signs(atomic, agreed()),
  'command recordEvents 403 not-your-signing-key': signs(atomic, signedWith(strangersKey)),
  'command recordEvents 409 signed-for-another-log': signs(atomic, signedWith()),
  'command recordEvent 404 unknown-proposal': when('open', withPayload(agreed())),
  'command recordEvent 409 already-proposed': when('open', lab(proposed())),
  'command recordEvent 409 unknown-parent': when('open', withPayload(proposed({ parent: 'nowhere' }))),
  'command recordEvent 412 version-conflict': when('open', (call) =>
    withHeaders({ 'if-match': '"7"' })(lab(agreed())(call)),
  ),
  'command recordEvent 413 too-large': when('open', withPayload(tooLong)),
  'command recordEvent 422 idempotency-key-reused': twice('open', reusedKey),
  'command recordEvent 500 internal': when('refusing', to('/v1/proposals/offending/events')),
  'command keepInStep 400 malformed': when('open', withPayload('{"wished":')),
  'command keepInStep 403 forbidden': by('read'),
  'command keepInStep 403 not-your-party': async (stages, operation) => {
    const pledges = [{ pledge: 'p', provider: 'msit-kr', amount: { value: '5', currency: 'USD' } }]
    const others = labPlan({ pledges })(callOf(operation))
    return send(await stages.open(), operation, {
      ...others,
      headers: { ...others.headers, authorization: bearer('bound') },
    })
  },
  'command keepInStep 403 signature-required': async (stages, operation) => {
    const call = labPlan({ fields: ['quantum'] })(callOf(operation))
    return send(await stages.open(), operation, {
      ...call,
      headers: { ...call.headers, authorization: bearer('signs') },
    })
  },
  'command keepInStep 404 unknown-proposal': when('open', withPayload(wishOf({ fields: [] }))),
  'command keepInStep 409 unknown-parent': when('open', withPayload(wishOf({ ...proposed().data, parent: 'nowhere' }))),
  'command keepInStep 412 version-conflict': when('open', (call) =>
    withHeaders({ 'if-match': '"7"' })(labPlan({ fields: [] })(call)),
  ),
  'command keepInStep 413 too-large': when('open', withPayload(tooLong)),
  'command keepInStep 500 internal': when('refusing', to('/v1/proposals/offending/plan')),
  'command recordEvents 400 malformed': when('open', (call) =>
    withPayload('{"type":')(to('/v1/events?atomic=true')(call)),
  ),
  'command recordEvents 403 forbidden': by('read'),
  'command recordEvents 403 not-your-party': async (stages, operation) => {
    const asserted = atomic(agreed({}, { assertedBy: 'msit-kr' }))(callOf(operation))
    const headers = { ...asserted.headers, authorization: bearer('bound') }
    return send(await stages.open(), operation, { ...asserted, headers })
  },
  'command recordEvents 403 not-your-event': async (stages, operation) => {
    const foreign = atomic(example('corrected'))(callOf(operation))
    const headers = { ...foreign.headers, authorization: bearer('bound') }
    return send(await stages.open(), operation, { ...foreign, headers })
  },
  'command recordEvents 404 unknown-proposal': when('open', atomic({ ...agreed(), proposalId: 'nowhere' })),
  'command recordEvents 409 already-proposed': when('open', atomic(proposed())),
  'command recordEvents 409 unknown-parent': when(
    'open',
    atomic({ ...proposed({ parent: 'nowhere' }), proposalId: 'child' }),
  ),
  'command recordEvents 412 version-conflict': when('open', atomic({ ...agreed(), ifVersion: 7 })),
  'command recordEvents 413 too-large': when('open', (call) =>
    withPayload(tooLong)(to('/v1/events?atomic=true')(call)),
  ),
  'command recordEvents 422 idempotency-key-reused': async (stages, operation) => {
    const line = (proposalId: string) => atomic({ ...proposed(), proposalId, idempotencyKey: 'used in bulk' })
    await when('open', line('used-1'))(stages, operation)
    return when('open', line('used-2'))(stages, operation)
  },
  'command recordEvents 500 internal': when('refusing', atomic({ ...proposed(), proposalId: 'offending' })),
  'command recordEvents 503 unavailable': when('away', atomic(agreed())),
  'command recordEvents 503 log-went-back': when('halted', atomic(agreed())),
  'command getReadiness 503': when('away'),
  'command getMetrics 503 unavailable': withTokenOfIssuerAway,
  'projection getMetrics 503 unavailable': withTokenOfIssuerAway,
  'projection getVocabulary 503 unavailable': withTokenOfIssuerAway,
  'projection readTablesMetadata 503 unavailable': withTokenOfIssuerAway,
  'projection readAuditProgram 503 unavailable': withTokenOfIssuerAway,
  'projection readAuditProgramDigest 503 unavailable': withTokenOfIssuerAway,
  'projection readAuditDocument 503 unavailable': withTokenOfIssuerAway,
  'command getResourceMetadata 200': when('withoutIssuer'),
  'projection getResourceMetadata 200': when('withoutIssuer'),
  'command getResourceMetadata 404 not-found': when('open'),
  'projection getResourceMetadata 404 not-found': when('open'),
  'command getProblemType 404 not-found': when('open', to('/problems/unheard-of')),
  'projection getReadiness 503': when('away'),
  'projection getProblemType 404 not-found': when('open', to('/problems/unheard-of')),
  'projection listProposals 503 too-many-downloads': crowd('narrow', withHeaders({ accept: 'text/csv' })),
  'projection listIatiActivities 404 not-configured': when('unpublished'),
  'projection listIatiActivities 409 nothing-to-export': when('open', withQuery('asOf=1990-01-01')),
  'projection listIatiActivities 409 beyond-head': when('open', withQuery('knownAtPosition=999999')),
  'projection listIatiActivities 503 too-many-downloads': crowd('narrow'),
  'projection getIatiReport 404 not-configured': when('unpublished'),
  'projection getIatiReport 409 beyond-head': when('open', withQuery('knownAtPosition=999999')),
  'projection getIatiReport 503 too-many-downloads': crowd('narrow'),
  'projection getProposalIati 404 not-configured': when('unpublished'),
  'projection getProposalIati 404 unknown-proposal': when('open', to('/v1/proposals/nowhere/iati')),
  'projection getProposalIati 409 beyond-head': when('open', withQuery('knownAtPosition=999999')),
  'projection getProposalIati 409 not-exportable': async (stages, operation) => {
    const apps = await stages.open()
    const recorded = await apps.command.inject(
      allowed({
        method: 'POST',
        url: '/v1/proposals/unplanned/events',
        headers: asJson,
        payload: JSON.stringify(proposed()),
      }),
    )
    const position = String(recorded.headers['log-position'])
    await apps.applied(Number(position))
    return when('open', to('/v1/proposals/unplanned/iati'))(stages, operation)
  },
  'projection getProposal 404 unknown-proposal': when('open', to('/v1/proposals/nowhere')),
  'projection listProposalEvents 404 unknown-proposal': when('open', to('/v1/proposals/nowhere/events')),
  'projection getProposalEvent 404 unknown-proposal': when('open', to('/v1/proposals/nowhere/events/1')),
  'projection getProposalEvent 404 not-found': when('open', to('/v1/proposals/lab/events/99')),
  'projection listProposals 409 beyond-head': when('open', withQuery('knownAtPosition=999999')),
  'projection listParties 409 beyond-head': when('open', withQuery('knownAtPosition=999999')),
  'projection getPortfolio 409 beyond-head': when('open', withQuery('knownAtPosition=999999')),
  'projection getCalendar 409 beyond-head': when('open', withQuery('knownAtPosition=999999')),
  ...ofWebhooks(),
  ...ofTables(
    'readProposalsTable',
    'readPartiesTable',
    'readMoneyTable',
    'readMilestonesTable',
    'readLinksTable',
    'readEvidenceTable',
    'readEventsTable',
    'readWorkbook',
  ),
  'projection getPortfolioSeries 409 beyond-head': when('open', withQuery('knownAtPosition=999999')),
  // A proposal that nobody has requested: others may be answered from memory.
  'projection getProposal 500 internal': when('broken', to('/v1/proposals/nowhere')),
  'projection getProposal 503 unavailable': when('away', to('/v1/proposals/nowhere')),
  'projection getProposal 409 beyond-head': when('open', withQuery('knownAtPosition=999999')),
  'projection getProposalMoments 404 unknown-proposal': when('open', to('/v1/proposals/nowhere/moments')),
  'projection getProposalMoments 409 beyond-head': when('open', withQuery('knownAtPosition=999999')),
  'projection listProposalChanges 404 unknown-proposal': when('open', to('/v1/proposals/nowhere/changes')),
  'projection listChanges 409 beyond-head': when('open', withQuery('since=999999')),
  'projection readFeed 409 beyond-head': when('open', withQuery('after=999999')),
  'projection readFeed 503 too-many-downloads': crowd('narrow', withHeaders({ accept: 'application/x-ndjson' })),
  'projection listProposalEvents 503 log-not-ready': when('treeless', withQuery('proof=true')),
  'projection getProposalEvent 503 log-not-ready': when('treeless', withQuery('proof=true')),
  'projection readAuditDocument 400 invalid': when('open', to(`/audit/${'x'.repeat(101)}`)),
  'projection findLog 302': when('open'),
  'projection findLog 400 invalid': when('open', to(`/log/${'x'.repeat(101)}`)),
  'projection findLog 404 not-found': when('open', to('/log/tile/0/0')),
  ...ofLog('readLogCheckpoint', 'checkpoint'),
  ...ofLog('readLogVerifierKey', 'vkey'),
  ...ofLog('readLogTile', 'tile/0/000'),
  'projection readLogTile 404 not-in-checkpoint': when('open', toLog('tile/0/000')),
  ...ofLog('readLogEntries', 'tile/entries/000'),
  'projection readLogEntries 404 not-in-checkpoint': when('open', toLog('tile/entries/000')),
  'projection readAuditProgram 404 not-found': when('unbuilt'),
  'projection readAuditProgramDigest 404 not-found': when('unbuilt'),
  'projection readAuditDocument 404 not-found': when('open', to('/audit/nothing.html')),
  'projection proveInclusion 404 not-in-checkpoint': when('open', to('/v1/log/proofs/inclusion?position=999999')),
  'projection proveConsistency 404 not-in-checkpoint': when('open', to('/v1/log/proofs/consistency?from=999999')),
  'projection readOfflineProof 404 not-in-checkpoint': when('open', to('/v1/log/proofs/999999.tlog-proof')),
  'projection rebuildProjection 404 unknown-projection': when('open', to('/v1/projections/nothing/rebuild')),
  'projection rebuildProjection 409 nothing-to-accept': when('locked', withQuery('acceptDifferences=999')),
  'projection rebuildProjection 409 rebuild-running': crowd('open'),
  'projection checkDrift 404 unknown-projection': when('open', to('/v1/projections/nothing/drift-check')),
  'projection checkDrift 409 drift-check-running': crowd('open'),
}
