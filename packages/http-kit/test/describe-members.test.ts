import t from 'tap'
import { describeMembers } from '../src/openapi/describe-members.ts'

const words: Readonly<Record<string, string>> = { amount: 'How much.', 'Pledge.amount': 'How much is announced.' }
const meaningOf = (component: string, member: string) => words[`${component}.${member}`] ?? words[member]

t.test('a member without a description of its own gets the one of the table, at any depth', async (t) => {
  const line = { type: 'object', properties: { amount: { type: 'string' }, other: { type: 'string' } } }
  const described = describeMembers({ Line: line, Pledge: { type: 'array', items: line } }, meaningOf)
  t.match(described, {
    Line: { properties: { amount: { type: 'string', description: 'How much.' } } },
    Pledge: { items: { properties: { amount: { description: 'How much is announced.' } } } },
  })
  t.strictSame((described.Line as typeof line).properties.other, { type: 'string' })
})

t.test('what a schema says itself, a reference and an example stay as they are', async (t) => {
  const schema = {
    properties: { amount: { type: 'string', description: 'Its own.' }, also: { $ref: '#/components/schemas/Money' } },
    examples: [{ properties: { amount: { type: 'string' } } }],
  }
  t.strictSame(
    describeMembers({ Line: schema }, () => 'From the table.'),
    { Line: schema },
  )
})
