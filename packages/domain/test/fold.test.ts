import {
  decide,
  type EventBody,
  evolve,
  foldStream,
  type Proposal,
  type RecordedEvent,
  stages,
} from '@commitments/domain'
import { agreed, delivered, funded, holds, proposed, recorded } from '@commitments/test-kit/domain'
import * as fc from 'fast-check'
import t from 'tap'

const world = { futureBegins: '2026-11-24', find: () => null, history: () => [] }

const kinds = fc.constantFrom(
  'joint-research',
  'system',
  'treaty',
  'committee-session',
  'policy-commitment',
  'programme',
)
const titles = fc.dictionary(
  fc.constantFrom('en', 'vi', 'ko', 'fr'),
  fc.string({ minLength: 1 }).filter((text) => /\S/u.test(text)),
  { minKeys: 1 },
)
const later = fc.oneof(
  fc.constant(agreed()),
  fc.record({ end: fc.constantFrom('2027', null) }).map((terms) => agreed({ terms })),
  fc.constantFrom('a', 'b', 'c').map((line) => funded({ line })),
  fc.constantFrom('a', 'b').map((line) => funded({ line, amount: null, amountStatus: 'unknown' })),
  fc.boolean().map((complete) => delivered({ complete })),
)
/** What a caller tries; only what is accepted is recorded. */
const attempts: fc.Arbitrary<EventBody[]> = fc
  .tuple(fc.record({ kind: kinds, title: titles }), fc.array(later, { maxLength: 12 }))
  .map(([begun, rest]) => [proposed(begun as Parameters<typeof proposed>[0]), ...rest])

t.test('the fold of a prefix, carried on, is the fold of the whole', async (t) => {
  holds(
    t,
    fc.property(attempts, (bodies) => {
      const stream = streamOf(bodies)
      const whole = JSON.stringify(foldStream(stream))
      return stream.every((_event, length) => {
        const carriedOn = stream.slice(length).reduce<Proposal | null>(evolve, foldStream(stream.slice(0, length)))
        return JSON.stringify(carriedOn) === whole
      })
    }),
  )
})

t.test('a state that was kept as JSON carries on as the state itself', async (t) => {
  holds(
    t,
    fc.property(attempts, (bodies) => {
      const stream = streamOf(bodies)
      const throughJson = stream.reduce<Proposal | null>(
        (state, event) => JSON.parse(JSON.stringify(evolve(state, event))),
        null,
      )
      t.same(throughJson, foldStream(stream))
      return true
    }),
  )
})

t.test('the stage never falls, and no language of the title is lost', async (t) => {
  holds(
    t,
    fc.property(attempts, (bodies) => {
      let before: Proposal | null = null
      for (const event of streamOf(bodies)) {
        const after: Proposal = evolve(before, event)
        if (before && stages.indexOf(after.stage) < stages.indexOf(before.stage)) return false
        before = after
      }
      return JSON.stringify(before?.title) === JSON.stringify((bodies[0] as ReturnType<typeof proposed>).data.title)
    }),
  )
})

t.test('the fold changes no state that it was given', async (t) => {
  holds(
    t,
    fc.property(attempts, (bodies) => {
      let state: Proposal | null = null
      for (const event of streamOf(bodies)) {
        const before: string = JSON.stringify(state)
        const next: Proposal = evolve(state, event)
        if (JSON.stringify(state) !== before) return false
        state = next
      }
      return true
    }),
  )
})

t.test('a stream without events is no proposal', async (t) => {
  t.equal(foldStream([]), null)
})

function streamOf(bodies: readonly EventBody[]): RecordedEvent[] {
  const stream: RecordedEvent[] = []
  let state: Proposal | null = null
  for (const body of bodies) {
    if (decide(state, { ...body, proposalId: 'joint-laboratory' }, world).outcome === 'refused') continue
    const event = recorded(body, { version: stream.length + 1, position: stream.length * 3 + 5 })
    stream.push(event)
    state = evolve(state, event)
  }
  return stream
}
