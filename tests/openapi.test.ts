import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { LightMyRequestResponse } from 'fastify'
import t, { type Test } from 'tap'
import { type Elsewhere, elsewhere, elsewhereByAnswer, ruleElsewhere } from './operations/elsewhere.ts'
import { type Documented, documentedOperations, operations } from './operations/operations.ts'
import { type Provocation, particular, usual } from './operations/provocations.ts'
import { createStages } from './operations/stages.ts'

t.setTimeout(120_000)

const root = dirname(dirname(fileURLToPath(import.meta.url)))

/** Headers that an answer of this status needs to be useful. */
const neededHeaders: Readonly<Record<number, string>> = {
  401: 'www-authenticate',
  415: 'accept-post',
  429: 'retry-after',
  503: 'retry-after',
}

t.test('every documented answer of every operation is reached, and is as documented', async (t) => {
  const stages = createStages(t)
  const used = new Set<string>()
  for (const operation of await documentedOperations(await stages.open())) {
    const { service, operationId, answers } = operation
    await t.test(`${service} ${operationId}`, async (t) => {
      for (const answer of answers) await reach(t, stages, operation, answer, used)
    })
  }
  const rows = [...Object.keys(particular), ...Object.keys(elsewhere)]
  t.same(
    rows.filter((row) => !used.has(row)),
    [],
    'no row is left over from an answer that is no longer documented',
  )
})

async function reach(
  t: Test,
  stages: ReturnType<typeof createStages>,
  operation: Documented,
  answer: string,
  used: Set<string>,
): Promise<void> {
  const row = `${operation.service} ${operation.operationId} ${answer}`
  used.add(row)
  const provoke: Provocation | undefined = particular[row] ?? (isElsewhere(row, answer) ? undefined : usual[answer])
  if (provoke) check(t, await provoke(stages, operation), answer)
  else checkElsewhere(t, row, answer)
}

function isElsewhere(row: string, answer: string): boolean {
  return row in elsewhere || answer in elsewhereByAnswer
}

function check(t: Test, response: LightMyRequestResponse, answer: string): void {
  const [status, code] = answer.split(' ')
  t.equal(response.statusCode, Number(status), `${answer} is reached`)
  t.match(response.headers['x-request-id'], /./)
  if (code === undefined) return
  const needed = neededHeaders[response.statusCode]
  if (needed !== undefined) t.match(response.headers[needed], /./, `${answer} has the header ${needed}`)
  t.equal(response.headers['content-type'], 'application/problem+json')
  t.match(response.json(), { status: Number(status), code, type: `/problems/${code}`, title: /./, detail: /./ })
}

function checkElsewhere(t: Test, row: string, answer: string): void {
  const [status = '', code = ''] = answer.split(' ')
  const where: Elsewhere | undefined =
    elsewhere[row] ??
    elsewhereByAnswer[answer] ??
    (status === '409' && row.startsWith('command ') ? ruleElsewhere : undefined)
  if (!where) {
    t.fail(`${row} is documented, and neither reached here nor said to be reached elsewhere`)
    return
  }
  const file = join(root, where.file)
  t.ok(existsSync(file) && readFileSync(file, 'utf8').includes(code), `${answer} is reached in ${where.file}`)
}

t.test('every operation that is listed is documented, and a method that is not offered is 405', async (t) => {
  const stages = createStages(t)
  const apps = await stages.open()
  const documented = await documentedOperations(apps)
  for (const service of ['command', 'projection'] as const) {
    const ids = documented.filter((one) => one.service === service).map(({ operationId }) => operationId)
    t.same(Object.keys(operations[service]).toSorted(), ids.toSorted())
  }
  for (const { service, path } of documented) {
    const url = path.replace(/\{\w+\}/g, '1')
    const offered = documented.filter((one) => one.service === service && one.path === path)
    const method = (['PUT', 'PATCH', 'POST'] as const).find((other) => offered.every((one) => one.method !== other))
    if (method === undefined) throw new Error(`${path} offers all of them`)
    const answer = await apps[service].inject({ method, url })
    t.equal(answer.statusCode, 405, `${method} ${path}`)
    t.match(answer.headers.allow, /GET|POST|PUT/)
    t.match(answer.json(), { code: 'method-not-allowed' })
  }
})
