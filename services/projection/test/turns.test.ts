import t from 'tap'
import { turnsOf } from '../src/app.ts'

t.test('pages have a third of the turns, at most as many as processors, and at least two', async (t) => {
  t.same(turnsOf(12, 16), { page: 4, lookup: 8 })
  t.same(turnsOf(12, 3), { page: 3, lookup: 9 })
  t.same(turnsOf(12, 1), { page: 2, lookup: 10 })
  t.same(turnsOf(2, 16), { page: 1, lookup: 1 })
})
