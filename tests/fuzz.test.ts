import { proposed, searchRuns, searchSeed } from '@commitments/test-kit'
import * as fc from 'fast-check'
import type { LightMyRequestResponse } from 'fastify'
import t from 'tap'
import { calls } from './fuzz/requests.ts'
import { type Call, type Documented, documentedOperations } from './operations/operations.ts'
import { type Apps, bearer, openApps } from './support/apps.ts'

/** `npm run soak` searches twenty times as long. */
const factor = searchRuns(0.5, 10)

t.setTimeout(240_000 * factor)

/** Calls of each operation; the others, which read no input of the caller, are called less often. */
const runs: Readonly<Record<string, number>> = {
  recordEvent: 1_500,
  recordEvents: 500,
  keepInStep: 700,
  listProposals: 500,
  rebuildProjection: 40,
  ...Object.fromEntries(
    ['listWebhooks', 'getWebhook', 'deleteWebhook', 'renewWebhookSecret', 'testWebhook', 'listWebhookAttempts'].map(
      (id) => [id, 40],
    ),
  ),
}
const runsOfReads = 250
const runsOfKit = 25

/** Milliseconds for one operation on a busy machine. */
const timeLimit = 10_000 * factor

/** The only acceptable problems with a status of 500 or more: a position that has not come, or too many downloads at once. */
const passing = new Set(['not-yet-applied', 'too-many-downloads'])

t.test('whatever is sent, the answer is documented and never an internal fault', async (t) => {
  const seed = searchSeed(t)
  const apps = await openApps(t, { patience: 20 })
  const cursor = await seedProposals(apps)
  const codes = await catalogues(apps)
  for (const operation of await documentedOperations(apps)) {
    const { service, operationId } = operation
    const statuses = new Map<number, number>()
    const property = fc.asyncProperty(calls(operation, cursor), async (call) => {
      const answer = await apps[service].inject(call)
      statuses.set(answer.statusCode, (statuses.get(answer.statusCode) ?? 0) + 1)
      judge(call, answer, codes[service])
    })
    const numRuns = numberOfRuns(operation)
    await t.resolves(
      fc.assert(property, { seed, numRuns, interruptAfterTimeLimit: timeLimit, markInterruptAsFailure: false }),
      `${service} ${operationId}`,
    )
    t.comment(`answers: ${[...statuses].map(([status, times]) => `${status} × ${times}`).join(', ')}`)
  }
})

function numberOfRuns({ operationId, path }: Documented): number {
  return Math.ceil(factor * (runs[operationId] ?? (path.startsWith('/v1/') ? runsOfReads : runsOfKit)))
}

/** Two proposals, so that there is something to read and a cursor to tamper with. */
async function seedProposals({ command, projection, applied }: Apps): Promise<string> {
  for (const id of ['lab', 'second']) {
    await command.inject({
      method: 'POST',
      url: `/v1/proposals/${id}/events`,
      headers: { authorization: bearer('record'), 'content-type': 'application/json' },
      payload: proposed(),
    })
  }
  await applied(2)
  return (await projection.inject('/v1/proposals?limit=1')).json<{ next: string }>().next
}

async function catalogues(apps: Apps) {
  const codesOf = async (service: 'command' | 'projection') => {
    const answer = await apps[service].inject({ url: '/problems', headers: { accept: 'application/json' } })
    const { problems } = answer.json<{ problems: { code: string; status: number }[] }>()
    return new Map(problems.map(({ code, status }) => [code, status]))
  }
  return { command: await codesOf('command'), projection: await codesOf('projection') }
}

type Catalogue = ReadonlyMap<string, number>

function judge(call: Call, answer: LightMyRequestResponse, codes: Catalogue): void {
  const { statusCode, headers, body } = answer
  const type = String(headers['content-type'])
  if (type.startsWith('application/x-ndjson') && call.url.startsWith('/v1/events'))
    judgeLines(body, codes, call.url.includes('dryRun=true') ? 'version' : 'position')
  if (statusCode < 400) return
  if (type !== 'application/problem+json') throw new Error(`${statusCode} came as ${type}`)
  judgeProblem(answer.json(), statusCode, codes)
}

function judgeProblem(problem: { status?: number; code?: string }, status: number, codes: Catalogue): void {
  const { code = '' } = problem
  if (problem.status !== status || codes.get(code) !== status)
    throw new Error(`${status} with ${JSON.stringify(problem)}`)
  if (status >= 500 && !passing.has(code)) throw new Error(`a fault of ours: ${JSON.stringify(problem)}`)
}

/** Each line of a bulk answer is a result, which has its position (in a dry run: its version), or the summary at the end; each line of the feed is an event. */
function judgeLines(body: string, codes: Catalogue, mark: 'version' | 'position'): void {
  const lines = body.split('\n').slice(0, -1)
  for (const [index, line] of lines.entries()) {
    const result = JSON.parse(line) as {
      status?: number
      code?: string
      summary?: object
      position?: number
      version?: number
    }
    if (result.summary !== undefined && index !== lines.length - 1) throw new Error('a summary before the end')
    if (result.status !== undefined && result.status >= 400) judgeProblem(result, result.status, codes)
    else if (result.summary === undefined && result[mark] === undefined) throw new Error(`not a result: ${line}`)
  }
}
