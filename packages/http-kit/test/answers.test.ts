import { setTimeout as sleep } from 'node:timers/promises'
import { defineRoute, endWhenStalled } from '@commitments/http-kit'
import { eventually } from '@commitments/test-kit'
import t from 'tap'
import { z } from 'zod'
import { openApp } from './support.ts'

const thing = defineRoute({
  method: 'GET',
  url: '/v1/thing',
  operationId: 'readThing',
  tag: 'Things',
  summary: 'Read the thing',
  access: { scope: 'read' },
  query: z.strictObject({ tag: z.string().max(9).optional() }),
  responses: {
    200: {
      description: 'The thing.',
      schema: z.object({}),
      contentTypes: ['application/json', 'text/csv'],
      headers: ['ETag', 'Link'],
    },
    304: { description: 'As it was.', headers: ['ETag'] },
  },
  problems: [],
  handler: ({ query, raw }) => ({
    status: raw.headers['if-none-match'] === undefined ? 200 : 304,
    headers: query.tag === undefined ? {} : { etag: `"${query.tag}"` },
    ...(raw.headers['if-none-match'] === undefined ? { body: {} } : {}),
  }),
})

t.test('an answer that depends on Accept says so, even as 304', async (t) => {
  const { app } = await openApp(t, { routes: [thing] })
  const whole = await app.inject({ url: '/v1/thing?tag=x' })
  t.match(whole, { statusCode: 200, headers: { vary: 'accept' } })
  const same = await app.inject({ url: '/v1/thing?tag=x', headers: { 'if-none-match': '"x"' } })
  t.match(same, { statusCode: 304, headers: { vary: 'accept', etag: '"x"' } })
})

t.test('in tests an answer without a header that its route declares is an error', async (t) => {
  const { app, lines } = await openApp(t, { routes: [thing] })
  for (const headers of [{}, { 'if-none-match': '"x"' }]) {
    t.equal((await app.inject({ url: '/v1/thing', headers })).statusCode, 500)
    t.match(lines.join(''), /readThing declares ETag for \d+ and does not send it/)
  }
  const production = await openApp(t, { routes: [thing], strictAnswers: false })
  t.equal((await production.app.inject({ url: '/v1/thing' })).statusCode, 200)
})

/** In two forms, each with its own schema. */
const either = defineRoute({
  method: 'GET',
  url: '/v1/either',
  operationId: 'readEither',
  tag: 'Things',
  summary: 'Read it in one form or the other',
  access: { scope: 'read' },
  query: z.strictObject({ wrong: z.literal('yes').optional() }),
  responses: {
    200: {
      description: 'It.',
      schema: z.object({ plain: z.literal(true) }),
      schemas: { 'application/wrapped+json': z.object({ wrapped: z.literal(true) }).meta({ id: 'Wrapped' }) },
      contentTypes: ['application/json', 'application/wrapped+json'],
    },
  },
  problems: [],
  handler: ({ accepted, query }) => {
    const isPlain = (accepted === 'application/json') !== (query.wrong === 'yes')
    return { status: 200, type: accepted, body: JSON.stringify(isPlain ? { plain: true } : { wrapped: true }) }
  },
})

t.test('each media type of an answer can have its own schema, which is documented and checked', async (t) => {
  const { app } = await openApp(t, { routes: [either] })
  for (const accept of ['application/json', 'application/wrapped+json']) {
    t.equal((await app.inject({ url: '/v1/either', headers: { accept } })).statusCode, 200, accept)
    t.equal((await app.inject({ url: '/v1/either?wrong=yes', headers: { accept } })).statusCode, 500, accept)
  }
  const document = (await app.inject('/openapi.json')).json()
  t.match(document.paths['/v1/either'].get.responses[200].content, {
    'application/json': { schema: { properties: { plain: {} } } },
    'application/wrapped+json': { schema: { $ref: '#/components/schemas/Wrapped' } },
  })
})

t.test('endless answers are told when closing begins', async (t) => {
  let told = 0
  const onClosing = () => {
    told += 1
  }
  const { app } = await openApp(t, { routes: [thing], onClosing })
  t.equal(told, 0)
  await app.close()
  t.equal(told, 1)
})

async function* numbers() {
  for (const number of [1, 2, 3]) {
    await sleep(300)
    yield number
  }
}

t.test('a reader that takes nothing is disconnected; a slow source is not the reader’s fault', async (t) => {
  let cuts = 0
  const cut = () => {
    cuts += 1
  }
  const taken: number[] = []
  for await (const number of endWhenStalled(numbers(), 200, cut)) taken.push(number)
  t.same([taken, cuts], [[1, 2, 3], 0])
  const stalled = endWhenStalled(numbers(), 200, cut)
  await stalled.next()
  await eventually(() => cuts > 0)
  await stalled.return(undefined)
  t.equal(cuts, 1)
})
