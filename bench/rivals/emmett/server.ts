// Emmett's Postgres event store behind Fastify: the same four commands, bodies, validation, rules and fold as ours. It lacks
// authentication, idempotency keys, checks of media types and duplicate members, and request logs, and so spends nothing on them.
import { parseEventBody } from '@commitments/domain'
import { CommandHandler } from '@event-driven-io/emmett'
import { fastify } from 'fastify'
import { decideOn, eventOf, evolveState, initialState } from './proposals.ts'
import { openStore } from './store.ts'

const { DATABASE_URL = '', HOST = '127.0.0.1', PORT = '0', POOL_SIZE = '20' } = process.env
const { store } = await openStore(DATABASE_URL, Number(POOL_SIZE))
const handle = CommandHandler({ evolve: evolveState, initialState, retry: { onVersionConflict: true } })
const app = fastify({ logger: false })

class Refusal extends Error {}

app.get('/health/ready', () => ({ status: 'ready' }))

app.post<{ Params: { proposalId: string } }>('/v1/proposals/:proposalId/events', async (request, reply) => {
  const parsed = parseEventBody(request.body)
  if (!parsed.ok) return reply.code(400).send({ errors: parsed.errors })
  const body = { ...parsed.body, proposalId: request.params.proposalId }
  try {
    const result = await handle(store, body.proposalId, (state) => {
      const decision = decideOn(state, body)
      if (decision.outcome === 'refused') throw new Refusal(decision.detail)
      return eventOf(body, 'key:bench')
    })
    return reply
      .code(201)
      .header('ETag', `"${result.nextExpectedStreamVersion}"`)
      .header('Location', `/v1/proposals/${body.proposalId}/events/${result.nextExpectedStreamVersion}`)
      .header(
        'Log-Position',
        String((result as unknown as { lastEventGlobalPosition: bigint }).lastEventGlobalPosition),
      )
      .send(body)
  } catch (error) {
    if (error instanceof Refusal) return reply.code(409).send({ detail: error.message })
    throw error
  }
})

await app.listen({ host: HOST, port: Number(PORT) })
