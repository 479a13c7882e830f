import { hash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { FastifyInstance } from 'fastify'
import t from 'tap'
import { type Apps, bearer, openApps } from './support/apps.ts'

t.setTimeout(60_000)

const file = join(dirname(dirname(fileURLToPath(import.meta.url))), 'data/portfolio.ndjson')
const lines = readFileSync(file, 'utf8').trim().split('\n')

interface PortfolioEvent {
  readonly proposalId: string
  readonly type: Act
  readonly data: { readonly complete?: boolean; readonly title?: Record<string, string> }
}

const acts = ['proposed', 'agreed', 'funded', 'delivered'] as const
type Act = (typeof acts)[number]

const events = lines.map((line) => JSON.parse(line) as PortfolioEvent)

/** The highest act of each proposal, derived from the file alone; a partial delivery is not a delivery. */
function expectedStages(): Map<string, Act> {
  const stages = new Map<string, Act>()
  for (const { proposalId, type, data } of events) {
    if (type === 'delivered' && data.complete === false) continue
    const before = stages.get(proposalId)
    if (before === undefined || acts.indexOf(type) > acts.indexOf(before)) stages.set(proposalId, type)
  }
  return stages
}

/** As the launcher imports it: all or nothing, each line with a key that is derived from it. */
function importPortfolio(command: FastifyInstance) {
  return command.inject({
    method: 'POST',
    url: '/v1/events?atomic=true',
    headers: { authorization: bearer('record'), 'content-type': 'application/x-ndjson' },
    payload: lines
      .map((line) => JSON.stringify({ idempotencyKey: hash('sha256', line), ...JSON.parse(line) }))
      .join('\n'),
  })
}

async function openPortfolio(t: Parameters<typeof openApps>[0]): Promise<Apps> {
  const apps = await openApps(t)
  const answer = await importPortfolio(apps.command)
  t.equal(answer.statusCode, 200)
  t.match(answer.json(), { summary: { lines: lines.length, recorded: lines.length, replayed: 0, refused: 0 } })
  await apps.applied(lines.length)
  return apps
}

t.test('every proposal of the portfolio has the stage of its highest act', async (t) => {
  const { projection } = await openPortfolio(t)
  const stages = expectedStages()
  for (const id of ['vkist-phase-2', 'jcm10', 'v-compas']) t.ok(stages.has(id), `${id} is in the portfolio`)
  for (const [proposalId, stage] of stages) {
    const answer = await projection.inject(`/v1/proposals/${proposalId}`)
    const own = events.filter((event) => event.proposalId === proposalId)
    t.equal(answer.statusCode, 200, proposalId)
    t.match(answer.json(), { proposalId, stage, version: own.length, title: own[0]?.data.title }, proposalId)
  }
  const listed = (await projection.inject('/v1/proposals?limit=500')).json<{ proposals: { proposalId: string }[] }>()
  t.same(listed.proposals.map(({ proposalId }) => proposalId).sort(), [...stages.keys()].sort())
  const counts = Object.groupBy(stages.values(), (stage) => stage)
  const byStage = Object.fromEntries(Object.entries(counts).map(([stage, of]) => [stage, of.length]))
  t.match((await projection.inject('/v1/portfolio')).json(), { total: stages.size, byStage })
})

t.test('the feed gives the portfolio back, line by line, as it was recorded', async (t) => {
  const { projection } = await openPortfolio(t)
  const answer = await projection.inject({ url: '/v1/events', headers: { accept: 'application/x-ndjson' } })
  const recorded = answer.body.trim().split('\n')
  t.equal(recorded.length, lines.length)
  for (const [index, line] of recorded.entries()) {
    t.match(JSON.parse(line), { position: index + 1, ...JSON.parse(lines[index] ?? '') })
  }
})

t.test('an import that is sent again finds everything recorded, and records nothing', async (t) => {
  const { command, database } = await openPortfolio(t)
  const again = await importPortfolio(command)
  t.match(again.json(), { summary: { lines: lines.length, recorded: 0, replayed: lines.length } })
  t.equal((await database.pool().query('SELECT FROM events')).rowCount, lines.length)
})

t.test('JCM10 is agreed, and a read with atLeast sees it', async (t) => {
  const { command, projection } = await openPortfolio(t)
  const before = (await projection.inject('/v1/proposals/jcm10')).json<{
    stage: string
    version: number
    parties: { party: string }[]
  }>()
  t.equal(before.stage, 'proposed')
  const answer = await command.inject({
    method: 'POST',
    url: '/v1/proposals/jcm10/events',
    headers: {
      authorization: bearer('record'),
      'content-type': 'application/json',
      'if-match': `"${before.version}"`,
    },
    payload: {
      type: 'agreed',
      occurredOn: null,
      assertedBy: 'most-vn',
      data: { form: 'minutes', parties: before.parties.slice(0, 2).map(({ party }) => party) },
    },
  })
  t.equal(answer.statusCode, 201, answer.body)
  const position = Number(answer.headers['log-position'])
  t.equal(position, lines.length + 1)
  const seen = await projection.inject(`/v1/proposals/jcm10?atLeast=${position}`)
  t.equal(seen.statusCode, 200)
  t.ok(Number(seen.headers['log-position']) >= position)
  t.match(seen.json(), { stage: 'agreed', version: before.version + 1, position })
})
