import {
  eventTypes,
  foldStream,
  type Proposal,
  ProposalState,
  type RecordedEvent,
  Status,
  stages,
  statusOf,
  toMinorUnits,
} from '@commitments/domain'
import { exampleDay, exampleZone, holds } from '@commitments/test-kit/domain'
import { next, stepByStep } from '@commitments/test-kit/random-histories'
import * as fc from 'fast-check'
import t from 'tap'
import { histories } from './any-history.ts'

const zone = 'Asia/Ho_Chi_Minh'

t.test('random histories contain events of every type', async (t) => {
  const seen = new Set(
    fc.sample(histories, { numRuns: 1_000, seed: 1 }).flatMap((stream) => stream.map(({ type }) => type)),
  )
  t.same(
    eventTypes.filter((type) => !seen.has(type)),
    ['corrected', 'retracted'],
  )
})

t.test('the fold of a prefix, continued, is the fold of the whole', async (t) => {
  holds(
    t,
    fc.property(histories, fc.nat(), (stream, any) => {
      const length = any % (stream.length + 1)
      const carriedOn = stepByStep(foldStream(stream.slice(0, length), exampleZone), stream, length)
      return JSON.stringify(carriedOn) === JSON.stringify(foldStream(stream, exampleZone))
    }),
  )
})

t.test('a state stored as JSON continues like the state itself, and has a status', async (t) => {
  holds(
    t,
    fc.property(histories, (stream) => {
      const throughJson = stream.reduce<Proposal | null>(
        (state, event) => JSON.parse(JSON.stringify(next(state, stream, event))),
        null,
      ) as Proposal
      const status = statusOf(throughJson, exampleDay, zone)
      t.same(throughJson, foldStream(stream, exampleZone))
      t.same(ProposalState.parse(throughJson), throughJson)
      t.same(Status.parse(status), status)
      return true
    }),
  )
})

t.test('only a reopening moves the stage back', async (t) => {
  holds(
    t,
    fc.property(histories, (stream) =>
      steps(stream).every(({ before, event, after }) => {
        const fell = before !== null && stages.indexOf(after.stage) < stages.indexOf(before.stage)
        return !fell || event.type === 'reopened'
      }),
    ),
  )
})

t.test('on every line of known amount 0 ≤ disbursed ≤ committed, after every event', async (t) => {
  holds(
    t,
    fc.property(histories, (stream) => steps(stream).every(({ after }) => after.lines.every(isWithinBounds))),
    { numRuns: 300 },
  )
})

t.test('the disbursed amounts of the lines are the transactions minus the refunds', async (t) => {
  holds(
    t,
    fc.property(histories, (stream) => {
      const { lines, transactions } = foldStream(stream, exampleZone) as Proposal
      return lines.every(({ line, currency, disbursed }) => {
        const paid = transactions
          .filter((transaction) => transaction.line === line)
          .reduce((sum, { amount, refunded }) => {
            return sum + toMinorUnits(amount) - toMinorUnits({ value: refunded, currency: amount.currency })
          }, 0n)
        return toMinorUnits({ value: disbursed, currency: currency ?? 'USD' }) === paid
      })
    }),
    { numRuns: 300 },
  )
})

t.test('no language of a title, a summary or a name is ever lost', async (t) => {
  const languagesOf = ({ title, summary, parties }: Proposal) => [
    ...Object.keys(title).map((tag) => `title ${tag}`),
    ...Object.keys(summary ?? {}).map((tag) => `summary ${tag}`),
    ...parties.flatMap(({ party, name = {} }) => Object.keys(name).map((tag) => `${party} ${tag}`)),
  ]
  holds(
    t,
    fc.property(histories, (stream) =>
      steps(stream).every(({ before, event, after }) => {
        const has = new Set(languagesOf(after))
        return event.type === 'party-left' || !before || languagesOf(before).every((one) => has.has(one))
      }),
    ),
  )
})

t.test('the fold changes no state that it was given', async (t) => {
  holds(
    t,
    fc.property(histories, (stream) => {
      let state: Proposal | null = null
      for (const event of stream) {
        const before: string = JSON.stringify(state)
        const after: Proposal = next(deeplyFrozen(state), stream, event)
        if (JSON.stringify(state) !== before) return false
        state = after
      }
      return true
    }),
  )
})

t.test('a stream without events is not a proposal', async (t) => {
  t.equal(foldStream([], exampleZone), null)
})

interface Step {
  readonly before: Proposal | null
  readonly event: RecordedEvent
  readonly after: Proposal
}

function steps(stream: readonly RecordedEvent[]): Step[] {
  let before: Proposal | null = null
  return stream.map((event) => {
    const step = { before, event, after: next(before, stream, event) }
    before = step.after
    return step
  })
}

function isWithinBounds({ amount, currency, decommitted, disbursed }: Proposal['lines'][number]): boolean {
  const minor = (value: string) => toMinorUnits({ value, currency: currency ?? 'USD' })
  if (amount === null) return minor(disbursed) >= 0n && minor(decommitted) >= 0n
  return (
    minor(disbursed) >= 0n && minor(decommitted) >= 0n && minor(disbursed) + minor(decommitted) <= minor(amount.value)
  )
}

function deeplyFrozen<Value>(value: Value): Value {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value
  for (const member of Object.values(value)) deeplyFrozen(member)
  return Object.freeze(value)
}
