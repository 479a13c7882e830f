import { BulkLine, EventBody, eventTypes, RecordedEvent } from '@commitments/domain'
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

t.test('what goes in is what comes out: no component needs two forms', async (t) => {
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

t.test('the unions take what the parsers take', async (t) => {
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
