/** The process that `run-service.test.ts` starts and ends. */
import { setTimeout as wait } from 'node:timers/promises'
import { Registry } from 'prom-client'
import { z } from 'zod'
import { buildApp, createLogger, defineRoute, loadApiKeys, runService } from '../src/index.ts'

const slow = defineRoute({
  method: 'GET',
  url: '/slow',
  operationId: 'getSlowly',
  tag: 'Test',
  summary: 'Takes a second',
  access: 'public',
  responses: { 200: { description: 'x', schema: z.object({ answered: z.string() }) } },
  problems: [],
  handler: async () => {
    process.send?.({ slow: true })
    await wait(1_000)
    return { status: 200, body: { answered: 'slowly' } }
  },
})

const logger = createLogger({ name: 'test', level: 'info' })
const app = await buildApp({
  name: 'test',
  title: 'Test',
  description: 'Test',
  routes: [slow],
  keys: loadApiKeys({ API_KEYS_FILE: process.argv[3] }),
  readAccess: 'public',
  logger,
  checks: [],
  metrics: new Registry(),
})

async function close(): Promise<void> {
  process.send?.({ closing: true })
  if (process.argv[2] === 'stuck') await new Promise<never>(() => {})
  logger.info('closed what it had opened')
}

const shutdownDelay = process.argv[2] === 'delayed' ? 300 : 0
const { url } = await runService({ app, host: '127.0.0.1', port: 0, shutdownDelay, logger, close })
process.send?.({ url })
