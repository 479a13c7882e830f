/** What holds for every history and every wish (docs/keep-in-step.md). */
import assert from 'node:assert/strict'
import {
  type Author,
  decide,
  drained,
  type EventPlan,
  type EventType,
  foldStream,
  type NoPlan,
  type Proposal,
  parseWish,
  plannedEvents,
  planning,
  type RecordedEvent,
  toMinorUnits,
  type Wish,
  type World,
} from '@commitments/domain'
import { example, exampleZone, holds, otherProposal, proposed, recorded, search } from '@commitments/test-kit/domain'
import { streams } from '@commitments/test-kit/random-histories'
import * as fc from 'fast-check'
import t from 'tap'
import { beginningWishes, contestingWishes, wishes } from './any-wish.ts'

const others = [otherProposal('other', proposed()), otherProposal('programme', proposed({ kind: 'programme' }))]
const now = '2026-11-22T08:00:00.000123Z'

function worldOf(history: readonly RecordedEvent[]): World<RecordedEvent> {
  const find = (id: string) => others.find(({ proposalId }) => proposalId === id) ?? null
  return { futureBegins: '2026-11-24', now, timeZone: exampleZone, find, history: () => history }
}

const author: Author = { recordedBy: 'key:example', assertedBy: undefined, hasSeen: false }

function planFor(history: readonly RecordedEvent[], wish: Wish, by: Author = author): EventPlan | NoPlan {
  const parsed = parseWish(wish)
  assert(parsed.ok, JSON.stringify(parsed))
  const begun = { proposal: foldStream(history, exampleZone), history }
  return drained(planning('joint-laboratory', begun, { wish: parsed.body, author: by }, worldOf(history), 1_000_000))
}

/** Records the plan, as the service would: each event is judged again. */
function recordedBy(
  { events }: EventPlan,
  history: readonly RecordedEvent[],
  who = author.recordedBy,
): RecordedEvent[] {
  return events.reduce<RecordedEvent[]>(
    (before, { body }) => {
      const decision = decide(foldStream(before, exampleZone), body, worldOf(before))
      assert.equal(decision.outcome, 'accepted', JSON.stringify([body, decision]))
      const version = before.length + 1
      return [...before, recorded(body, { version, position: version * 3 + 5, recordedAt: now, recordedBy: who })]
    },
    [...history],
  )
}

/** Histories of all kinds, without any, and those that wishes have led to. */
const histories = fc.oneof(
  { weight: 3, arbitrary: streams },
  {
    weight: 2,
    arbitrary: fc.tuple(beginningWishes, fc.array(wishes, { maxLength: 4 })).map(([first, more]) =>
      [first, ...more].reduce<RecordedEvent[]>((history, wish) => {
        const plan = planFor(history, wish)
        return plan.outcome === 'planned' ? recordedBy(plan, history) : history
      }, []),
    ),
  },
)

const given = fc.oneof(
  { weight: 6, arbitrary: fc.tuple(histories, wishes) },
  { weight: 1, arbitrary: fc.tuple(fc.constant<RecordedEvent[]>([]), beginningWishes) },
)

t.test(
  'random wishes lead to every type of event that a wish can lead to, and only for the members that its row names',
  async (t) => {
    const types = new Set<string>()
    const whys = new Set<string>()
    for (const [history, wish] of fc.sample(given, search(t, 1_500))) {
      const plan = planFor(history, wish)
      if (plan.outcome !== 'planned') continue
      for (const { body, paths } of plan.events) {
        types.add(body.type)
        for (const path of paths)
          t.ok(
            (plannedEvents[body.type as EventType] as readonly string[]).includes(path.split('.')[1] ?? ''),
            `${body.type}: ${path}`,
          )
      }
      for (const { why } of plan.notPlanned) whys.add(why)
    }
    // A session, and settled money, are in keeping.test.ts.
    const rare = new Set(['agenda-set', 'closed'])
    const planned = Object.entries(plannedEvents).filter(([type, how]) => typeof how !== 'string' && !rare.has(type))
    t.same([...types].filter((type) => !rare.has(type)).toSorted(), planned.map(([type]) => type).toSorted())
    t.same([...whys].toSorted(), [
      'changed-since',
      'later-holds',
      'needs-amendment',
      'needs-reason',
      'recorded-otherwise',
    ])
  },
)

t.test(
  'every event of a plan is accepted, the state that the plan names comes of it, and the same wish then leads to none',
  async (t) => {
    holds(
      t,
      fc.property(given, ([history, wish]) => {
        const plan = planFor(history, wish)
        if (plan.outcome !== 'planned') return
        const after = recordedBy(plan, history)
        const state = foldStream(after, exampleZone) as Proposal
        assert.deepEqual(apartFromPosition(state), apartFromPosition(plan.proposal))
        const again = planFor(after, wish)
        assert(again.outcome === 'planned', JSON.stringify(again))
        assert.deepEqual(again.events, [])
        assert.deepEqual(again.notPlanned, plan.notPlanned)
      }),
      { numRuns: 200 },
    )
  },
)

t.test(
  'with the events of a plan, the state is as wished, except for what the plan names as not planned',
  async (t) => {
    let compared = 0
    holds(
      t,
      fc.property(given, ([history, wish]) => {
        const plan = planFor(history, wish)
        if (plan.outcome !== 'planned') return
        const open = plan.notPlanned.map(({ path }) => path)
        for (const [path, isSo] of facts(plan.proposal, wish)) {
          compared += 1
          assert(
            isSo || open.some((one) => one === path || one.startsWith(`${path}.`)),
            `${path} ${JSON.stringify(open)}`,
          )
        }
      }),
      { numRuns: 200 },
    )
    t.ok(compared > 200, `${compared} members were compared`)
  },
)

t.test(
  'two registers with fixed wishes do not go to and fro: after some rounds neither plans anything, whatever their reasons',
  async (t) => {
    let contests = 0
    holds(
      t,
      fc.property(histories, contestingWishes, (begun, both) => {
        let history = begun
        const lengths: number[] = []
        for (let round = 0; round < 8; round += 1) {
          lengths.push(history.length)
          for (const [index, wish] of both.entries()) {
            const by = { ...author, recordedBy: `key:register-${index}` }
            const plan = planFor(history, wish, by)
            if (plan.outcome === 'planned') history = recordedBy(plan, history, by.recordedBy)
          }
        }
        assert.equal(lengths.at(-1), lengths.at(-3), JSON.stringify(history.slice(begun.length)))
        if ((lengths[1] ?? 0) > begun.length + 1) contests += 1
      }),
      { numRuns: 200 },
    )
    t.ok(contests > 30, `${contests} pairs recorded something`)
  },
)

t.test('what a wish brought about and somebody retracted, the same wish does not bring back', async (t) => {
  let retractions = 0
  holds(
    t,
    fc.property(given, ([begun, wish]) => {
      const plan = planFor(begun, wish)
      if (plan.outcome !== 'planned' || begun.length === 0 || plan.events.length === 0) return
      const history = recordedBy(plan, begun)
      const versions = plan.events.map((_event, index) => begun.length + index + 1)
      const body = example('retracted', { events: versions }, { occurredOn: null })
      const state = foldStream(history, exampleZone)
      const retraction = { ...body, proposalId: 'joint-laboratory' }
      if (decide(state, retraction, worldOf(history)).outcome !== 'accepted') return
      retractions += 1
      const version = history.length + 1
      const after = [...history, recorded(body, { version, position: version * 3 + 5, recordedAt: now })]
      const again = planFor(after, wish)
      if (again.outcome !== 'planned') return
      // What was not planned before may have become possible, such as a planned date that an agreement had replaced.
      const broughtAbout = new Set(plan.events.flatMap(({ paths }) => paths))
      const broughtBack = again.events.filter(({ paths }) => paths.some((path) => broughtAbout.has(path)))
      assert.deepEqual(broughtBack, [])
    }),
    { numRuns: 200 },
  )
  t.ok(retractions > 40, `${retractions} plans were retracted`)
})

t.test('the past of a long history is read in slices, however much a wish says', async (t) => {
  const first = recorded(proposed(), { version: 1, position: 1, recordedAt: now })
  const history = [
    first,
    ...Array.from({ length: 400 }, (_none, index) => {
      const body = example('milestone-planned', { milestone: `m-${index}`, title: { en: 'M' }, due: null })
      return recorded({ ...body, occurredOn: null }, { version: index + 2, position: index + 2, recordedAt: now })
    }),
  ]
  const milestones = Array.from({ length: 200 }, (_none, index) => ({ milestone: `m-${index}`, title: { en: 'M' } }))
  const wished = { milestones: milestones.map((one) => ({ ...one, due: '2027' })) }
  const body = { occurredOn: null, assertedBy: 'most-vn', reason: { en: 'R' }, wished }
  const begun = { proposal: foldStream(history, exampleZone), history }
  const work = planning('joint-laboratory', begun, { wish: body, author }, worldOf(history), 1_000_000)
  let slices = 0
  while (!work.next().done) slices += 1
  t.ok(slices >= 400 / 50, `${slices} slices`)
})

t.test('a plan depends on nothing but the history and the wish', async (t) => {
  holds(
    t,
    fc.property(given, ([history, wish]) => {
      assert.deepEqual(planFor(history, structuredClone(wish)), planFor(structuredClone(history), wish))
    }),
  )
})

t.test('a plan never corrects and never retracts', async (t) => {
  t.type(plannedEvents.corrected, 'string')
  t.type(plannedEvents.retracted, 'string')
})

/** Whether each member of a wish holds, in words of its own: nothing of this is shared with the plan. */
function facts(state: Proposal, { wished }: Wish): [path: string, isSo: boolean][] {
  const sorted = (list: readonly string[]) => JSON.stringify(list.toSorted())
  const says = (text: Record<string, string> | null | undefined, told: Record<string, string> = {}) =>
    Object.entries(told).every(([language, one]) => text?.[language] === one)
  const same = (a: { value: string; currency: string } | null | undefined, b: typeof a) =>
    a && b ? a.currency === b.currency && toMinorUnits(a) === toMinorUnits(b) : !a && !b
  const of = <One>(list: readonly One[] | undefined, member: string, isSo: (one: One) => boolean) =>
    (list ?? []).map((one, index): [string, boolean] => [`wished.${member}.${index}`, isSo(one)])
  const one = <Value>(
    member: string,
    value: Value | undefined,
    isSo: (value: Value) => boolean,
  ): [string, boolean][] => (value === undefined ? [] : [[`wished.${member}`, isSo(value)]])
  return [
    ...one('title', wished.title, (title) => says(state.title, title)),
    ...one('summary', wished.summary, (summary) => says(state.summary, summary)),
    ...one('kind', wished.kind, (kind) => state.kind === kind),
    ...one('fields', wished.fields, (fields) => sorted(fields) === sorted(state.fields)),
    ...one('parent', wished.parent, (parent) => state.parent === parent),
    ...one('suspended', wished.suspended, (suspended) => state.suspended === suspended),
    ...one('planned.start', wished.planned?.start, (start) => state.planned.start === start),
    ...one('planned.end', wished.planned?.end, (end) => state.planned.end === end),
    ...one('planned.place', wished.planned?.place, (place) => says(state.planned.place, place)),
    ...one('agreed', wished.agreed, ({ form }) => state.agreement?.form === form),
    ...one('started', wished.started, () => state.delivery.started !== null),
    ...one('delivered', wished.delivered, () => state.history.delivered !== null),
    ...one('closed', wished.closed, () => state.stage === 'closed'),
    ...one('ended', wished.ended, ({ ending }) => state.ending === ending),
    ...of(wished.parties, 'parties', ({ party, roles = [], name, left }) => {
      const known = state.parties.find((other) => other.party === party)
      if (left) return known === undefined
      return known !== undefined && roles.every((role) => known.roles.includes(role)) && says(known.name, name)
    }),
    ...of(wished.links, 'links', ({ relation, other, unlinked = false }) => {
      return state.links.some((link) => link.relation === relation && link.other === other) !== unlinked
    }),
    ...of(wished.pledges, 'pledges', ({ pledge, amount }) => {
      const known = state.pledges.find((other) => other.pledge === pledge)
      return known ? same(known.amount, amount) : amount.value === '0'
    }),
    ...of(wished.lines, 'lines', ({ line, amount, decommitted }) => {
      const known = state.lines.find((other) => other.line === line)
      const taken = decommitted && { value: known?.decommitted ?? '', currency: decommitted.currency }
      return known !== undefined && same(known.amount, amount) && (!taken || same(taken, decommitted))
    }),
    ...of(wished.tranches, 'tranches', ({ tranche, amount, when }) => {
      const known = state.tranches.find((other) => other.tranche === tranche)
      if (known === undefined) return amount.value === '0'
      return same(known.amount, amount) && (when === undefined || known.when === when)
    }),
    ...of(wished.transactions, 'transactions', ({ transaction, amount, refunded }) => {
      const known = state.transactions.find((other) => other.transaction === transaction)
      const back = refunded && { value: known?.refunded ?? '', currency: refunded.currency }
      return known !== undefined && same(known.amount, amount) && (!back || same(back, refunded))
    }),
    ...of(wished.milestones, 'milestones', ({ milestone, title, due, reached }) => {
      const known = state.milestones.find((other) => other.milestone === milestone)
      const isReached = reached === undefined || known?.reached?.outcome === reached.outcome
      return known !== undefined && says(known.title, title) && (due === undefined || known.due === due) && isReached
    }),
  ]
}

function apartFromPosition(state: Proposal) {
  const text = JSON.stringify(state, (name, value: unknown) => (name === 'position' ? undefined : value))
  return JSON.parse(text) as unknown
}
