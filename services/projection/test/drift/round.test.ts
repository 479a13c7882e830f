import { openPool } from '@commitments/event-store'
import { createLogger } from '@commitments/http-kit'
import t from 'tap'
import { createDrift, type Drift } from '../../src/drift/drift.ts'
import { advanceRound, beginRound, shareOf } from '../../src/drift/round.ts'
import { pauseAfter } from '../../src/drift/watch.ts'

/** Goes one whole round over these ids and gives what was looked at. */
function goRound(ids: readonly string[], from: string, limit: number): string[] {
  const round = beginRound({ from, total: ids.length, upTo: 0 })
  const seen: string[] = []
  for (let looks = 0; looks < 1_000; looks += 1) {
    const looked = ids.filter((id) => id > round.after).slice(0, limit)
    seen.push(...looked)
    if (advanceRound(round, looked, limit)) return seen
  }
  throw new Error('it never ends')
}

t.test('a round looks at every proposal, wherever it begins and however many it takes at a time', async (t) => {
  const all = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']
  for (const ids of [[], ['a'], all.slice(0, 4), all]) {
    for (const from of ['', 'a', 'd', 'h', 'zz', '0']) {
      for (const limit of [1, 2, 3, 4, 8, 20]) {
        const seen = goRound(ids, from, limit)
        t.same([...new Set(seen)].toSorted(), ids, `${ids.length} ids from '${from}' by ${limit}`)
        t.ok(seen.length <= ids.length + limit, 'hardly any of them twice')
      }
    }
  }
})

t.test('the share is that of all proposals, and never more than one', async (t) => {
  const round = beginRound({ from: '', total: 4, upTo: 0 })
  t.equal(shareOf(round), 0)
  advanceRound(round, ['a', 'b'], 2)
  t.equal(shareOf(round), 0.5)
  advanceRound(round, ['c', 'd'], 2)
  advanceRound(round, ['made-meanwhile'], 2)
  t.equal(shareOf(round), 1)
  t.equal(shareOf(beginRound({ from: '', total: 0, upTo: 0 })), 1)
})

t.test(
  'a look in the background takes a twentieth of the time at most, one that was asked for half of it',
  async (t) => {
    // Never connected to.
    const pool = openPool('postgres://localhost/none', { ledger: 'commitments' })
    const logger = createLogger({ name: 'test', level: 'silent' })
    const drift = (over: Partial<Drift>): Drift => ({
      ...createDrift({ pool, logger, timeZone: 'Asia/Ho_Chi_Minh', rules: 'some', clock: () => new Date(), rate: 5 }),
      ...over,
    })
    t.equal(pauseAfter(drift({}), 10), 1_000, 'five a second')
    t.equal(pauseAfter(drift({ rate: 100 }), 2), 100, 'ten at a time')
    t.equal(pauseAfter(drift({}), 500), 9_500)
    t.equal(pauseAfter(drift({ asked: true }), 500), 500)
    const differing = new Map([['lab', { what: 'x', foundAt: new Date(), seenAt: new Date(), generation: 1 }]])
    t.equal(pauseAfter(drift({ differing }), 2), 38, 'what differed in another generation does not wait for its turn')
  },
)
