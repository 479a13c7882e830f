/** A fault of the database under load: how long it is load, what is answered meanwhile, and what must hold afterwards. */
import { eventually, processKey, proposed } from '@commitments/test-kit'
import type { Test } from 'tap'
import type { Load } from '../crash/load.ts'
import type { Services } from '../crash/system.ts'
import { verify } from '../crash/verify.ts'

/** This many events are acknowledged before the fault, and as many after it. */
export const stretch = 100

export async function more(load: Load): Promise<void> {
  const until = load.acknowledged.length + stretch
  await eventually(() => load.acknowledged.length >= until || load.unexpected.length > 0, { within: 120_000 })
}

/** One request by itself, without a key: the first answer that is no success, as it is. */
export async function firstRefusal(system: Services, name: string): Promise<Response> {
  for (let index = 0; ; index += 1) {
    const answer = await fetch(new URL(`/v1/proposals/${name}-${index}/events`, system.command.url), {
      method: 'POST',
      headers: { authorization: `Bearer ${processKey}`, 'content-type': 'application/json' },
      body: JSON.stringify(proposed()),
    })
    if (answer.status !== 201) return answer
    await answer.body?.cancel()
  }
}

export async function isProblem(t: Test, answer: Response): Promise<void> {
  t.equal(answer.status, 503)
  t.match(answer.headers.get('content-type'), /^application\/problem\+json/)
  t.match(await answer.json(), { code: /^(unavailable|outcome-unknown)$/ })
}

/** The same processes work on, and nothing was lost, doubled or wrong. */
export async function isWholeAgain(
  t: Test,
  system: Services,
  pids: readonly number[],
  loads: readonly Load[],
): Promise<void> {
  for (const load of loads) await more(load)
  for (const load of loads) await load.stop()
  t.same([system.command.pid, system.projection.pid], pids, 'no service was started again')
  t.same(
    loads.flatMap(({ unexpected }) => unexpected),
    [],
  )
  const { faults } = await verify(
    system,
    loads.flatMap(({ acknowledged }) => acknowledged),
  )
  t.same(faults, [])
}

export function pidsOf({ command, projection }: Services): number[] {
  return [command.pid, projection.pid]
}
