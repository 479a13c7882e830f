import { once } from 'node:events'
import { connect } from 'node:net'
import t from 'tap'
import { z } from 'zod'
import { defineRoute } from '../src/index.ts'
import { listen, openApp } from './support.ts'

t.test('a request behind hundreds of expensive ones waits for a few of them, not for all', async (t) => {
  let worked = 0
  const dear = defineRoute({
    method: 'GET',
    url: '/v1/dear',
    operationId: 'getDear',
    tag: 'Things',
    summary: 'Takes some time',
    access: { scope: 'read' },
    responses: { 200: { description: 'Done.', schema: z.object({}) } },
    problems: [],
    handler: () => {
      worked += 1
      for (const end = performance.now() + 10; performance.now() < end; );
      return { status: 200, body: {} }
    },
  })
  const { app } = await openApp(t, { routes: [dear] })
  const port = await listen(app)
  const ask = (path: string) => {
    const socket = connect(port, '127.0.0.1')
    socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`)
    return socket
  }
  const others = Array.from({ length: 200 }, () => ask('/v1/dear').resume())
  const last = ask('/health/live')
  const [answer] = await once(last, 'data')
  t.match(String(answer), /^HTTP\/1\.1 200 /)
  t.ok(worked < 50, `${worked} of 200 were worked on before`)
  for (const socket of [last, ...others]) socket.destroy()
})
