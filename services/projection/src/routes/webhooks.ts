/** The calls with which callers make endpoints, and see and change their own. */
import { parseBody } from '@commitments/domain'
import {
  type Caller,
  defineRoute,
  hasRight,
  invalid,
  type JsonBody,
  problem,
  type RouteDefinition,
} from '@commitments/http-kit'
import type { z } from 'zod'
import type { Service } from '../service.ts'
import { takeSlot } from '../slots.ts'
import { faultOfUrl } from '../webhooks/address.ts'
import { noteTest } from '../webhooks/claims.ts'
import { openReceiver } from '../webhooks/deliver.ts'
import {
  changeEndpoint,
  deleteEndpoint,
  endpointsAtMost,
  putEndpoint,
  readAttempts,
  readEndpoint,
  readEndpoints,
  renewSecret,
  type Shown,
} from '../webhooks/endpoints.ts'
import { contentType, pingMessage } from '../webhooks/messages.ts'
import type { Webhooks } from '../webhooks/sending.ts'
import { secretOf, signedHeaders } from '../webhooks/signature.ts'
import { readHeadFrom } from './at-least.ts'
import { assertWrites, checkCursor, reading, readProblems } from './reading.ts'
import {
  AttemptList,
  AttemptSchema,
  WebhookList,
  WebhookMade,
  WebhookPatch,
  WebhookPut,
  WebhookSchema,
  WebhookSecret,
  webhookOf,
  webhookParams,
} from './webhook-schemas.ts'

/** A body whose faults are told as those of events are. */
function jsonBody<Body>(schema: z.ZodType<Body>, limit: number): JsonBody<Body> {
  const read = (value: unknown) => parseBody(schema, value)
  return { parse: 'json', schema, read, contentTypes: ['application/json'], limit }
}

const common = { tag: 'Webhooks', access: { scope: 'webhooks' }, work: 'lookup' } as const
const problems = ['not-configured', ...readProblems] as const
const ofOne = ['unknown-webhook', ...problems] as const
const uncached = { 'cache-control': 'no-store' }

/** All of them. They use the service only when they are called. */
export function webhookRoutes(service: Service): RouteDefinition[] {
  return [
    listRoute(service),
    getRoute(service),
    putRoute(service),
    patchRoute(service),
    deleteRoute(service),
    secretRoute(service),
    testRoute(service),
    attemptsRoute(service),
  ]
}

function listRoute(service: Service): RouteDefinition {
  return defineRoute({
    ...common,
    method: 'GET',
    url: '/v1/webhooks',
    operationId: 'listWebhooks',
    summary: 'Your endpoints',
    description: 'The endpoints of the caller, by name; with the scope `admin`, those of all callers.',
    responses: { 200: { description: 'The endpoints.', schema: WebhookList, headers: ['Cache-Control'] } },
    problems,
    handler: async ({ caller }) => {
      const { pool } = offered(service, caller)
      const all = await reading(() => readEndpoints(pool, isAdmin(caller) ? null : caller.recordedBy))
      return { status: 200, headers: uncached, body: { webhooks: all.map(webhookOf) } }
    },
  })
}

function getRoute(service: Service): RouteDefinition {
  return defineRoute({
    ...common,
    method: 'GET',
    url: '/v1/webhooks/:name',
    operationId: 'getWebhook',
    summary: 'One endpoint, and how far it is',
    params: webhookParams,
    responses: { 200: { description: 'The endpoint.', schema: WebhookSchema, headers: ['Cache-Control'] } },
    problems: ofOne,
    handler: async ({ caller, params: { name } }) => {
      const endpoint = await ownEndpoint(offered(service, caller), caller, name)
      return { status: 200, headers: uncached, body: webhookOf(endpoint) }
    },
  })
}

function putRoute(service: Service): RouteDefinition {
  return defineRoute({
    ...common,
    method: 'PUT',
    url: '/v1/webhooks/:name',
    operationId: 'putWebhook',
    summary: 'Make an endpoint, or change it',
    description:
      'From then on the events of the log are sent to `url`, each in the order of the log, one after the other, at least once, signed as Standard Webhooks 1.0.0 says. A new endpoint is answered with 201 and its secret, which is shown only then. An endpoint that is there gets this address, content and filter, and keeps its secret.',
    params: webhookParams,
    body: {
      ...jsonBody(WebhookPut, 64 * 1024),
      examples: {
        disbursements: {
          summary: 'Every disbursement, from the beginning of the log',
          value: { url: 'https://inbox.example.org/commitments', filter: { types: ['disbursed'] }, after: 0 },
        },
      },
    },
    responses: {
      200: { description: 'It was there, and is changed.', schema: WebhookMade, headers: ['Cache-Control'] },
      201: {
        description: 'It is new. Keep the secret.',
        schema: WebhookMade,
        headers: ['Location', 'Cache-Control'],
      },
    },
    problems: ['webhook-name-taken', 'too-many-webhooks', 'beyond-head', 'only-reads', ...problems],
    handler: async (request) => {
      const {
        caller,
        params: { name },
        body: { url, content, filter, after },
      } = request
      const webhooks = offered(service, caller)
      assertWrites(service)
      const fault = faultOfUrl(url, webhooks.settings.http)
      if (fault !== null) throw invalid([{ path: 'url', message: fault }])
      if (after !== undefined) await checkPosition(service, after)
      const { key, keyId } = webhooks.settings
      const put = await reading(() =>
        putEndpoint(webhooks.pool, {
          name,
          owner: caller.recordedBy,
          anyOwner: isAdmin(caller),
          keyId,
          // Other spellings of an address are no URI as its description promises one.
          wanted: { url: new URL(url).href, content, ...filter },
          after: after ?? null,
        }),
      )
      if (!('endpoint' in put)) throw put.outcome === 'taken' ? nameTaken(name) : tooMany(put.outcome)
      request.note({ webhook: name })
      service.logger.info({ webhook: name, caller: caller.name, put: put.outcome }, 'an endpoint was made or changed')
      const body = webhookOf(put.endpoint)
      if (put.outcome === 'replaced') return { status: 200, headers: uncached, body }
      const headers = { ...uncached, location: `/v1/webhooks/${name}` }
      return { status: 201, headers, body: { ...body, secret: secretOf(key, name, put.endpoint.seed) } }
    },
  })
}

function patchRoute(service: Service): RouteDefinition {
  return defineRoute({
    ...common,
    method: 'PATCH',
    url: '/v1/webhooks/:name',
    operationId: 'changeWebhook',
    summary: 'Pause, resume or move an endpoint',
    description:
      '`after` is how events are sent once more, or how one is skipped that the receiver cannot take. An endpoint that is being retried is tried at once. One that is paused because the log changed resumes only with `after`: its former position means nothing in this log.',
    params: webhookParams,
    body: jsonBody(WebhookPatch, 4 * 1024),
    responses: {
      200: { description: 'The endpoint as it is now.', schema: WebhookSchema, headers: ['Cache-Control'] },
    },
    problems: ['beyond-head', 'only-reads', ...ofOne],
    handler: async (request) => {
      const {
        caller,
        params: { name },
        body: { after, paused },
      } = request
      const webhooks = offered(service, caller)
      assertWrites(service)
      const endpoint = await ownEndpoint(webhooks, caller, name)
      const ofOtherPast = endpoint.paused === 'log-changed' || endpoint.paused === 'log-went-back'
      if (paused === false && after === undefined && ofOtherPast) {
        const message = `must be given, because the endpoint is paused as ${endpoint.paused}: its position ${endpoint.position} is that of another past. Compare what the receiver keeps with the log, and name the last position that holds`
        throw invalid([{ path: 'after', message }])
      }
      if (after !== undefined) await checkPosition(service, after)
      const changed = await reading(() => changeEndpoint(webhooks.pool, endpoint, { after, paused }))
      if (changed === null) throw unknownWebhook(name)
      service.logger.info(
        { webhook: name, caller: caller.name, after, paused },
        'an endpoint was moved, paused or resumed',
      )
      return { status: 200, headers: uncached, body: webhookOf(changed) }
    },
  })
}

function deleteRoute(service: Service): RouteDefinition {
  return defineRoute({
    ...common,
    method: 'DELETE',
    url: '/v1/webhooks/:name',
    operationId: 'deleteWebhook',
    summary: 'Delete an endpoint',
    description: 'A message that is under way still arrives. Its place and its secret are forgotten.',
    params: webhookParams,
    responses: { 204: { description: 'It is gone.' } },
    problems: ['only-reads', ...ofOne],
    handler: async ({ caller, params: { name } }) => {
      const webhooks = offered(service, caller)
      assertWrites(service)
      const endpoint = await ownEndpoint(webhooks, caller, name)
      await reading(() => deleteEndpoint(webhooks.pool, endpoint))
      service.logger.info({ webhook: name, caller: caller.name }, 'an endpoint was deleted')
      return { status: 204 }
    },
  })
}

function secretRoute(service: Service): RouteDefinition {
  return defineRoute({
    ...common,
    method: 'POST',
    url: '/v1/webhooks/:name/secret',
    operationId: 'renewWebhookSecret',
    summary: 'A new secret for an endpoint',
    description:
      'For a day, each message is signed with both secrets. Whoever does that a second time ends the first of the three at once, as after a leak.',
    params: webhookParams,
    responses: { 200: { description: 'Keep it.', schema: WebhookSecret, headers: ['Cache-Control'] } },
    problems: ['only-reads', ...ofOne],
    handler: async ({ caller, params: { name } }) => {
      const webhooks = offered(service, caller)
      assertWrites(service)
      const endpoint = await ownEndpoint(webhooks, caller, name)
      const { key, keyId } = webhooks.settings
      const { formerSecret } = webhooks.times
      const changed = await reading(() => renewSecret(webhooks.pool, endpoint, keyId, formerSecret))
      if (changed === null) throw unknownWebhook(name)
      service.logger.info({ webhook: name, caller: caller.name }, 'an endpoint has a new secret')
      const formerSecretUntil = changed.formerUntil?.toISOString() ?? null
      return { status: 200, headers: uncached, body: { secret: secretOf(key, name, changed.seed), formerSecretUntil } }
    },
  })
}

function testRoute(service: Service): RouteDefinition {
  return defineRoute({
    ...common,
    work: 'memory',
    method: 'POST',
    url: '/v1/webhooks/:name/test',
    operationId: 'testWebhook',
    summary: 'Send a test to an endpoint',
    description:
      'Sends a signed message whose type ends in `webhook.ping`, once, also to an endpoint that is paused, and answers with what became of it. The place of the endpoint stays.',
    params: webhookParams,
    responses: { 200: { description: 'What became of it.', schema: AttemptSchema, headers: ['Cache-Control'] } },
    problems: ['only-reads', ...ofOne],
    handler: async (request) => {
      const {
        caller,
        params: { name },
      } = request
      const webhooks = offered(service, caller)
      assertWrites(service)
      const free = takeSlot(webhooks.tests)
      if (free === null) {
        const detail = 'Other endpoints are being tested; the most at once is reached.'
        throw problem('unavailable', detail, { headers: { 'retry-after': '5' } })
      }
      try {
        const body = await request
          .inTurn('lookup', () => ownEndpoint(webhooks, caller, name))
          .then((endpoint) => test(service, webhooks, endpoint))
        return { status: 200, headers: uncached, body }
      } finally {
        free()
      }
    },
  })
}

function attemptsRoute(service: Service): RouteDefinition {
  return defineRoute({
    ...common,
    method: 'GET',
    url: '/v1/webhooks/:name/attempts',
    operationId: 'listWebhookAttempts',
    summary: 'The last attempts of an endpoint',
    description: 'The last 50, the newest first.',
    params: webhookParams,
    responses: { 200: { description: 'The attempts.', schema: AttemptList, headers: ['Cache-Control'] } },
    problems: ofOne,
    handler: async ({ caller, params: { name } }) => {
      const webhooks = offered(service, caller)
      await ownEndpoint(webhooks, caller, name)
      const all = await reading(() => readAttempts(webhooks.pool, name))
      const attempts = all.map(({ at, ...attempt }) => ({ ...attempt, at: at.toISOString() }))
      return { status: 200, headers: uncached, body: { attempts } }
    },
  })
}

async function test({ cloudEvents, view }: Service, webhooks: Webhooks, endpoint: Shown) {
  const { settings, times, pool, lookup } = webhooks
  const receiver = openReceiver({ url: endpoint.url, networks: settings.networks, patience: times.patience, lookup })
  const message = pingMessage(endpoint.name, view.logId, cloudEvents)
  const signed = signedHeaders(settings.key, endpoint, message.id, message.body, new Date())
  try {
    const attempt = await receiver.deliver({ ...signed, 'content-type': contentType }, message.body)
    await reading(() => noteTest(pool, endpoint.name, message, attempt))
    const { outcome, status, milliseconds } = attempt
    return { at: new Date().toISOString(), position: null, messageId: message.id, outcome, status, milliseconds }
  } finally {
    receiver.close()
  }
}

/**
 * Webhooks, if they are offered and the caller may have events sent: whoever may not read all events may have none of them sent.
 *
 * @throws the problems `not-configured` and `forbidden`
 */
function offered({ webhooks }: Service, caller: Caller): Webhooks {
  if (webhooks === null) throw problem('not-configured', 'No events are sent from here: WEBHOOK_KEY_FILE is absent.')
  if (!hasRight(caller, 'audit', webhooks.readAccess)) {
    const detail =
      'This call needs the scope audit beside webhooks: an endpoint gets what the feed has, and reading that needs it.'
    throw problem('forbidden', detail, { scope: 'audit' })
  }
  return webhooks
}

function isAdmin({ scopes }: Caller): boolean {
  return scopes.has('admin')
}

/** @throws the problem `unknown-webhook`, also where it belongs to another caller */
async function ownEndpoint({ pool }: Webhooks, caller: Caller, name: string): Promise<Shown> {
  const endpoint = await reading(() => readEndpoint(pool, name))
  if (endpoint === null || (endpoint.owner !== caller.recordedBy && !isAdmin(caller))) throw unknownWebhook(name)
  return endpoint
}

function unknownWebhook(name: string): Error {
  return problem('unknown-webhook', `You have no endpoint ${name}.`)
}

function nameTaken(name: string): Error {
  return problem('webhook-name-taken', `The name ${name} belongs to an endpoint of another caller.`)
}

function tooMany(outcome: 'too-many' | 'too-many-of-caller'): Error {
  const { ofCaller, inAll } = endpointsAtMost
  const detail =
    outcome === 'too-many'
      ? `This ledger has ${inAll} endpoints, which is the most.`
      : `You have ${ofCaller} endpoints, which is the most of one caller.`
  return problem('too-many-webhooks', detail, { most: outcome === 'too-many' ? inAll : ofCaller })
}

/** @throws the problem `beyond-head`, as the feed does */
async function checkPosition(service: Service, after: number): Promise<void> {
  await checkCursor(service, after, await readHeadFrom(service, 0))
}
