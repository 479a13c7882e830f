// A Fastify route that only finds prepared bytes by the proposal's id and sends them with the same headers as our service. It has no
// authentication, log or database: what remains is Fastify itself. It reads the answers from the file ANSWERS (JSON).
import { readFileSync } from 'node:fs'
import { fastify } from 'fastify'
import type { CapturedAnswer } from '../lib/answers.ts'

const { ANSWERS = '', HOST = '127.0.0.1', PORT = '0' } = process.env
const prepared = new Map<string, CapturedAnswer>()
for (const answer of JSON.parse(readFileSync(ANSWERS, 'utf8')) as CapturedAnswer[])
  prepared.set(answer.proposalId, answer)

const app = fastify({ logger: false })

app.get('/health/ready', () => ({ status: 'ready' }))

app.get<{ Params: { proposalId: string } }>('/v1/proposals/:proposalId', (request, reply) => {
  const answer = prepared.get(request.params.proposalId)
  if (!answer) return reply.code(404).send()
  reply.headers(answer.headers)
  if (request.headers['if-none-match'] === answer.entityTag) return reply.code(304).send()
  return reply.send(answer.body)
})

await app.listen({ host: HOST, port: Number(PORT) })
