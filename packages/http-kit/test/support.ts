/** An app with one route of each sort, for the tests of http-kit. */
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import type { FastifyInstance } from 'fastify'
import { Registry } from 'prom-client'
import type { Test } from 'tap'
import { z } from 'zod'
import {
  type AppOptions,
  buildApp,
  createLogger,
  defineRoute,
  loadApiKeys,
  problem,
  queryInteger,
  type RouteDefinition,
  readLines,
} from '../src/index.ts'

export const secrets = { writer: 'writer-secret-0123456789', reader: 'reader-secret-0123456789' }
export const writer = { authorization: `Bearer ${secrets.writer}` }
export const reader = { authorization: `Bearer ${secrets.reader}` }

const Amount = z.strictObject({ value: z.string().max(40), currency: z.string().length(3) }).meta({ id: 'Amount' })
const Paid = z
  .strictObject({ type: z.literal('paid'), amount: Amount, rate: z.number().max(1).default(1) })
  .meta({ id: 'Paid', examples: [{ type: 'paid', amount: { value: '5', currency: 'VND' } }] })
const Met = z.strictObject({ type: z.literal('met'), day: z.iso.date() }).meta({ id: 'Met' })
export const Act = z.discriminatedUnion('type', [Paid, Met]).meta({ id: 'Act' })

export const recordRoute = defineRoute({
  method: 'POST',
  url: '/v1/things/:thing/acts',
  operationId: 'recordAct',
  tag: 'Things',
  summary: 'Record an act',
  access: { scope: 'record' },
  params: z.strictObject({ thing: z.string().regex(/^[a-z]{1,20}$/, 'one to twenty small letters') }),
  query: z.strictObject({ weight: queryInteger(1, 9).optional() }),
  headers: z.object({ 'x-mood': z.enum(['good', 'bad']).optional() }),
  body: { parse: 'json', schema: Act, contentTypes: ['application/json'], limit: 1_000 },
  responses: { 201: { description: 'Recorded.', schema: Act, headers: ['ETag'] } },
  problems: ['version-conflict'],
  handler: async (call) => {
    call.note({ thing: call.params.thing, by: call.caller.name })
    if (call.params.thing === 'conflict') throw problem('version-conflict', 'It is at version 3.', { actual: 3 })
    if (call.params.thing === 'secret') throw new Error('SELECT password FROM inside')
    if (call.params.thing === 'undeclared') throw problem('beyond-head', 'Nobody promised this.')
    return { status: 201, headers: { etag: '"1"' }, body: call.body }
  },
})

const linesRoute = defineRoute({
  method: 'POST',
  url: '/v1/lines',
  operationId: 'countLines',
  tag: 'Things',
  summary: 'Count lines',
  access: { scope: 'record' },
  body: { parse: 'stream', contentTypes: ['application/x-ndjson'], limit: 2_000 },
  responses: { 200: { description: 'The count.', schema: z.object({ lines: z.int() }) } },
  problems: [],
  handler: async ({ body }) => {
    let lines = 0
    for await (const { number } of readLines(body, 100)) lines += Math.sign(number)
    return { status: 200, body: { lines } }
  },
})

const readRoute = defineRoute({
  method: 'GET',
  url: '/v1/things',
  operationId: 'listThings',
  tag: 'Things',
  summary: 'List things',
  access: { scope: 'read' },
  query: z.strictObject({ limit: queryInteger(1, 500).default(50), kind: z.string().max(9).optional() }),
  responses: {
    200: {
      description: 'Things.',
      schema: z.object({ limit: z.int(), caller: z.string().nullable() }),
      contentTypes: ['application/json', 'text/csv'],
    },
  },
  problems: [],
  handler: ({ query, caller, accepted }) =>
    accepted === 'text/csv'
      ? { status: 200, type: 'text/csv', body: 'thing\n' }
      : { status: 200, body: { limit: query.limit, caller: caller?.name ?? null } },
})

export const routes: readonly RouteDefinition[] = [recordRoute, linesRoute, readRoute]

/** The app; closed after the test. `lines` collects its log. */
export async function openApp(t: Test, options: Partial<AppOptions> & { level?: string } = {}) {
  const lines: string[] = []
  const logger = createLogger({
    name: 'test',
    level: options.level ?? 'info',
    stream: { write: (line) => void lines.push(line) },
  })
  const app = await buildApp({
    name: 'test',
    title: 'Test',
    description: 'An app of the tests.',
    routes,
    keys: loadApiKeys({ API_KEYS: `writer:record+read:${secrets.writer},reader:read:${secrets.reader}` }),
    readAccess: 'public',
    logger,
    checks: [],
    metrics: new Registry(),
    strictAnswers: true,
    ...options,
  })
  t.after(() => app.close())
  return { app, lines }
}

export const paid = { type: 'paid', amount: { value: '5', currency: 'VND' } }

export function post(app: FastifyInstance, payload: unknown = paid, headers: Record<string, string> = writer) {
  return app.inject({
    method: 'POST',
    url: '/v1/things/alpha/acts',
    headers: { 'content-type': 'application/json', ...headers },
    payload: typeof payload === 'string' ? payload : JSON.stringify(payload),
  })
}

/** Listens on a free port and returns it. */
export async function listen(app: FastifyInstance): Promise<number> {
  return Number(new URL(await app.listen({ host: '127.0.0.1', port: 0 })).port)
}

/** Sends bytes unchanged, and returns everything that comes back until the server closes. */
export async function sendRaw(port: number, ...parts: string[]): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  for (const part of parts) socket.write(part, 'latin1')
  return text(socket)
}
