import t from 'tap'
import { openApiDocument } from '../src/index.ts'
import { editionOf30, schemaOf30 } from '../src/openapi/edition-3-0.ts'
import { openApp } from './support.ts'

const $ref = '#/components/schemas/Money'
const named = {
  Money: { type: 'object', properties: { value: { type: 'string' } } },
  Stage: { type: 'string', enum: ['proposed'] },
  Day: { type: 'string', format: 'date', examples: ['2023-06-22'] },
  Names: { type: 'object', additionalProperties: { type: 'string' } },
  Either: { anyOf: [{ type: 'string' }, { type: 'integer' }] },
}

function or(...options: object[]) {
  return { anyOf: options }
}

/** By rule: what 3.1 says, and what 3.0 then says. */
const rules: Readonly<Record<string, readonly [from: unknown, to: object]>> = {
  'what can be null is nullable': [
    or({ type: 'integer', minimum: 1 }, { type: 'null' }),
    { type: 'integer', minimum: 1, nullable: true },
  ],
  'so is a list of types with null': [{ type: ['string', 'null'] }, { type: 'string', nullable: true }],
  'a list of values that can be null has null among them': [
    or({ type: 'string', enum: ['a'] }, { type: 'null' }),
    { type: 'string', enum: ['a', null], nullable: true },
  ],
  'an object that can be null keeps its name': [
    or({ $ref }, { type: 'null' }),
    { type: 'object', nullable: true, allOf: [{ $ref }] },
  ],
  'so do named codes': [
    or({ $ref: '#/components/schemas/Stage' }, { type: 'null' }),
    { type: 'string', nullable: true, allOf: [{ $ref: '#/components/schemas/Stage' }] },
  ],
  'a named text that can be null is put in the place of its name': [
    or({ $ref: '#/components/schemas/Day' }, { type: 'null' }),
    { type: 'string', format: 'date', example: '2023-06-22', nullable: true },
  ],
  'so is a map': [
    { ...or({ $ref: '#/components/schemas/Names' }, { type: 'null' }), description: 'Names.' },
    { type: 'object', additionalProperties: { type: 'string' }, nullable: true, description: 'Names.' },
  ],
  'a reference stands alone': [{ $ref }, { $ref }],
  'what stands beside a reference stands around it': [
    { $ref, description: 'How much.' },
    { allOf: [{ $ref }], description: 'How much.' },
  ],
  'a component that is narrowed without a name is the component': [
    { allOf: [{ $ref }, { properties: { value: { enum: ['1'] } } }] },
    { $ref },
  ],
  'the first example stands for all': [
    { type: 'string', examples: ['a', 'b'] },
    { type: 'string', example: 'a' },
  ],
  'a constant is a list of one value': [{ const: 'a' }, { enum: ['a'] }],
  'a boolean has no list of values': [{ type: 'boolean', enum: [true] }, { type: 'boolean' }],
  'alternatives of objects stay': [
    or({ $ref }, { $ref: '#/components/schemas/Either' }),
    or({ $ref }, { $ref: '#/components/schemas/Either' }),
  ],
  'alternatives of other values are any value': [
    { ...or({ type: 'string' }, { type: 'integer' }), description: 'A day or a position.' },
    { description: 'A day or a position.' },
  ],
  'an excluded bound is a bound and a mark': [
    { type: 'number', exclusiveMinimum: 0, exclusiveMaximum: 9 },
    { type: 'number', minimum: 0, exclusiveMinimum: true, maximum: 9, exclusiveMaximum: true },
  ],
  'what 3.0 cannot say is left out where it only narrows': [
    {
      type: 'object',
      propertyNames: { maxLength: 3 },
      additionalProperties: { type: 'string', contentEncoding: 'base64url' },
    },
    { type: 'object', additionalProperties: { type: 'string' } },
  ],
  'what is always and never possible': [
    { properties: { any: true, none: false } },
    { properties: { any: {}, none: { not: {} } } },
  ],
  'parts are converted at any depth': [
    { type: 'array', items: { not: or({ type: 'string' }, { type: 'null' }) } },
    { type: 'array', items: { not: { type: 'string', nullable: true } } },
  ],
}

for (const [rule, [from, to]] of Object.entries(rules)) {
  t.test(rule, async (t) => {
    t.strictSame(schemaOf30(from, named), to)
  })
}

t.test('a keyword without a rule is an error, and not silently another API', async (t) => {
  for (const schema of [
    { prefixItems: [] },
    { patternProperties: {} },
    { if: {} },
    { type: 'null' },
    { type: ['string', 'integer'] },
    or({ $ref: '#/components/schemas/Either' }, { type: 'null' }),
  ]) {
    t.throws(() => schemaOf30(schema, named), { message: /^OpenAPI 3\.0/ }, JSON.stringify(schema))
  }
})

const message = { openapi: '3.1.0', info: { title: 'T', license: { name: 'L', identifier: 'X' } }, paths: {} }

t.test('the license has no identifier, and webhooks stand where tools of 3.0 look for them', async (t) => {
  const webhooks = { event: { post: { requestBody: { content: { a: { schema: { type: ['string', 'null'] } } } } } } }
  const made = editionOf30({ ...message, webhooks, externalDocs: { url: '/openapi-3.0.json' } })
  t.strictSame(made, {
    openapi: '3.0.3',
    info: { title: 'T', license: { name: 'L' } },
    paths: {},
    'x-webhooks': {
      event: { post: { requestBody: { content: { a: { schema: { type: 'string', nullable: true } } } } } },
    },
    components: { schemas: {} },
  })
})

t.test(
  'an operation has the form of the successful answer of its usual call, at each status that has it',
  async (t) => {
    const content = { 'application/json': { schema: { $ref } } }
    const other = { 'application/json': { schema: { type: 'string' } } }
    const again = { 'application/json': { schema: { $ref }, example: { id: 'x' } } }
    const responses = {
      200: { content: other },
      201: { content },
      202: {},
      203: { content: again },
      304: {},
      400: { content },
    }
    const made = editionOf30({ ...message, paths: { '/a': { post: { responses } } } }) as typeof message & {
      readonly paths: Readonly<Record<string, { readonly post: { readonly responses: object } }>>
    }
    t.strictSame(Object.keys(made.paths['/a']?.post.responses ?? {}), ['201', '202', '203', '304', '400'])
  },
)

const envelope = { id: { type: 'string' }, note: { type: 'string' } }

function variant(type: string, own: object, required: readonly string[]) {
  const properties = { type: { type: 'string', enum: [type] }, ...envelope, ...own }
  return { type: 'object', description: `${type}.`, properties, required, additionalProperties: false }
}

function union(...names: string[]) {
  const mapping = Object.fromEntries(names.map((name) => [name.toLowerCase(), `#/components/schemas/${name}`]))
  const oneOf = Object.values(mapping).map((reference) => ({ $ref: reference }))
  return { oneOf, discriminator: { propertyName: 'type', mapping }, description: 'An act.' }
}

t.test('a union by one member is a general type and special ones', async (t) => {
  const Paid = variant('paid', { amount: { $ref } }, ['type', 'id', 'note', 'amount'])
  const Met = variant('met', { day: { type: 'string' } }, ['type', 'id'])
  const { components } = editionOf30({
    ...message,
    components: { schemas: { ...named, Act: union('Paid', 'Met'), Paid, Met } },
  })
  const general = { $ref: '#/components/schemas/Act' }
  t.match(components, {
    schemas: {
      Act: {
        type: 'object',
        description: 'An act.',
        discriminator: { propertyName: 'type', mapping: { paid: '#/components/schemas/Paid' } },
        properties: { type: { type: 'string', enum: ['paid', 'met'] }, ...envelope },
        required: ['type', 'id'],
      },
      Paid: {
        description: 'paid.',
        allOf: [general, { type: 'object', properties: { amount: { $ref } }, required: ['note', 'amount'] }],
      },
      Met: { allOf: [general, { properties: { day: { type: 'string' } } }] },
    },
  })
  t.notMatch(JSON.stringify(components), /additionalProperties":false/)
})

t.test('what is in two unions stays with both as it is', async (t) => {
  const schemas = { One: union('Met'), Two: union('Met'), Met: variant('met', {}, ['type']) }
  const { components } = editionOf30({ ...message, components: { schemas } })
  t.match(components, { schemas: { One: { oneOf: [{}] }, Two: { oneOf: [{}] } } })
})

t.test('both editions are served, and the first leads to the second', async (t) => {
  const { app } = await openApp(t)
  const document = openApiDocument(app)
  t.match(document, { externalDocs: { url: '/openapi-3.0.json' } })
  const served = await app.inject({ url: '/openapi-3.0.json' })
  t.match(served.headers['content-type'], 'application/json')
  t.strictSame(served.json(), JSON.parse(JSON.stringify(editionOf30(document))))
})
