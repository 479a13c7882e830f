import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import t from 'tap'
import { openApiDocument } from '../src/index.ts'
import { openApp } from './support.ts'

type Json = { [name: string]: Json } & { [index: number]: Json }

async function document(t: Parameters<typeof openApp>[0]): Promise<Json> {
  const { app } = await openApp(t)
  return openApiDocument(app) as Json
}

t.test('the document is served as it is described', async (t) => {
  const { app } = await openApp(t)
  t.strictSame((await app.inject({ url: '/openapi.json' })).json(), openApiDocument(app))
})

t.test('a schema with an id is one component, and two where input and output differ', async (t) => {
  const { components, paths } = await document(t)
  const names = Object.keys(components?.schemas ?? {})
  for (const name of ['Act', 'ActInput', 'Paid', 'PaidInput', 'Met', 'Amount', 'Problem'])
    t.ok(names.includes(name), name)
  for (const name of ['MetInput', 'AmountInput', 'ProblemInput']) t.notOk(names.includes(name), name)
  const operation = paths?.['/v1/things/{thing}/acts']?.post
  t.match(operation, {
    operationId: 'recordAct',
    requestBody: {
      required: true,
      content: { 'application/json': { schema: { $ref: '#/components/schemas/ActInput' } } },
    },
    responses: { 201: { content: { 'application/json': { schema: { $ref: '#/components/schemas/Act' } } } } },
    security: [{ bearer: [] }],
  })
  t.strictSame(components?.schemas?.PaidInput?.required, ['type', 'amount'])
  t.strictSame(components?.schemas?.Paid?.required, ['type', 'amount', 'rate'])
})

t.test('variants are told apart by a mapping from the value to the component', async (t) => {
  const { components } = await document(t)
  t.match(components?.schemas?.ActInput, {
    oneOf: [{ $ref: '#/components/schemas/PaidInput' }, { $ref: '#/components/schemas/Met' }],
    discriminator: {
      propertyName: 'type',
      mapping: { paid: '#/components/schemas/PaidInput', met: '#/components/schemas/Met' },
    },
  })
})

t.test('parameters are listed one by one, with their bounds; headers have their usual names', async (t) => {
  const { paths } = await document(t)
  const parameters = paths?.['/v1/things/{thing}/acts']?.post?.parameters
  t.match(parameters, [
    { name: 'thing', in: 'path', required: true, schema: { type: 'string' } },
    { name: 'weight', in: 'query', required: false, schema: { type: 'integer', minimum: 1, maximum: 9 } },
    { name: 'X-Mood', in: 'header', required: false, schema: { enum: ['good', 'bad'] } },
  ])
  t.match(paths?.['/v1/things']?.get?.parameters?.[0], { schema: { type: 'integer', default: 50 } })
})

t.test('every status of an operation is documented, with its codes', async (t) => {
  const { paths, components } = await document(t)
  const responses = paths?.['/v1/things/{thing}/acts']?.post?.responses ?? {}
  t.strictSame(Object.keys(responses), ['201', '400', '401', '403', '406', '412', '413', '415', '429', '500', '503'])
  const { $ref = '' } = (responses['400'] ?? {}) as { $ref?: string }
  const name = $ref.split('/').at(-1) ?? ''
  t.match(components?.responses?.[name], {
    content: {
      'application/problem+json': {
        schema: { allOf: [{}, { properties: { code: { enum: ['invalid', 'malformed'] } } }] },
      },
    },
  })
})

t.test('the document is linted without findings', async (t) => {
  const folder = t.testdir()
  const file = join(folder, 'openapi.json')
  writeFileSync(file, JSON.stringify(await document(t)))
  const manifest = createRequire(import.meta.url).resolve('@redocly/cli/package.json')
  const config = join(import.meta.dirname, '../../../redocly.yaml')
  const lint = spawnSync(process.execPath, [join(dirname(manifest), 'bin/cli.js'), 'lint', file, '--config', config], {
    encoding: 'utf8',
    env: { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' },
  })
  t.equal(lint.status, 0, lint.stdout + lint.stderr)
  t.match(lint.stderr, /is valid/)
})
