import { setTimeout as sleep } from 'node:timers/promises'
import { eventually } from '@commitments/test-kit'
import t, { type Test } from 'tap'
import { type Load, startLoad } from './crash/load.ts'
import { type System, startSystem } from './crash/system.ts'
import { verify } from './crash/verify.ts'

t.setTimeout(180_000)

/** This many events are acknowledged before, between and after the faults, so that each fault comes in the middle of the load. */
const stretch = 500

async function openSystem(t: Test): Promise<System> {
  const system = await startSystem()
  t.teardown(() => system.stop())
  return system
}

async function more(load: Load, events: number): Promise<void> {
  const until = load.acknowledged.length + events
  await eventually(() => load.acknowledged.length >= until || load.unexpected.length > 0, { within: 60_000 })
}

t.test('kill -9 of a service, of the projector and of Postgres loses nothing and repeats nothing', async (t) => {
  const system = await openSystem(t)
  const load = startLoad(system)
  await more(load, stretch)
  const pids = [system.command.pid, system.projection.pid, system.server.pid]
  process.kill(system.command.pid, 'SIGKILL')
  await more(load, stretch)
  process.kill(system.projection.pid, 'SIGKILL')
  await more(load, stretch)
  await system.server.kill()
  await sleep(100)
  await system.server.restart()
  await more(load, stretch)
  // All at once, as when the machine fails.
  process.kill(system.command.pid, 'SIGKILL')
  process.kill(system.projection.pid, 'SIGKILL')
  await system.server.kill()
  await system.server.restart()
  await more(load, stretch)
  await load.stop()

  t.comment(`answers: ${JSON.stringify(Object.fromEntries(load.answers))}`)
  t.ok(load.answers.has('cut'), 'clients noticed')
  for (const [index, pid] of [system.command.pid, system.projection.pid, system.server.pid].entries()) {
    t.not(pid, pids[index], 'another process is at work now')
  }
  t.same(load.unexpected, [])
  const { events, faults } = await verify(system, load.acknowledged)
  t.same(faults, [])
  t.equal(new Set(load.acknowledged.map(({ key }) => key)).size, events, 'everything in the log was acknowledged')
  t.ok(events >= 5 * stretch)
})
