import * as fc from 'fast-check'

/** JSON as written, not as parsed: members may be repeated, and a leaf can be any text. */
export type Node = { members: [name: string, value: Node][] } | { items: Node[] } | { text: string }

export function nodeOf(value: unknown): Node {
  if (Array.isArray(value)) return { items: value.map(nodeOf) }
  if (typeof value !== 'object' || value === null) return { text: JSON.stringify(value) }
  return { members: Object.entries(value).map(([name, of]) => [JSON.stringify(name), nodeOf(of)]) }
}

export function write(node: Node): string {
  if ('text' in node) return node.text
  if ('items' in node) return `[${node.items.map(write).join(',')}]`
  return `{${node.members.map(([name, value]) => `${name}:${write(value)}`).join(',')}}`
}

/** Texts that break programs: names of the language itself, ends of number ranges, halves of characters, depth. */
const oddTexts = [
  ['null', 'true', '0', '-0', '-1', '1.5', '1e999', '-1e999', '1e-999', '123456789012345678901234567890'],
  ['""', '" "', '"\\u0000"', '"\\ud800"', '"x\\udc00"', '"\\ud83d\\ude00"', '"\\u202e"', '"\\ufeff"', '"\u2028"'],
  ['"__proto__"', '"constructor"', '{"__proto__":{"en":"x"}}', '{"constructor":"x"}', '{"toString":"x"}', '{"en":""}'],
  ['[]', '{}', '[null]', '[[]]', '{"":""}', 'NaN', 'undefined', '01', '+1', '.5', "'x'", '"', '{', '', ' '],
  ['"2024-13-45"', '"2023-02-29"', '"9999-12-31"', '"0000"', '"-0001-01"', '"[..]"', '"../.."', '"2024-06/2024-05"'],
  ['"99999999999999999999999999.99"', '"1e5"', '"-5"', '"1,000"', '"NaN"', '"\u0663"', '"XXX"', '"VN"', '"USD"'],
  `"${'x'.repeat(20_000)}"`,
  `[${'1,'.repeat(5_000)}1]`,
  '['.repeat(20_000),
  '{"a":'.repeat(5_000),
  `${'['.repeat(3_000)}${']'.repeat(3_000)}`,
].flat()

const oddNames = [
  '"__proto__"',
  '"constructor"',
  '""',
  '"data"',
  '"type"',
  '"proposalId"',
  '"\\u0000"',
  '"\\ud800"',
  '"hasOwnProperty"',
]

export const oddText: fc.Arbitrary<string> = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...oddTexts) },
  { weight: 2, arbitrary: fc.string({ unit: 'binary', maxLength: 40 }).map((text) => JSON.stringify(text)) },
  { weight: 1, arbitrary: fc.double().map(String) },
  { weight: 1, arbitrary: fc.json({ maxDepth: 3 }) },
)

interface Mutation {
  readonly kind: 'drop' | 'double' | 'replace' | 'add' | 'swap'
  /** The index of a place of the tree, counted over all places. */
  readonly place: number
  readonly name: string
  readonly text: string
}

const mutation: fc.Arbitrary<Mutation> = fc.record({
  kind: fc.constantFrom('drop', 'double', 'replace', 'add', 'swap'),
  place: fc.nat(1_000),
  name: fc.constantFrom(...oddNames),
  text: oddText,
})

/** Texts made from valid values by a few mutations; some are still valid. */
export function mutated(values: readonly unknown[]): fc.Arbitrary<string> {
  const choice = fc.record({ value: fc.constantFrom(...values), mutations: fc.array(mutation, { maxLength: 2 }) })
  return choice.map(({ value, mutations }) => {
    const root: Node = { items: [nodeOf(value)] }
    for (const one of mutations) mutate(root, one)
    return write(root).slice(1, -1)
  })
}

/** A value's place in its container. */
interface Place {
  get(): Node
  set(node: Node): void
  drop(): void
  double(): void
}

function mutate(root: Node, { kind, place, name, text }: Mutation): void {
  const places = placesOf(root)
  const at = places[place % places.length]
  if (!at) return
  const node = at.get()
  if (kind === 'drop') at.drop()
  else if (kind === 'double') at.double()
  else if (kind === 'replace') at.set({ text })
  else if (kind === 'swap') at.set('items' in node ? { members: [[name, node]] } : { items: [node] })
  else if ('members' in node) node.members.push([name, { text }])
  else if ('items' in node) node.items.push({ text })
  else at.set({ text })
}

function placesOf(node: Node): Place[] {
  if ('text' in node) return []
  const own =
    'items' in node ? node.items.map((_, index) => inList(node.items, index)) : node.members.map(asMember(node))
  const inner = 'items' in node ? node.items : node.members.map(([, value]) => value)
  return [...own, ...inner.flatMap(placesOf)]
}

function inList(items: Node[], index: number): Place {
  const at = () => items[index] as Node
  return {
    get: at,
    set: (node) => items.splice(index, 1, node),
    drop: () => items.splice(index, 1),
    double: () => items.splice(index, 0, at()),
  }
}

function asMember({ members }: { members: [string, Node][] }) {
  return (member: [string, Node]): Place => ({
    get: () => member[1],
    set: (node) => {
      member[1] = node
    },
    drop: () => members.splice(members.indexOf(member), 1),
    double: () => members.push([...member]),
  })
}
