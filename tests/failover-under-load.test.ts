import t from 'tap'
import { type Plan, planOf } from './failover/plan.ts'
import { runTrial } from './failover/trial.ts'

t.setTimeout(180_000)

// `npm run soak -- failover` does this with one seed after another.

const usual = { seed: 0, before: 1_000, cutFor: 0, killed: [], downFor: 300, after: 500 } as const

t.test('a failover under load loses nothing with a synchronous standby', async (t) => {
  const plan: Plan = { ...usual, replication: 'synchronous' }
  const { acknowledged, lost, faults } = await runTrial(plan)
  t.ok(acknowledged > 0)
  t.same({ lost, faults }, { lost: 0, faults: [] })
})

t.test('what an asynchronous standby loses is noticed by the services, the signer and an auditor', async (t) => {
  const plan: Plan = { ...usual, replication: 'asynchronous', cutFor: 1_500 }
  const { lost, faults } = await runTrial(plan)
  t.ok(lost > 0)
  t.same(faults, [])
})

t.test('the same seed gives the same plan, and seeds give each kind of plan', (t) => {
  t.same(planOf(7), planOf(7))
  const plans = Array.from({ length: 50 }, (_, seed) => planOf(seed))
  t.ok(plans.some(({ replication }) => replication === 'synchronous'))
  t.ok(plans.some(({ cutFor }) => cutFor > 0))
  t.ok(plans.some(({ replication, cutFor }) => replication === 'asynchronous' && cutFor === 0))
  t.ok(plans.some(({ killed }) => killed.length > 0))
  t.end()
})
