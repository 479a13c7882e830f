import {
  decide,
  type EventBody,
  type EventType,
  eventTypes,
  evolveIfLast,
  foldStream,
  type Proposal,
  type RecordedEvent,
} from '@commitments/domain'
import {
  agreed,
  delivered,
  example,
  exampleNow,
  exampleZone,
  funded,
  otherProposal,
  proposed,
  recorded,
} from '@commitments/test-kit/domain'
import * as fc from 'fast-check'

const kinds = fc.constantFrom(
  'joint-research',
  'system',
  'treaty',
  'committee-session',
  'policy-commitment',
  'programme',
)
const texts = fc.dictionary(
  fc.constantFrom('en', 'vi', 'ko', 'fr'),
  fc.string({ minLength: 1 }).filter((text) => /[\p{L}\p{N}]/u.test(text)),
  { minKeys: 1 },
)
const ids = fc.constantFrom('a', 'b')
const amounts = fc
  .tuple(fc.constantFrom('0.01', '1', '400', '999.99', '1000'), fc.constantFrom('USD', 'USD', 'USD', 'EUR'))
  .map(([value, currency]) => ({ value, currency }))
const absolute = fc.oneof(amounts, fc.constant({ value: '0', currency: 'USD' }))
const dates = fc.constantFrom(null, '2026', '2027-06', '2028-01-31', '[2026..2029]')
const unknown = { amount: null, amountStatus: 'unknown' } as const
const others = [otherProposal('other', proposed()), otherProposal('programme', proposed({ kind: 'programme' }))]

/** Money in and out: with few ids and amounts, so that events refer to each other. */
const money: fc.Arbitrary<EventBody> = fc.oneof(
  fc.tuple(ids, amounts).map(([line, amount]) => funded({ line, amount })),
  ids.map((line) => funded({ line, ...unknown })),
  fc.tuple(ids, ids).map(([line, pledge]) => funded({ line, pledge, amount: { value: '400', currency: 'USD' } })),
  fc.tuple(ids, absolute).map(([pledge, amount]) => example('pledged', { pledge, amount })),
  fc.tuple(ids, amounts).map(([line, amount]) => example('decommitted', { line, amount })),
  fc.tuple(ids, ids, absolute).map(([tranche, line, amount]) => example('tranche-planned', { tranche, line, amount })),
  fc
    .tuple(fc.constantFrom('1', '2', '3', '4', '5'), ids, amounts, fc.option(ids, { nil: undefined }))
    .map(([transaction, line, amount, tranche]) => {
      return example('disbursed', { transaction, line, amount, ...(tranche === undefined ? {} : { tranche }) })
    }),
  fc.tuple(fc.constantFrom('1', '2', '3'), amounts).map(([transaction, amount]) => {
    return example('refunded', { transaction, amount })
  }),
)

const texted: fc.Arbitrary<EventBody> = fc.oneof(
  texts.map((title) => example('updated', { title })),
  texts.map((summary) => ({ ...example('updated'), data: { summary } })),
  texts.map((name) => example('party-joined', { name })),
  dates.map((end) => example('amended', { changes: { terms: { end } } })),
  fc
    .tuple(fc.constantFrom('start', 'end', 'opening'), dates)
    .map(([which, to]) => example('rescheduled', { which, to })),
  fc.boolean().map((complete) => delivered({ complete })),
)

/** An ending comes together with its reopening; otherwise most histories would be short. */
const facts = eventTypes.filter((type) => !['corrected', 'retracted', 'ended'].includes(type))

/** The shortest example of any type, unchanged. */
const shortest: fc.Arbitrary<EventBody> = fc.constantFrom<EventType>(...facts).map((type) => example(type))

/** Events that belong together: alone, the second would hardly ever follow the first. */
const pairs: fc.Arbitrary<EventBody[]> = fc.oneof(
  fc
    .constantFrom<EventType[]>(
      ['risk-flagged', 'risk-cleared'],
      ['suspended', 'resumed'],
      ['linked', 'unlinked'],
      ['contested', 'contest-resolved'],
      ['milestone-planned', 'milestone-reached'],
      ['agenda-set', 'agenda-item-resolved'],
      ['closed', 'reopened'],
    )
    .map((types) => types.map((type) => example(type))),
  fc
    .constantFrom('keep', 'decommit', 'return')
    .map((remaining) => [example('ended', { remaining }), example('reopened')]),
)

const moves = fc.oneof(...[shortest, money, money, texted].map((arbitrary) => arbitrary.map((body) => [body])), pairs)

/** A course that gets far: without it, most random histories would get nowhere. */
const course: EventBody[] = [
  agreed(),
  funded({ line: 'a', amount: { value: '1000', currency: 'USD' } }),
  example('disbursed', { transaction: '1', line: 'a', amount: { value: '400', currency: 'USD' } }),
]

const attempts: fc.Arbitrary<EventBody[]> = fc
  .tuple(
    fc.record({ kind: kinds, title: texts }),
    fc.nat({ max: course.length }),
    fc.array(moves, { maxLength: 30, size: 'max' }),
  )
  .map(([begun, far, rest]) => [
    proposed(begun as Parameters<typeof proposed>[0]),
    ...course.slice(0, far),
    ...rest.flat(),
  ])

/** Histories over all events except corrections and retractions: of the attempts, the accepted ones are recorded. */
export const histories: fc.Arbitrary<RecordedEvent[]> = attempts.map(streamOf)

function streamOf(bodies: readonly EventBody[]): RecordedEvent[] {
  const stream: RecordedEvent[] = []
  const find = (id: string) => others.find(({ proposalId }) => proposalId === id) ?? null
  const world = { futureBegins: '2026-11-24', now: exampleNow, timeZone: exampleZone, find, history: () => stream }
  let state: Proposal | null = null
  for (const body of bodies) {
    if (decide(state, { ...body, proposalId: 'joint-laboratory' }, world).outcome === 'refused') continue
    const event = recorded(body, { version: stream.length + 1, position: stream.length * 3 + 5 })
    stream.push(event)
    state = evolveIfLast(state, event, exampleZone) ?? foldStream(stream, exampleZone)
  }
  return stream
}
