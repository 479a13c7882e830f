import { setImmediate as turn } from 'node:timers/promises'
import { readLogIdentity } from '@commitments/event-store'
import { proposed } from '@commitments/test-kit'
import type { QueryConfig } from 'pg'
import t from 'tap'
import { wholeLines } from '../../src/live/forms.ts'
import { closeHub, createHub } from '../../src/live/hub.ts'
import { followFrom } from '../../src/live/reader.ts'
import { advance, createView } from '../../src/projections/view.ts'
import { type Ledger, openLedger } from '../support.ts'

t.setTimeout(120_000)

/** The steps when a reader joins while an event is being recorded; each of the first two comes before the one after it. */
const chains = [
  ['the hub looks', 'the hub is told'],
  ['the reader looks', 'the reader is told'],
  ['it is recorded', 'it is applied'],
] as const
type Step = (typeof chains)[number][number]

/** Every possible order of the steps. */
function orders(left: readonly (readonly Step[])[] = chains): Step[][] {
  const open = left.filter(({ length }) => length > 0)
  if (open.length === 0) return [[]]
  return open.flatMap(([first, ...rest]) => {
    const others = open.map((chain) => (chain[0] === first ? rest : chain))
    return orders(others).map((order) => [first as Step, ...order])
  })
}

/** Reads of the log that begin, and are answered, when the test says so: the first read of the hub, and that of the reader. */
function heldBack(ledger: Ledger) {
  const gates = new Map(chains.flat().map((step) => [step, Promise.withResolvers<void>()]))
  const done = new Map(chains.flat().map((step) => [step, Promise.withResolvers<void>()]))
  const seen = new Set<string>()
  const query = async (statement: QueryConfig<[number]>) => {
    const who = statement.values?.[0] === Number.MAX_SAFE_INTEGER ? 'the hub' : 'the reader'
    if (seen.has(who)) return ledger.pool.query(statement)
    seen.add(who)
    await gates.get(`${who} looks`)?.promise
    const answer = await ledger.pool.query(statement)
    done.get(`${who} looks`)?.resolve()
    await gates.get(`${who} is told`)?.promise
    done.get(`${who} is told`)?.resolve()
    return answer
  }
  const pass = async (step: Step) => {
    gates.get(step)?.resolve()
    await done.get(step)?.promise
    await turn()
  }
  return { pool: { query } as never, pass }
}

t.test('a reader that joins while an event is recorded gets it, in whatever order the two happen', async (t) => {
  const ledger = await openLedger(t)
  const { logId } = await readLogIdentity(ledger.pool)
  const logger = { warn: (detail: object) => t.fail(JSON.stringify(detail)) } as never
  let head = 0
  for (const order of orders()) {
    const { pool, pass } = heldBack(ledger)
    const view = createView({ logId, generation: 1, position: head })
    // Within the test, nothing is triggered by time: neither a heartbeat, which would wake a forgotten reader, nor a look of the hub.
    const hub = createHub({
      pool,
      view,
      onlyReads: false,
      logger,
      limit: 9,
      heartbeatEvery: 600_000,
      lookEvery: 600_000,
    })
    const stream = followFrom(hub, { logId, position: head }, wholeLines, AbortSignal.timeout(10_000))
    const next = stream.next()
    head += 1
    for (const step of order) {
      if (step === 'it is recorded') await ledger.record(`p-${head}`, proposed())
      else if (step === 'it is applied') advance(view, { logId, generation: 1, position: head }, [])
      else await pass(step)
    }
    const { value } = await next
    t.match(String(value), new RegExp(`^id: ${logId}:${head}\ndata: `), order.join(', '))
    closeHub(hub)
    await stream.return(undefined)
    await hub.running
  }
  t.equal(head, 90)
})

t.test('an event arrives when it is recorded, not at the next poll', async (t) => {
  const ledger = await openLedger(t)
  const { logId } = await readLogIdentity(ledger.pool)
  const logger = { warn: (detail: object) => t.fail(JSON.stringify(detail)) } as never
  const view = createView({ logId, generation: 1, position: 0 })
  const options = {
    pool: ledger.pool,
    view,
    onlyReads: false,
    logger,
    limit: 9,
    heartbeatEvery: 600_000,
    lookEvery: 600_000,
  }
  const hub = createHub(options)
  const stream = followFrom(hub, { logId, position: 0 }, wholeLines, AbortSignal.timeout(60_000))
  for (let position = 1; position <= 20; position += 1) {
    const next = stream.next()
    await ledger.record(`p-${position}`, proposed())
    advance(view, { logId, generation: 1, position }, [])
    t.match(String((await next).value), new RegExp(`^id: ${logId}:${position}\ndata: `))
  }
  closeHub(hub)
  await stream.return(undefined)
  await hub.running
})
