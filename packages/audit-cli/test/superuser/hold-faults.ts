import { pastGuards } from '@commitments/test-kit'
import t, { type Test } from 'tap'
import type { Fault } from './faults.ts'
import { type Copy, copyOf, type Prepared, prepare } from './ledger.ts'
import { askAll, looksUntil, type Said, type Seen, type Watcher } from './witnesses.ts'

// Each fault that a superuser of the database can make, on a copy of one signed log: who sees it, what they say, and after how many looks or
// rounds. The expectations are in faults.ts; decision 19 has them as a table.

/** Tests some faults, and that nobody says anything where nothing was changed. */
export function holdFaults(some: readonly Fault[]): void {
  let prepared: Prepared
  const seconds: Record<Watcher, number>[] = []

  t.test('the log is valid for everybody before it is changed', async (inner) => {
    prepared = await prepare(inner, t)
    inner.equal(prepared.head, 282)
  })

  t.test(
    'a fault of a superuser is seen by whom decision 19 says, in the round or by the look that it says',
    async (t) => {
      t.jobs = 2
      const nothing = { verify: {}, readiness: {}, drift: {}, replay: null, recording: 'goes on' } as const
      for (const fault of [{ changed: 'nothing', ...nothing } satisfies Fault, ...some])
        t.test(fault.changed, { buffered: true }, async (t) => {
          const copy = await changed(fault, await copyOf(t, prepared))
          const asked = await askAll(copy)
          seconds.push(asked.seconds)
          compare(t, fault, asked.seen)
        })
    },
  )

  t.test('how long everybody needed', async (t) => {
    for (const who of ['readiness', 'drift', 'replay', 'verify', 'remembered'] as const) {
      const all = seconds.map((one) => one[who]).toSorted((a, b) => a - b)
      t.comment(`${who}: half of them in ${all[all.length >> 1]?.toFixed(1)} s, all in ${all.at(-1)?.toFixed(1)} s`)
    }
  })
}

async function changed({ sql, act }: Fault, copy: Copy): Promise<Copy> {
  if (sql !== undefined) await copy.pool.query(pastGuards(sql))
  if (act === undefined) return copy
  await copy.service.stop()
  await act(copy)
  return copy.restart()
}

function compare(t: Test, fault: Fault, seen: Seen): void {
  const { remembered = fault.verify } = fault
  // Another check may see the same at a random moment, but never where nobody sees anything.
  saysAtLeast(t, 'verify', seen.verify, fault.verify)
  saysAtLeast(t, 'verify with a memory', seen.remembered, remembered)
  for (const [who, expected] of [
    ['readiness', fault.readiness],
    ['drift', fault.drift],
  ] as const) {
    saysAtLeast(t, who, seen[who], expected)
    t.strictSame([...seen[who].keys()].toSorted(), Object.keys(expected).toSorted(), who)
  }
  for (const [name, look] of seen.looks) t.ok(look <= (looksUntil[name] ?? 0), `${name} at look ${look}`)
  if (fault.replay === null) t.equal(seen.replay, '', 'replay-check')
  else t.match(seen.replay, fault.replay, 'replay-check')
  t.equal(seen.recording, fault.recording, 'recording')
}

function saysAtLeast(t: Test, who: string, said: Said, expected: Fault['verify']): void {
  for (const [name, words] of Object.entries(expected))
    t.match(said.get(name) ?? `nothing, but ${JSON.stringify([...said])}`, words, who)
  if (Object.keys(expected).length === 0) t.strictSame([...said], [], who)
}
