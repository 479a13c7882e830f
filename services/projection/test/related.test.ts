import { rebuild, rulesOf } from '@commitments/projection'
import { agreed, example, funded, proposed, searchRuns, searchSeed } from '@commitments/test-kit'
import t from 'tap'
import { checkReplay } from '../src/replay-check/check-replay.ts'
import { statusProjection } from '../src/status/status-projection.ts'
import { type Ledger, openLedger, startService, type TestService } from './support.ts'

const programme = (parent?: string) => proposed({ kind: 'programme', ...(parent ? { parent } : {}) })
const usd = (value: string) => ({ value, currency: 'USD' })

async function statusOf(service: TestService, proposalId: string, atLeast: number) {
  return (await service.get(`/v1/proposals/${proposalId}?atLeast=${atLeast}`)).json()
}

t.test('a link is shown on both sides, and its end too', async (t) => {
  const ledger = await openLedger(t)
  const service = await startService(t, ledger)
  await ledger.record('jcm', proposed({ kind: 'committee-session' }))
  const link = { relation: 'agreed-at', other: 'jcm' } as const
  const linked = await ledger.record('lab', proposed(), example('linked', link))
  t.match(await statusOf(service, 'lab', linked), { links: [link], related: { linkedFrom: [], linkedFromTotal: 0 } })
  t.match(await statusOf(service, 'jcm', linked), {
    links: [],
    related: {
      linkedFrom: [
        { proposalId: 'lab', relation: 'agreed-at', kind: 'joint-research', stage: 'proposed', ending: null },
      ],
      linkedFromTotal: 1,
      children: [],
      programme: null,
    },
  })
  const unlinked = await ledger.record('lab', example('unlinked', link))
  t.same((await statusOf(service, 'jcm', unlinked)).related.linkedFrom, [])
})

t.test('a programme shows totals over its leaves: each once, and no currency added to another', async (t) => {
  const ledger = await openLedger(t)
  const service = await startService(t, ledger)
  await ledger.record('top', programme())
  await ledger.record('left', programme('top'))
  await ledger.record('right', programme('top'))
  await ledger.record('a', proposed({ parent: 'left' }), agreed(), funded({ amount: usd('10') }))
  await ledger.record('b', proposed({ parent: 'right' }), agreed(), funded({ amount: { value: '7', currency: 'KRW' } }))
  // By two ways below the same programme.
  await ledger.record('both', proposed({ parent: 'left' }), example('linked', { relation: 'child', other: 'right' }))
  await ledger.record('both', agreed(), funded({ amount: usd('0.50') }))
  await ledger.record('both', funded({ line: 'secret', amount: null, amountStatus: 'undisclosed' }))
  await ledger.record('mistake', proposed({ parent: 'top' }), agreed(), funded({ amount: usd('1000') }))
  await ledger.record('mistake', example('ended', { ending: 'void', remaining: 'keep' }))
  const head = await ledger.record('both', example('contributed-in-kind', {}))
  const { related, money } = await statusOf(service, 'top', head)
  t.same(money.committed, {})
  t.match(related, { childrenTotal: 2, children: [{ proposalId: 'left' }, { proposalId: 'right' }] })
  t.match(related.programme, {
    leaves: 3,
    money: {
      committed: { USD: '10.50', KRW: '7' },
      disbursed: {},
      undisclosed: { committed: 1 },
      inKind: { items: 1 },
    },
    ownMoneyBeside: [],
  })
  t.same(related.programme.money.committed, { KRW: '7', USD: '10.50' })
  t.same((await statusOf(service, 'right', head)).related.programme.money.committed, { KRW: '7', USD: '0.50' })
  t.equal((await statusOf(service, 'a', head)).related.programme, null)
  const listed = (await service.get('/v1/proposals?parent=right')).json().proposals
  t.same(
    listed.map(({ proposalId }: { proposalId: string }) => proposalId),
    ['b', 'both'],
    'by every parent',
  )
})

t.test('a parent with money of its own beside that of its parts is flagged', async (t) => {
  const ledger = await openLedger(t)
  const service = await startService(t, ledger)
  await ledger.record('top', programme(), agreed(), funded({ amount: usd('100') }))
  const head = await ledger.record('part', proposed({ parent: 'top' }), agreed(), funded({ amount: usd('40') }))
  const { related, money } = await statusOf(service, 'top', head)
  t.same(money.committed, { USD: '100' })
  t.match(related.programme, { money: { committed: { USD: '40' } }, ownMoneyBeside: ['committed', 'undisbursed'] })
})

t.test('the figures of a programme change with its parts, however deep, and so does its ETag', async (t) => {
  const ledger = await openLedger(t)
  const first = await startService(t, ledger)
  await ledger.record('top', programme())
  await ledger.record('middle', programme('top'))
  let head = await ledger.record('part', proposed({ parent: 'middle' }))
  const second = await startService(t, ledger)
  const moves = [agreed(), funded({ amount: usd('5') }), example('ended', { ending: 'void', remaining: 'keep' })]
  const tags = new Set<string>()
  for (const move of moves) {
    for (const service of [first, second]) {
      await service.get(`/v1/proposals/top?atLeast=${head}`)
      await service.get(`/v1/proposals/middle?atLeast=${head}`)
    }
    head = await ledger.record('part', move)
    for (const service of [first, second]) {
      const answer = await service.get(`/v1/proposals/middle?atLeast=${head}`)
      tags.add(String(answer.headers.etag))
      const again = await service.get('/v1/proposals/middle', { 'if-none-match': String(answer.headers.etag) })
      t.equal(again.statusCode, 304)
    }
    const sums = (await statusOf(second, 'top', head)).related.programme.money.committed
    t.same(sums, move.type === 'funded' ? { USD: '5' } : {}, move.type)
  }
  t.equal(tags.size, 3, 'one for each state, the same from both instances')
})

t.test('a rebuild finds the links that existed before it', async (t) => {
  const ledger = await openLedger(t)
  const service = await startService(t, ledger)
  await ledger.record('top', programme())
  const head = await ledger.record('part', proposed({ parent: 'top' }), agreed(), funded({ amount: usd('3') }))
  const before = await statusOf(service, 'top', head)
  const pool = ledger.database.pool('projection', { max: 6 })
  const timeZone = 'Asia/Ho_Chi_Minh'
  const rebuilt = await rebuild({ pool, projection: statusProjection, timeZone, rules: rulesOf(timeZone) })
  t.match(rebuilt, { outcome: 'switched', generation: 3, differences: 0 })
  const later = await ledger.record('other', proposed({ parent: 'top' }))
  t.match(await statusOf(service, 'top', later), { related: { childrenTotal: 2, programme: { leaves: 2 } } })
  t.equal(before.related.programme.leaves, 1)
  await rebuild({ pool, projection: statusProjection, timeZone, rules: rulesOf(timeZone) })
  const { rows } = await ledger.pool.query('SELECT DISTINCT generation FROM proposal_links ORDER BY 1')
  t.same(
    rows.map(({ generation }) => generation),
    [3, 4],
    'those of the dropped generation are gone',
  )
})

/** The incoming links that the read model must show for the recorded links. */
function expectedOf(links: ReadonlyMap<string, ReadonlySet<string>>, proposalId: string): string[] {
  const found = [...links].filter(([, targets]) => targets.has(proposalId)).map(([from]) => from)
  return found.toSorted()
}

t.test('no cached answer outlives a new or removed link, whichever instance is asked', async (t) => {
  const ledger: Ledger = await openLedger(t)
  const services = [await startService(t, ledger), await startService(t, ledger)]
  const ids = ['a', 'b', 'c', 'd']
  for (const id of ids) await ledger.record(id, proposed())
  const links = new Map(ids.map((id) => [id, new Set<string>()]))
  let state = searchSeed(t)
  const pick = (count: number) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
    return (state >>> 8) % count
  }
  for (let round = 0; round < searchRuns(60, 600); round += 1) {
    const from = ids[pick(ids.length)] as string
    const other = ids[pick(ids.length)] as string
    const targets = links.get(from) as Set<string>
    const type = targets.delete(other) ? 'unlinked' : 'linked'
    if (type === 'linked') targets.add(other)
    const head = await ledger.record(from, example(type, { relation: 'sibling', other }))
    for (const service of services) {
      for (const id of ids) {
        const { related } = await statusOf(service, id, head)
        const shown = related.linkedFrom.map(({ proposalId }: { proposalId: string }) => proposalId)
        t.same(shown, expectedOf(links, id), `round ${round}: ${id}`)
      }
    }
  }
  t.equal((await checkReplay(ledger.pool, 'Asia/Ho_Chi_Minh')).found, 0)
})
