import {
  decide,
  type EventBody,
  type EventType,
  evolveIfLast,
  foldStream,
  type Proposal,
  type RecordedEvent,
  type World,
} from '@commitments/domain'
import * as fc from 'fast-check'
import { agreed, delivered, example, exampleZone, funded, proposed, recorded } from './examples.ts'

/** Makes a body for a stream of this length: corrections and retractions need to know how long it is. */
type Move = (length: number) => EventBody

const source = { title: 'Report', supports: 'Says so.' }

/** All of them are before the day on which the last example is recorded, so that everything counts by then. */
const dates = fc.constantFrom(
  null,
  '2019',
  '2020-05',
  '2020-05-04',
  '[2018..2021]',
  '[..2022]',
  '2017/2018',
  '[2019..]',
)
const envelopes = fc.record({
  occurredOn: dates,
  evidence: fc
    .option(fc.constantFrom('2018', '2020-02', '2021-07-08'), { nil: undefined })
    .map((publishedOn) => [publishedOn === undefined ? source : { ...source, publishedOn }]),
})
type Envelope = Pick<EventBody, 'occurredOn' | 'evidence'>

const usd = (value: string) => ({ value, currency: 'USD' })
const amounts = fc.constantFrom(usd('500000'), usd('1000000'))
const lines = fc.constantFrom('a', 'b')

/** Types whose shortest example is accepted in many histories. */
const simple: EventType[] = [
  'consented',
  'suspended',
  'resumed',
  'ended',
  'reopened',
  'closed',
  'started',
  'milestone-planned',
  'milestone-reached',
  'rescheduled',
  'risk-flagged',
  'risk-cleared',
  'party-joined',
  'party-left',
  'party-renamed',
  'assessed',
  'amended',
  'updated',
  'indicator-reported',
]

const world: fc.Arbitrary<(envelope: Envelope) => EventBody> = fc.oneof(
  fc
    .constantFrom<string[]>(['most-vn', 'msit-kr'], ['most-vn', 'kist-kr'])
    .map((parties) => (e: Envelope) => agreed({ parties }, e)),
  fc.tuple(lines, fc.constantFrom(undefined, 'kr-pledge')).map(
    ([line, pledge]) =>
      (e: Envelope) =>
        funded(pledge === undefined ? { line } : { line, pledge }, e),
  ),
  fc.boolean().map((complete) => (e: Envelope) => delivered({ complete }, e)),
  amounts.map((amount) => (e: Envelope) => example('pledged', { amount }, e)),
  fc.tuple(lines, amounts).map(
    ([line, amount]) =>
      (e: Envelope) =>
        example('tranche-planned', { line, amount }, e),
  ),
  fc.tuple(lines, amounts, fc.constantFrom('t1', 't2', 't3')).map(
    ([line, amount, transaction]) =>
      (e: Envelope) =>
        example('disbursed', { line, amount, transaction }, e),
  ),
  fc.constantFrom('t1', 't2').map((transaction) => (e: Envelope) => example('refunded', { transaction }, e)),
  lines.map((line) => (e: Envelope) => example('decommitted', { line }, e)),
  fc.constantFrom(...simple).map((type) => (e: Envelope) => example(type, {}, e)),
)

const aboutEarlier = fc.tuple(
  fc.constantFrom<EventType>('contested', 'contest-resolved', 'evidence-attached'),
  fc.nat(),
  envelopes,
)

/** A version up to now, so that it exists. */
function versionIn(length: number, any: number): number {
  return (any % Math.max(length, 1)) + 1
}

const corrections: fc.Arbitrary<Move> = fc
  .tuple(fc.nat(), dates, fc.option(fc.tuple(world, envelopes), { nil: undefined }))
  .map(([any, occurredOn, other]) => (length) => {
    const data = other && { data: { ...other[0](other[1]).data } }
    return example('corrected', { corrections: [{ event: versionIn(length, any), occurredOn, ...data }] })
  })

const retractions: fc.Arbitrary<Move> = fc
  .uniqueArray(fc.nat({ max: 15 }), { minLength: 1, maxLength: 2 })
  .map((any) => (length) => {
    const events = [...new Set(any.map((one) => Math.max(length - one, 2)))]
    return example('retracted', { events })
  })

const facts: fc.Arbitrary<Move> = fc.tuple(world, envelopes).map(
  ([make, envelope]) =>
    () =>
      make(envelope),
)
const knowledge: fc.Arbitrary<Move> = aboutEarlier.map(
  ([type, any, envelope]) =>
    (length) =>
      example(type, { event: versionIn(length, any) }, envelope),
)

const moves = fc.oneof(
  { weight: 5, arbitrary: facts },
  { weight: 1, arbitrary: knowledge },
  { weight: 3, arbitrary: corrections },
  { weight: 3, arbitrary: retractions },
)

/** The course of a commitment without problems. Random histories take a part of it; otherwise they would get nowhere. */
const course: readonly ((envelope: Envelope) => EventBody)[] = [
  (e) => example('pledged', {}, e),
  (e) => agreed({}, e),
  (e) => funded({ line: 'a' }, e),
  (e) => example('party-joined', {}, e),
  (e) => example('disbursed', { line: 'a', transaction: 't1' }, e),
  (e) => example('milestone-planned', {}, e),
  (e) => funded({ line: 'b', pledge: 'kr-pledge' }, e),
  (e) => example('started', {}, e),
  (e) => example('tranche-planned', { line: 'b' }, e),
  (e) => example('disbursed', { line: 'b', transaction: 't2', tranche: 'first' }, e),
  (e) => example('milestone-reached', {}, e),
  (e) => delivered({}, e),
]

/** What is tried, one after the other: the course with other moves in between. */
function attempts(others: fc.Arbitrary<Move>): fc.Arbitrary<Move[]> {
  const usual = fc.subarray([...course], { minLength: 3 })
  const inserted = fc.array(fc.tuple(fc.nat(), others), { maxLength: 15, size: 'max' })
  const dated = fc.array(envelopes, { minLength: course.length + 1, maxLength: course.length + 1 })
  return fc.tuple(usual, inserted, dated).map(([steps, more, given]) => {
    const moves: Move[] = steps.map((make, index) => () => make(given[index] as Envelope))
    for (const [place, move] of more) moves.splice(place % (moves.length + 1), 0, move)
    return [() => proposed({}, given.at(-1)), ...moves]
  })
}

/** Streams that the log could have: of what is tried, only accepted events are recorded. */
export const streams: fc.Arbitrary<RecordedEvent[]> = attempts(moves).map(streamOf)

/** The same without corrections and retractions. */
export const plainStreams: fc.Arbitrary<RecordedEvent[]> = attempts(fc.oneof(facts, knowledge)).map(streamOf)

/**
 * A history in which every event has a different day, recorded in that order, and the same with some events recorded at another place; null
 * if an event is not accepted there.
 */
export const recordedInTwoOrders: fc.Arbitrary<readonly [RecordedEvent[], RecordedEvent[] | null]> = fc
  .tuple(
    fc.subarray([...course], { minLength: 5 }),
    fc.array(fc.tuple(fc.nat(), world), { maxLength: 8 }),
    fc.array(fc.tuple(fc.nat(), fc.nat()), { minLength: 1, maxLength: 3 }),
  )
  .map(([usual, others, moved]) => {
    const steps = [...usual]
    for (const [place, step] of others) steps.splice(place % (steps.length + 1), 0, step)
    const inOrder = streamOf([(e: Envelope) => proposed({}, e), ...steps].map((step, at) => () => step(onDay(at + 1))))
    const bodies = inOrder.map(
      ({ type, occurredOn, evidence, data }) => ({ type, occurredOn, evidence, data }) as EventBody,
    )
    for (const [from, to] of moved) {
      const [body] = bodies.splice(1 + (from % (bodies.length - 1 || 1)), 1)
      if (body) bodies.splice(1 + (to % bodies.length), 0, body)
    }
    const again = bodies.reduce<RecordedEvent[] | null>((stream, body) => stream && extended(stream, body), [])
    return [inOrder, again] as const
  })

/** What is tried on a stream, with any result. */
export const attemptsOn: fc.Arbitrary<Move> = moves

/** One more event, if it is accepted; otherwise null. */
export function extended(stream: readonly RecordedEvent[], body: EventBody): RecordedEvent[] | null {
  const before = foldStream(stream, exampleZone)
  const decision = decide(before, { ...body, proposalId: 'joint-laboratory' }, worldAfter(stream))
  return decision.outcome === 'refused' ? null : [...stream, recordedAfter(stream, body)]
}

/** What a decision on the next event can look at. */
export function worldAfter(stream: readonly RecordedEvent[]): World<RecordedEvent> {
  const now = recordedAtOf(stream.length + 1)
  return { futureBegins: '2026-11-24', now, timeZone: exampleZone, find: () => null, history: () => stream }
}

/** The fold step by step, with the whole stream where that is needed. */
export function stepByStep(before: Proposal | null, stream: readonly RecordedEvent[], from: number): Proposal | null {
  return stream.slice(from).reduce<Proposal | null>((state, event) => next(state, stream, event), before)
}

/** The state after an event of a stream, from the state before it. */
export function next(before: Proposal | null, stream: readonly RecordedEvent[], event: RecordedEvent): Proposal {
  return (
    evolveIfLast(before, event, exampleZone) ?? (foldStream(stream.slice(0, event.version), exampleZone) as Proposal)
  )
}

function streamOf(moves: readonly Move[]): RecordedEvent[] {
  return moves.reduce<RecordedEvent[]>((stream, move) => extended(stream, move(stream.length)) ?? stream, [])
}

/** Every event on a different day, and with events of other streams in between. */
function recordedAfter(stream: readonly RecordedEvent[], body: EventBody): RecordedEvent {
  const version = stream.length + 1
  return recorded(body, { version, position: version * 3 + 5, recordedAt: recordedAtOf(version) })
}

function recordedAtOf(version: number): string {
  return `2026-10-${String(version).padStart(2, '0')}T08:00:00.000123Z`
}

function onDay(day: number): Envelope {
  return { occurredOn: `2020-01-${String(day).padStart(2, '0')}`, evidence: [source] }
}
