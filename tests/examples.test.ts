/**
 * The examples of answers in the OpenAPI documents are answers of the real services. `WRITE_EXAMPLES=yes npm test -- tests/examples.test.ts` takes them
 * anew; without it, this test says which are missing or left over.
 */
import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import t from 'tap'
import { documentOf, type Json, services } from './contract/schemas.ts'
import { shortened } from './contract/shortened.ts'
import { operations } from './operations/operations.ts'
import { createStages } from './operations/stages.ts'
import { type Apps, bearer } from './support/apps.ts'

t.setTimeout(120_000)

type Examples = Record<string, Record<string, Record<string, unknown>>>

const root = dirname(import.meta.dirname)

t.test('every operation has an example of each answer that is text or JSON, taken from the service', async (t) => {
  const stages = createStages(t)
  const apps = await stages.open()
  for (const service of services) {
    const file = join(root, 'services', service, 'src/openapi-examples.json')
    const taken = await takeExamples(apps, service, await stages.withoutIssuer())
    if (process.env['WRITE_EXAMPLES'] === 'yes') writeFileSync(file, `${JSON.stringify(taken, null, 2)}\n`)
    t.same(namesIn(JSON.parse(readFileSync(file, 'utf8')) as Examples), namesIn(taken), service)
  }
})

t.test('every example in the documents fits its schema', async (t) => {
  const cli = join(dirname(createRequire(import.meta.url).resolve('@redocly/cli/package.json')), 'bin/cli.js')
  const env = { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' }
  const words = [cli, 'lint', ...services.map((service) => `openapi/${service}.json`)]
  const lint = spawnSync(process.execPath, words, { cwd: root, encoding: 'utf8', env })
  t.equal(lint.status, 0, lint.stdout + lint.stderr)
})

interface Answered {
  readonly status: string
  readonly type: string
  readonly schema: Json
}

/** @param withTokens services that take tokens: others have no metadata for programs that sign in */
async function takeExamples(apps: Apps, service: (typeof services)[number], withTokens: Apps): Promise<Examples> {
  const document = documentOf(service)
  const examples: Examples = {}
  for (const operation of Object.values(document.paths).flatMap((path) => Object.values(path))) {
    const id = String(operation.operationId)
    for (const answer of answersOf(operation)) {
      const body = await bodyOf(id === 'getResourceMetadata' ? withTokens : apps, service, id, answer)
      if (body === undefined) continue
      const example = answer.type.endsWith('json') && answer.type !== ndjson ? (JSON.parse(body) as unknown) : body
      const short = typeof example === 'string' ? linesOf(example) : shortened(example, answer.schema, document)
      examples[id] = { ...examples[id], [answer.status]: { ...examples[id]?.[answer.status], [answer.type]: short } }
    }
  }
  return examples
}

const ndjson = 'application/x-ndjson'
/** Bytes, and pages for people: nobody programs against those. A live stream never ends. */
const without = /octet-stream|spreadsheet|zip|html|css|javascript|markdown|event-stream/

/** Successful answers with a body of which an example can be given. */
function answersOf({ responses }: Json): Answered[] {
  return Object.entries(responses as Record<string, Json>).flatMap(([status, { content = {} }]) =>
    Object.entries(content as Record<string, { schema: Json }>)
      .filter(([type]) => status.startsWith('2') && !without.test(type))
      .map(([type, { schema }]) => ({ status, type, schema })),
  )
}

/** The answer with this status and media type; undefined where the call has another one. */
async function bodyOf(
  apps: Apps,
  service: (typeof services)[number],
  id: string,
  { status, type }: Answered,
): Promise<string | undefined> {
  const prepare = beforehand[id]
  if (prepare !== undefined) await apps[service].inject({ ...prepare(), headers: headersOf(prepare()) })
  const call = operations[service][id]?.call()
  if (call === undefined) throw new Error(`${id} is not in the list of operations.`)
  const url = status === '200' && id === 'recordEvent' ? `${call.url}?dryRun=true` : call.url
  const asked = type === 'application/json' && id === 'recordEvents' ? `${url}?atomic=true` : url
  const answer = await apps[service].inject({ ...call, url: asked, headers: { ...headersOf(call), accept: type } })
  return String(answer.statusCode) === status && !answer.body.startsWith('<!doctype html') ? answer.body : undefined
}

type Call = ReturnType<(typeof operations)['command'][string]['call']>

function headersOf(call: Call): Record<string, string> {
  return { ...call.headers, authorization: bearer('all') }
}

/** What must be there for a call to succeed. */
const beforehand: Readonly<Record<string, () => Call>> = {
  listErasures: () => operations.command['proposeErasure']?.call() as Call,
  ...Object.fromEntries(
    ['getWebhook', 'changeWebhook', 'renewWebhookSecret', 'testWebhook', 'listWebhookAttempts', 'listWebhooks'].map(
      (id) => [id, () => operations.projection['putWebhook']?.call() as Call],
    ),
  ),
}

/** A text, or the first lines of a long one. */
function linesOf(text: string): string {
  return text.length > 3_000 ? `${text.split('\n').slice(0, 3).join('\n')}\n` : text
}

function namesIn(examples: Examples): string[] {
  return Object.entries(examples).flatMap(([id, answers]) =>
    Object.entries(answers).flatMap(([status, types]) => Object.keys(types).map((type) => `${id} ${status} ${type}`)),
  )
}
