import { describeEnvelope, describeEventTypes, exampleBodies, parseEventBody } from '@commitments/domain'
import t from 'tap'
import { acceptedBy } from '../src/record/accepted.ts'
import { everyField, fieldsOf, type Schema } from '../src/record/fields.ts'
import { needs } from '../src/record/possible.ts'
import { cleaned, initialOf, isSame, shownAt } from '../src/record/values.ts'

const types = describeEventTypes()
const fieldsOfType = (type: string) => fieldsOf(types.find((one) => one.type === type)?.dataSchema as Schema, 'data')
const none = () => null

t.test('every value of every type of event has a control, and so has what all events share', async (t) => {
  t.ok(types.length >= 38)
  const all = [
    ...types.map(({ type, dataSchema }) => [type, fieldsOf(dataSchema as Schema, 'data')] as const),
    ['envelope', fieldsOf(describeEnvelope(), '')] as const,
  ]
  for (const [type, fields] of all) {
    const without = everyField(fields).filter(({ control }) => control === 'none')
    t.same(without, [], type)
  }
})

t.test('every member of a schema is a field, except what only programs give', async (t) => {
  for (const { type, dataSchema } of types) {
    const { $ref = '', $defs = {}, ...own } = dataSchema as Schema
    const { properties = {} } = $defs[$ref.replace(/^.*\//, '')] ?? own
    t.same(
      fieldsOfType(type).members.map(({ name }) => name),
      Object.keys(properties),
      type,
    )
  }
  const envelope = fieldsOf(describeEnvelope(), '')
  t.same(
    envelope.members.map(({ name }) => name),
    ['occurredOn', 'assertedBy', 'confidence', 'evidence', 'note'],
  )
})

t.test('a named schema has the same control in every event', async (t) => {
  const fields = types.flatMap(({ type }) => everyField(fieldsOfType(type))).filter(({ schema }) => schema !== '')
  for (const [schema, all] of Map.groupBy(fields, (field) => field.schema)) {
    t.equal(new Set(all.map(({ control }) => control)).size, 1, schema)
  }
})

t.test('a form that is filled in as an example is sent as that example', async (t) => {
  for (const { value } of Object.values(exampleBodies) as { value: { type: string; data: unknown } }[]) {
    if (value.type === 'corrected') continue
    const sent = cleaned(fieldsOfType(value.type), value.data, none)
    t.ok(isSame(sent, value.data), value.type)
  }
})

t.test('an empty form sends no member that was not filled in', async (t) => {
  for (const { type } of types) {
    const fields = fieldsOfType(type)
    const sent = cleaned(fields, initialOf(fields), none)
    const parsed = parseEventBody({ type, occurredOn: null, assertedBy: 'most-vn', data: sent })
    if (parsed.ok) continue
    for (const { path, message } of parsed.errors) t.notMatch(message, /not a member|was given ""/, `${type} ${path}`)
  }
})

t.test('what an event needs is known by a text that the service serves', async (t) => {
  const served = new Set(describeEventTypes().map(({ from }) => from.text))
  t.same(
    Object.keys(needs).filter((text) => !served.has(text)),
    [],
  )
})

t.test('a fault is shown at the deepest field that the form shows', async (t) => {
  const fields = fieldsOfType('proposed')
  const value = { title: { en: '' }, parties: [{ party: 'X', roles: [] }] }
  const shown = (...path: string[]) => shownAt(fields, value, path, () => null)
  t.same(shown('parties', '0', 'party'), { path: 'parties.0.party', control: 'party' })
  t.same(shown('title', 'en'), { path: 'title', control: 'words' })
  t.same(shown('parties', '3', 'party'), { path: 'parties', control: 'list' })
  t.equal(shown('agenda', 'items').path, 'agenda')
  t.equal(shown('nothing').path, '')
})

t.test('a fault in the data of a corrected event is shown at its field', async (t) => {
  const value = { corrections: [{ event: 1, data: { parties: [{ party: 'X' }] } }] }
  const path = ['corrections', '0', 'data', 'parties', '0', 'party']
  const shown = shownAt(fieldsOfType('corrected'), value, path, () => fieldsOfType('proposed'))
  t.same(shown, { path: path.join('.'), control: 'party' })
})

t.test('every single value that may be refused for its form is explained in Vietnamese and Korean', async (t) => {
  const controls = new Set(
    describeEventTypes().flatMap(({ type }) => everyField(fieldsOfType(type)).map(({ control }) => control)),
  )
  // Their forms differ from member to member: the service alone says them.
  for (const open of ['group', 'list', 'data-of-event', 'none', 'text', 'long-text'] as const) controls.delete(open)
  t.ok(controls.size > 8)
  for (const control of controls) t.ok(acceptedBy.vi[control] && acceptedBy.ko[control], control)
})
