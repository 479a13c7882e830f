import { searchRuns, searchSeed } from '@commitments/test-kit/domain'
import t from 'tap'
import { simulate } from './simulation/run.ts'

t.setTimeout(3_600_000)

const first = searchSeed(t)
const seeds = Array.from({ length: searchRuns(20, 300) }, (_, index) => first + index)

t.test('whatever happens in whatever order, nothing is lost, doubled, reordered or skipped', async (t) => {
  let [events, decisions] = [0, 0]
  for (const seed of seeds) {
    const simulated = await simulate(t, seed)
    events += simulated.events
    decisions += simulated.decisions.length
    if (simulated.faults.length > 0)
      t.comment(`SEED=${seed}; the last decisions:\n${simulated.decisions.slice(-60).join('\n')}`)
    if (!t.same(simulated.faults, [], `seed ${seed}`)) return
  }
  t.comment(`${seeds.length} seeds, ${decisions} decisions, ${events} events`)
})

t.test('the same seed gives the same decisions', async (t) => {
  const [one, other] = [await simulate(t, first), await simulate(t, first)]
  t.same(one.decisions, other.decisions)
  t.equal(one.events, other.events)
})
