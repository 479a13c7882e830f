import { setTimeout as sleep } from 'node:timers/promises'
import { defineRoute, endWhenStalled } from '@commitments/http-kit'
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

t.test('what depends on Accept says so, also where it answers 304', async (t) => {
  const { app } = await openApp(t, { routes: [thing] })
  const whole = await app.inject({ url: '/v1/thing?tag=x' })
  t.match(whole, { statusCode: 200, headers: { vary: 'accept' } })
  const same = await app.inject({ url: '/v1/thing?tag=x', headers: { 'if-none-match': '"x"' } })
  t.match(same, { statusCode: 304, headers: { vary: 'accept', etag: '"x"' } })
})

t.test('in tests an answer without a header that its route declares is a mistake', async (t) => {
  const { app, lines } = await openApp(t, { routes: [thing] })
  for (const headers of [{}, { 'if-none-match': '"x"' }]) {
    t.equal((await app.inject({ url: '/v1/thing', headers })).statusCode, 500)
    t.match(lines.join(''), /readThing declares ETag for \d+ and does not send it/)
  }
  const production = await openApp(t, { routes: [thing], strictAnswers: false })
  t.equal((await production.app.inject({ url: '/v1/thing' })).statusCode, 200)
})

async function* numbers() {
  for (const number of [1, 2, 3]) {
    await sleep(60)
    yield number
  }
}

t.test('a reader that takes nothing is cut off; a slow source is not the fault of the reader', async (t) => {
  let cuts = 0
  const cut = () => {
    cuts += 1
  }
  const taken: number[] = []
  for await (const number of endWhenStalled(numbers(), 30, cut)) taken.push(number)
  t.same([taken, cuts], [[1, 2, 3], 0])
  const stalled = endWhenStalled(numbers(), 30, cut)
  await stalled.next()
  await sleep(80)
  await stalled.return(undefined)
  t.equal(cuts, 1)
})
