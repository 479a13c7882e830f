import {
  conditionOn,
  conditionSteps,
  type EventBody,
  eventsASlice,
  figuresOf,
  lastDay,
  type Proposal,
  proposalAt,
  type RecordedEvent,
  statusOf,
} from '@commitments/domain'
import { agreed, example, funded, holds, proposed, recorded } from '@commitments/test-kit/domain'
import { streams } from '@commitments/test-kit/random-histories'
import * as fc from 'fast-check'
import t from 'tap'
import { changedMoments, type MomentRow, momentsOf, sparse, stillKnown } from '../../src/past/bitemporal-rows.ts'
import { createGrowing, passOver } from '../../src/past/timeline.ts'

const zone = 'Asia/Ho_Chi_Minh'

const days = [
  '2016-01-01',
  '2018-12-31',
  '2020-05-04',
  '2021-12-31',
  '2026-10-08',
  '2026-11-22',
  '2027-11-01',
  '9999-12-31',
]

t.test('the rectangle that contains a moment equals the fold of that moment', async (t) => {
  holds(
    t,
    fc.property(streams, (stream) => {
      const { opened } = momentsOf(stream, zone)
      const asked = [...days, ...opened.flatMap((row) => [row.valid_from, row.valid_to])].filter(isDay)
      return positionsOf(stream).every((position) =>
        [...new Set(asked)].every((day) => isAsFolded(stream, opened, day, position)),
      )
    }),
  )
})

t.test('without a requested day, the last rectangle has the condition of any day', async (t) => {
  holds(
    t,
    fc.property(streams, (stream) => {
      const { opened } = momentsOf(stream, zone)
      return positionsOf(stream).every((position) => {
        const proposal = proposalAt(stream, { knownAtPosition: position }, zone)
        const row = opened.find((one) => one.valid_to === 'infinity' && isKnown(one, position))
        return days.every((day) => same(row ? shown(row, day) : null, proposal && expected(proposal, day)))
      })
    }),
  )
})

t.test('written event by event, or in whatever batches, the rectangles are the same', async (t) => {
  holds(
    t,
    fc.property(streams, fc.array(fc.nat({ max: 4 })), (stream, sizes) => {
      const kept = new Map<string, MomentRow>()
      let known = 0
      for (const size of [...sizes, stream.length]) {
        const until = Math.min(known + size, stream.length)
        if (until === known) continue
        write(kept, changedMoments(stream.slice(0, until), known, zone))
        known = until
      }
      return same(sorted([...kept.values()]), sorted(momentsOf(stream, zone).opened))
    }),
  )
})

t.test('n events make at most n(n+1)/2 rectangles, of which n are open', async (t) => {
  holds(
    t,
    fc.property(streams, (stream) => {
      const { opened } = momentsOf(stream, zone)
      const n = stream.length
      const open = opened.filter((row) => row.known_to === stillKnown)
      return opened.length <= (n * (n + 1)) / 2 && open.length <= n
    }),
  )
})

t.test(
  'a proposal is dense exactly if it ever exceeded the limit of events or rectangles, in whatever batches',
  async (t) => {
    const limits = { events: 6, rectangles: 10, facets: 16_384 }
    holds(
      t,
      fc.property(streams, fc.array(fc.nat({ max: 4 })), (stream, sizes) => {
        const all = momentsOf(stream, zone).opened.length
        let [known, had, dense] = [0, 0, false]
        for (const size of [...sizes, stream.length]) {
          const until = Math.min(known + size, stream.length)
          if (until === known || dense) continue
          const changes = changedMoments(stream.slice(0, until), known, zone, had, limits)
          dense = changes.dense
          had += changes.opened.length
          known = until
        }
        return (
          dense === (stream.length > limits.events || all > limits.rectangles) && (!dense || had <= limits.rectangles)
        )
      }),
    )
  },
)

t.test('a fold takes each event once, whatever the order in which they were recorded', async (t) => {
  const stream = newestFirst(400)
  let turns = 0
  const work = passOver(createGrowing(zone), stream)
  while (!work.next().done) turns += 1
  t.ok(turns <= stream.length / eventsASlice, `${turns} turns of ${eventsASlice} events`)
})

t.test('payments recorded newest first make no more rows than a proposal can have', async (t) => {
  t.ok(momentsOf(newestFirst(sparse.events), zone).dense)
  t.ok(momentsOf(newestFirst(5_000), zone).dense, 'however many they are')
  t.ok(momentsOf(newestFirst(50), zone).opened.length <= sparse.rectangles)
})

/** A line and this many payments from it, each dated four days before the one recorded before it. */
function newestFirst(payments: number): RecordedEvent[] {
  const bodies: EventBody[] = [
    proposed({}, { occurredOn: '1960' }),
    agreed({}, { occurredOn: '1961' }),
    funded({ amount: { value: '900000000', currency: 'USD' } }, { occurredOn: '1961' }),
  ]
  for (let index = 0; index < payments; index += 1) {
    const occurredOn = new Date(Date.UTC(2026, 9, 1) - index * 4 * 86_400_000).toISOString().slice(0, 10)
    bodies.push(
      example(
        'disbursed',
        { transaction: `p${index}`, line: 'kr-grant', amount: { value: '1000', currency: 'USD' } },
        { occurredOn },
      ),
    )
  }
  return bodies.map((body, index) => recorded(body, { version: index + 1, position: index + 1 }))
}

function write(kept: Map<string, MomentRow>, { closed, opened }: ReturnType<typeof changedMoments>): void {
  for (const { valid_from, known_to } of closed) {
    const row = kept.get(`${valid_from} ${stillKnown}`)
    if (!row) throw new Error(`Nothing is open from ${valid_from} on`)
    kept.delete(`${valid_from} ${stillKnown}`)
    kept.set(`${valid_from} ${known_to}`, { ...row, known_to })
  }
  for (const row of opened) kept.set(`${row.valid_from} ${row.known_to}`, row)
}

function isAsFolded(stream: readonly RecordedEvent[], rows: readonly MomentRow[], day: string, position: number) {
  const found = rows.filter((row) => isKnown(row, position) && row.valid_from <= day && day < row.valid_to)
  const proposal = proposalAt(stream, { asOf: day, knownAtPosition: position }, zone)
  if (proposal === null) return found.length === 0
  return found.length === 1 && same(shown(found[0] as MomentRow, day), expected(proposal, day))
}

function isKnown({ known_from, known_to }: MomentRow, position: number): boolean {
  return known_from <= position && position < known_to
}

function shown(
  { stage, ending, kind, parents, fields, planned_end, amounts, condition_days, conditions }: MomentRow,
  day: string,
) {
  const condition = conditions[condition_days.filter((from) => from <= day).length]
  return { stage, ending, kind, parents, fields, planned_end, amounts, condition }
}

function expected(proposal: Proposal, day: string) {
  const status = statusOf(proposal, day, zone)
  const { stage, ending, kind, fields, planned, links } = status
  const parents = links.filter(({ relation }) => relation === 'child').map(({ other }) => other)
  return {
    stage,
    ending,
    kind,
    parents,
    fields,
    planned_end: lastDay(planned.end) ?? 'infinity',
    amounts: figuresOf(proposal),
    condition: conditionOn(conditionSteps(proposal, zone), day),
  }
}

/** Before the first event, at each, and between them. */
function positionsOf(stream: readonly RecordedEvent[]): number[] {
  return [1, ...stream.flatMap(({ position }) => [position, position + 1])]
}

/** As text, days compare as in the calendar, and `infinity` is after all of them. */
function isDay(text: string): boolean {
  return text !== 'infinity'
}

function sorted(rows: readonly MomentRow[]): MomentRow[] {
  return rows.toSorted((a, b) => (`${a.known_from} ${a.valid_from}` < `${b.known_from} ${b.valid_from}` ? -1 : 1))
}

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}
