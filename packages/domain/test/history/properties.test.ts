import {
  asOfSteps,
  brokenEvents,
  changesOf,
  countsFrom,
  decide,
  effectiveHistory,
  foldAsOf,
  foldStream,
  isRereading,
  type Proposal,
  proposalAt,
  type RecordedEvent,
  Status,
  stages,
  statusOf,
  toMinorUnits,
} from '@commitments/domain'
import { example, exampleZone, holds, search } from '@commitments/test-kit/domain'
import {
  attemptsOn,
  extended,
  plainStreams,
  recordedInTwoOrders,
  stepByStep,
  streams,
  worldAfter,
} from '@commitments/test-kit/random-histories'
import * as fc from 'fast-check'
import t from 'tap'

const zone = 'Asia/Ho_Chi_Minh'
const lastDay = '2026-11-22'
const days = fc.constantFrom(
  '2016-01-01',
  '2018-12-31',
  '2020-05-03',
  '2020-05-04',
  '2021-12-31',
  '2026-10-08',
  lastDay,
)

t.test('random histories contain corrections and retractions that have an effect', async (t) => {
  const drawn = fc.sample(streams, search(t, 200))
  const types = new Set(drawn.flat().map(({ type }) => type))
  t.ok(types.has('corrected') && types.has('retracted') && types.has('disbursed') && types.has('delivered'))
  t.ok(drawn.some((stream) => stream.some((event) => event.type === 'retracted' && targetsRereading(stream, event))))
})

t.test('effective history of a stream without corrections is the stream itself', async (t) => {
  holds(
    t,
    fc.property(plainStreams, (stream) => effectiveHistory(stream) === stream),
  )
})

t.test('the fold of a prefix, continued, is the fold of the whole', async (t) => {
  holds(
    t,
    fc.property(streams, fc.nat(), (stream, any) => {
      const length = any % (stream.length + 1)
      return same(
        stepByStep(foldStream(stream.slice(0, length), exampleZone), stream, length),
        foldStream(stream, exampleZone),
      )
    }),
  )
})

t.test('no accepted correction or retraction breaks an event', async (t) => {
  holds(
    t,
    fc.property(streams, (stream) => {
      return stream.every((event, index) => {
        if (!isRereading(event)) return true
        const before = new Set(brokenIn(stream.slice(0, index)))
        return brokenIn(stream.slice(0, index + 1)).every((one) => before.has(one))
      })
    }),
  )
})

t.test('after any accepted sequence the money rules hold on every day', async (t) => {
  let paid = 0
  holds(
    t,
    fc.property(streams, (stream) => {
      return asOfSteps(stream, zone).every(({ proposal }) => {
        paid += proposal.transactions.length
        return moneyHolds(proposal)
      })
    }),
    { numRuns: 300 },
  )
  t.ok(paid > 100, `${paid} payments were looked at`)
})

t.test(
  'the state as of each day does not depend on the order in which events with certain dates are recorded',
  async (t) => {
    let compared = 0
    holds(
      t,
      fc.property(recordedInTwoOrders, ([inOrder, again]) => {
        if (again === null) return true
        if (again.some(({ type }, index) => type !== inOrder[index]?.type)) compared += 1
        const states = [inOrder, again].map((stream) =>
          asOfSteps(stream, zone).map(({ from, proposal }) => [from, apartFromRecording(proposal)]),
        )
        return same(states[0], states[1])
      }),
      { numRuns: 300 },
    )
    t.ok(compared > 30, `${compared} histories were recorded in another order`)
  },
)

t.test('a refused event leaves no trace', async (t) => {
  let refused = 0
  holds(
    t,
    fc.property(streams, attemptsOn, (stream, attempt) => {
      const state = foldStream(stream, exampleZone)
      const before = JSON.stringify([stream, state])
      const body = { ...attempt(stream.length), proposalId: 'joint-laboratory' }
      const [first, second] = [1, 2].map(() => decide(state, body, worldAfter(stream)))
      if (first?.outcome === 'refused') refused += 1
      return same(first, second) && JSON.stringify([stream, state]) === before
    }),
  )
  t.ok(refused > 20, `${refused} were refused`)
})

t.test('a retraction of everything after n equals the state at n', async (t) => {
  holds(
    t,
    fc.property(streams, fc.nat(), (stream, any) => {
      const n = (any % stream.length) + 1
      const after = stream.slice(n).map(({ version }) => version)
      const retracted = after.length > 0 && extended(stream, example('retracted', { events: after }))
      if (!retracted) return after.length === 0
      return same(
        apartFromKnowledge(foldStream(retracted, exampleZone)),
        apartFromKnowledge(foldStream(stream.slice(0, n), exampleZone)),
      )
    }),
  )
})

t.test('a retracted correction equals no correction', async (t) => {
  holds(
    t,
    fc.property(streams, (stream) => {
      const last = stream.at(-1) as RecordedEvent
      fc.pre(isRereading(last))
      const retracted = extended(stream, example('retracted', { events: [last.version] }))
      if (!retracted) return false
      return same(
        apartFromKnowledge(foldStream(retracted, exampleZone)),
        apartFromKnowledge(foldStream(stream.slice(0, -1), exampleZone)),
      )
    }),
  )
})

t.test('as of today, known at the head, it is the stored state', async (t) => {
  holds(
    t,
    fc.property(streams, (stream) => {
      const head = stream.at(-1)?.position
      return same(proposalAt(stream, { asOf: lastDay, knownAtPosition: head }, zone), foldStream(stream, exampleZone))
    }),
  )
})

t.test('the state known at a position is the state of that time, and no later event changes it', async (t) => {
  holds(
    t,
    fc.property(streams, fc.nat(), days, (stream, any, asOf) => {
      const known = stream.slice(0, any % (stream.length + 1))
      const knownAtPosition = known.at(-1)?.position ?? 0
      return (
        same(proposalAt(stream, { knownAtPosition }, zone), foldStream(known, exampleZone)) &&
        same(proposalAt(stream, { knownAtPosition, asOf }, zone), foldAsOf(known, asOf, zone))
      )
    }),
  )
})

t.test('the steps are the states of every day, and there are no more steps than events', async (t) => {
  holds(
    t,
    fc.property(streams, days, (stream, day) => {
      const steps = asOfSteps(stream, zone)
      const step = steps.findLast(({ from }) => from <= day)
      const ascending = steps.every(({ from }, index) => index === 0 || from > (steps[index - 1]?.from ?? ''))
      return ascending && steps.length <= stream.length && same(step?.proposal ?? null, foldAsOf(stream, day, zone))
    }),
  )
})

t.test('as of every day, the state contains all that counts, and has a status', async (t) => {
  holds(
    t,
    fc.property(streams, (stream) => {
      const counting = countsFrom(stream, zone)
      const ofRereading =
        (foldStream(stream, exampleZone)?.evidenceCount ?? 0) - evidenceIn(counting.map(({ event }) => event))
      return asOfSteps(stream, zone).every(({ from, proposal }) => {
        Status.parse(statusOf(proposal, from, zone))
        const counted = counting.filter((one) => one.from <= from).map(({ event }) => event)
        return proposal.evidenceCount === evidenceIn(counted) + ofRereading
      })
    }),
  )
})

t.test('acts count in stage order, as far as their first possible days allow', async (t) => {
  const acts = ['proposed', 'agreed', 'funded', 'delivered']
  holds(
    t,
    fc.property(streams, (stream) => {
      const counting = countsFrom(stream, zone).filter(
        ({ event }) => acts.includes(event.type) && !(event.type === 'delivered' && event.data.complete === false),
      )
      return counting.every(({ event, from }) => {
        const next = acts
          .slice(acts.indexOf(event.type) + 1)
          .find((act) => counting.some((one) => one.event.type === act))
        const days = counting.filter((one) => one.event.type === next).map((one) => one.from)
        const bounded = event.occurredOn !== null || (event.type === 'funded' && event.data.pledge !== undefined)
        return bounded || days.every((day) => from <= day)
      })
    }),
  )
})

t.test('the last value of every field is that of the status', async (t) => {
  holds(
    t,
    fc.property(streams, (stream) => {
      const status = statusOf(foldStream(stream, exampleZone) as Proposal, lastDay, zone)
      const latest = new Map(changesOf(stream, exampleZone).map(({ field, changes }) => [field, changes.at(-1)?.value]))
      const { stage, parties, money, history } = status
      return (
        same(latest.get('stage'), stage) &&
        same(latest.get('parties'), parties) &&
        same(latest.get('money.undisbursed'), money.undisbursed) &&
        same(latest.get('history.agreed'), history.agreed)
      )
    }),
  )
})

t.test('only a retraction, a correction or a reopening moves the stage back', async (t) => {
  holds(
    t,
    fc.property(streams, (stream) =>
      stream.every((event, index) => {
        const [before, after] = [
          foldStream(stream.slice(0, index), exampleZone),
          foldStream(stream.slice(0, index + 1), exampleZone),
        ]
        const fell = before && after && stages.indexOf(after.stage) < stages.indexOf(before.stage)
        return !fell || isRereading(event) || event.type === 'reopened'
      }),
    ),
  )
})

function brokenIn(stream: readonly RecordedEvent[]): string[] {
  return brokenEvents(stream, worldAfter(stream)).map(({ version, code }) => `${version} ${code}`)
}

/** In these histories, all amounts are in USD. */
function moneyHolds({ lines, tranches, transactions }: Proposal): boolean {
  const units = (value: string) => toMinorUnits({ value, currency: 'USD' })
  return (
    transactions.every(({ amount, refunded }) => units(refunded) >= 0n && units(refunded) <= units(amount.value)) &&
    lines.every(({ line, amount, decommitted, disbursed }) => {
      const committed = units(amount?.value ?? '0') - units(decommitted)
      const planned = tranches.filter((tranche) => tranche.line === line).map((tranche) => units(tranche.amount.value))
      const inAll = planned.reduce((sum, one) => sum + one, 0n)
      return units(disbursed) >= 0n && units(disbursed) <= committed && inAll <= committed
    })
  )
}

/** Without the place and time of recording. */
function apartFromRecording(proposal: Proposal): unknown {
  const ofRecording = new Set(['version', 'position', 'recordedAt'])
  return JSON.parse(JSON.stringify(proposal, (key, value) => (ofRecording.has(key) ? undefined : value)))
}

function evidenceIn(events: readonly RecordedEvent[]): number {
  return events.flatMap(({ evidence = [] }) => evidence).length
}

function targetsRereading(stream: readonly RecordedEvent[], event: RecordedEvent): boolean {
  if (event.type !== 'retracted') return false
  return event.data.events.some((version) => stream.some((other) => other.version === version && isRereading(other)))
}

/** Without the members that say how far the record was read, and how much evidence it has. */
function apartFromKnowledge(proposal: Proposal | null): unknown {
  if (!proposal) return null
  const { version: _v, position: _p, recordedAt: _r, evidenceCount: _e, ...rest } = proposal
  return rest
}

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}
