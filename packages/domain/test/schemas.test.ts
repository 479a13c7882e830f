import { BulkLine, EventBody, eventTypes, parseEventBody, RecordedEvent } from '@commitments/domain'
import { example, recorded } from '@commitments/test-kit/domain'
import t from 'tap'
import { z } from 'zod'

type Components = Record<string, { description?: string; examples?: unknown[]; properties?: object }>
const components = (io: 'input' | 'output') => {
  return z.toJSONSchema(z.globalRegistry, { io, uri: (id) => `#/components/schemas/${id}` }).schemas as Components
}

t.test('every public schema is a component with a description', async (t) => {
  const named =
    'ProposalId PartyId LocalId Field When Day LanguageMap LongLanguageMap Money Totals Kind Stage Ending Role Form Party Evidence Instrument Terms ' +
    'PlannedDates FundingRequest Agenda AgendaItem EventBody BulkLine RecordedEvent Status Condition EventType MoneyOrZero Milestone Relation ' +
    'Pledge Tranche Transaction FundingLine Contest Slippage'
  const found = components('output')
  const ofEvents = eventTypes.flatMap((type) => {
    const name = type.replaceAll(/(?:^|-)([a-z])/g, (_match, letter: string) => letter.toUpperCase())
    return [name, `${name}Data`, `${name}Line`, `Recorded${name}`]
  })
  for (const name of [...named.split(' '), ...ofEvents]) t.match(found[name], { description: /./ }, name)
})

t.test('input and output are the same: no component needs two forms', async (t) => {
  t.same(components('input'), components('output'))
})

t.test('every example of a component is valid', async (t) => {
  for (const [name, { examples = [] }] of Object.entries(components('output'))) {
    const schema = [...registered()].find(([id]) => id === name)?.[1]
    for (const example of examples)
      t.match(schema?.safeParse(example), { success: true }, `${name} ${JSON.stringify(example)}`)
  }
})

t.test('texts, lists and numbers of components are bounded', async (t) => {
  for (const [name, component] of Object.entries(components('input'))) {
    if (
      /^(Status|Agreement|Delivery|DeliveryStatus|DeliveryProgress|MoneyStatus|AgendaState|End|EventType)$/.test(name)
    )
      continue
    for (const path of unbounded(component)) t.fail(`${name}${path} has no limit`)
  }
  t.pass()
})

t.test('the unions accept what the parsers accept', async (t) => {
  for (const [index, type] of eventTypes.entries()) {
    const body = example(type)
    t.ok(EventBody.safeParse(body).success, type)
    t.ok(BulkLine.safeParse({ ...body, proposalId: 'joint-laboratory', idempotencyKey: 'k', ifVersion: index }).success)
    t.ok(RecordedEvent.safeParse(recorded(body, { version: index + 1 })).success)
  }
  t.notOk(EventBody.safeParse({ ...example('agreed'), data: example('funded').data }).success)
})

function* registered(): Generator<[string, z.ZodType]> {
  const { _idmap: byId } = z.globalRegistry as unknown as { _idmap: Map<string, z.ZodType> }
  yield* byId
}

/** Paths of texts without maxLength or pattern, lists without maxItems, and whole numbers without maximum. */
function unbounded(schema: unknown, path = ''): string[] {
  if (typeof schema !== 'object' || schema === null) return []
  const {
    type,
    enum: codes,
    const: only,
    $ref,
  } = schema as { type?: string; enum?: unknown; const?: unknown; $ref?: string }
  if ($ref || codes || only !== undefined) return []
  const required =
    type === 'string'
      ? ['maxLength', 'pattern']
      : type === 'array'
        ? ['maxItems']
        : type === 'integer'
          ? ['maximum']
          : []
  const own = required.length > 0 && !required.some((member) => member in schema) ? [path] : []
  const inner = Object.entries(schema).filter(([member]) => member !== 'examples')
  return [...own, ...inner.flatMap(([member, value]) => unbounded(value, `${path}.${member}`))]
}

t.test('compiled schemas give what the schemas give: every member, in the same order', async (t) => {
  const options = (EventBody as unknown as { options: z.ZodObject[] }).options
  for (const schema of options) {
    for (const body of (schema.meta()?.examples ?? []) as object[]) {
      const parsed = parseEventBody(body)
      t.ok(parsed.ok && JSON.stringify(parsed.body) === JSON.stringify(schema.parse(body)), JSON.stringify(body))
      const reversed = Object.fromEntries(Object.entries(body).reverse())
      const again = parseEventBody(reversed)
      t.ok(
        again.ok && parsed.ok && JSON.stringify(again.body) === JSON.stringify(parsed.body),
        'whatever order came in',
      )
    }
  }
})

t.test('every event can be compiled, so that none is slower to check than the others', async (t) => {
  for (const schema of (EventBody as unknown as { options: z.ZodObject[] }).options) {
    t.doesNotThrow(() => z.compile(z.strictObject(schema.shape), { strict: true }), String(schema.meta()?.id))
  }
})

t.test('a member that would change the prototype of objects is refused by name', async (t) => {
  const body = { type: 'confirmed', occurredOn: null, assertedBy: 'most-vn', data: { asOf: '2026-01-01' } }
  t.match(parseEventBody(body), { ok: true })
  for (const name of ['__proto__', 'constructor', 'toString']) {
    const hostile = JSON.parse(JSON.stringify(body).replace('{', `{"${name}":{"x":1},`))
    t.match(parseEventBody(hostile), { ok: false, errors: [{ path: name }] }, name)
  }
})
