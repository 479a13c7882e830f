import { openPool } from '@commitments/event-store'
import { createLogger } from '@commitments/http-kit'
import { proposed } from '@commitments/test-kit'
import t from 'tap'
import { createDrift, type Drift, type Known } from '../../src/drift/drift.ts'
import {
  advanceRound,
  askForRound,
  beginRound,
  isUnderWay,
  type Round,
  readRounds,
  shareOf,
} from '../../src/drift/rounds.ts'
import { pauseAfter } from '../../src/drift/watch.ts'
import { type Ledger, openLedger } from '../support.ts'

t.setTimeout(60_000)

async function roundOf(ledger: Ledger): Promise<Round> {
  const rounds = await readRounds(ledger.database.pool('projection'))
  const round = rounds.find(({ projection }) => projection === 'proposal-moments')
  if (round === undefined) throw new Error('no round')
  return round
}

/** One check of an instance without memory: what it checked. */
async function lookOnce(ledger: Ledger, ids: readonly string[], limit: number): Promise<string[]> {
  const pool = ledger.database.pool('projection')
  const before = await roundOf(ledger)
  const round = isUnderWay(before) ? before : await beginRound(pool, before)
  if (round === null) throw new Error('somebody else began it')
  const looked = ids.filter((id) => id > round.after).slice(0, limit)
  await advanceRound(pool, round, looked, limit)
  return looked
}

t.test('a round checks every proposal once, whatever the batch size and whichever the instance', async (t) => {
  const ledger = await openLedger(t)
  const all = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']
  for (const ids of [[], ['a'], all.slice(0, 4), all]) {
    for (const limit of [1, 2, 3, 4, 8, 20]) {
      const seen: string[] = []
      do seen.push(...(await lookOnce(ledger, ids, limit)))
      while ((await roundOf(ledger)).upTo !== null)
      t.same(seen, ids, `${ids.length} ids by ${limit}`)
    }
  }
  t.match(await roundOf(ledger), { isWhole: true, completedAt: Date })
})

t.test('a round never goes back behind another instance, nor into a round that was restarted', async (t) => {
  const ledger = await openLedger(t)
  const pool = ledger.database.pool('projection')
  const began = (await beginRound(pool, await roundOf(ledger))) as Round
  t.equal(await beginRound(pool, { ...began, upTo: null }), null, 'it goes on already')
  await advanceRound(pool, began, ['a', 'b'], 2)
  await advanceRound(pool, began, ['a'], 1)
  t.match(await roundOf(ledger), { after: 'b', checked: 2 })
  const going = await roundOf(ledger)
  t.equal(await askForRound(pool, 'proposal-moments'), true)
  t.equal(await askForRound(pool, 'proposal-moments'), false, 'one at a time')
  await advanceRound(pool, going, [], 2)
  t.match(
    await roundOf(ledger),
    { isAsked: true, upTo: null, isWhole: false },
    'the end of the one before is not its end',
  )
})

t.test('a new generation starts a new round, and none of its proposals counts as checked', async (t) => {
  const ledger = await openLedger(t)
  await lookOnce(ledger, [], 1)
  const { live } = await roundOf(ledger)
  t.equal(shareOf(await roundOf(ledger)), 1)
  await ledger.pool.query(`UPDATE drift_rounds SET generation = generation + 10, up_to = 5, after = 'm'`)
  t.equal(shareOf(await roundOf(ledger)), 0)
  t.equal(isUnderWay(await roundOf(ledger)), false)
  await ledger.record('lab', proposed())
  const begun = await beginRound(ledger.pool, await roundOf(ledger))
  t.match(begun, { generation: live, after: '', upTo: 1, checked: 0 })
  t.match(await roundOf(ledger), { isWhole: false })
})

t.test('the share is a part of all proposals, and never more than one', async (t) => {
  const round = { generation: 1, live: 1, isWhole: false, checked: 0, total: 4 } as Round
  t.equal(shareOf(round), 0)
  t.equal(shareOf({ ...round, checked: 2 }), 0.5)
  t.equal(shareOf({ ...round, checked: 5 }), 1)
  t.equal(shareOf({ ...round, total: 0 }), 1)
})

t.test('a background check takes at most a twentieth of the time, a requested one half of it', async (t) => {
  // Never connected to.
  const pool = openPool('postgres://localhost/none', { ledger: 'commitments' })
  const logger = createLogger({ name: 'test', level: 'silent' })
  const round = { projection: 'proposal-status', live: 2, rules: 'some', isAsked: false } as Round
  const known = (over: Partial<Known>): Drift['known'] =>
    new Map([['proposal-status', { round, differing: new Map(), lastDifferenceAt: null, ...over }]])
  const drift = (over: Partial<Drift>): Drift => ({
    ...createDrift({
      pool,
      logger,
      timeZone: 'Asia/Ho_Chi_Minh',
      rules: 'some',
      clock: () => new Date(),
      rate: 5,
      onlyReads: false,
    }),
    ...over,
  })
  const many = known({ round: { ...round, total: 10_000 } })
  t.equal(pauseAfter(drift({ known: many }), 10), 2_000, 'five a second, ten at a time')
  t.equal(pauseAfter(drift({ known: many, rate: 100 }), 2), 100)
  t.equal(pauseAfter(drift({ known: many }), 500), 9_500)
  t.equal(pauseAfter(drift({ known: known({ round: { ...round, total: 4 } }) }), 10), 60_000, 'all four once a minute')
  t.equal(pauseAfter(drift({}), 10), 60_000, 'an empty ledger')
  t.equal(pauseAfter(drift({ known: known({ round: { ...round, isAsked: true } }) }), 500), 500)
  const differing = new Map([['lab', { what: 'x', foundAt: new Date(), seenAt: new Date(), generation: 1 }]])
  const waiting = drift({ known: known({ differing }) })
  t.equal(pauseAfter(waiting, 2), 38, 'what differed in another generation does not wait for its turn')
})
