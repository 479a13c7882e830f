/** A generation that began empty and was never counted since: its batches find their rows by an index all the same. */
import { agreed, proposed } from '@commitments/test-kit'
import type { PoolClient, QueryConfig } from 'pg'
import t from 'tap'
import { readLive } from '../src/projections/generations.ts'
import type { Projection } from '../src/projections/projection.ts'
import { projections } from '../src/read-models.ts'
import { openLedger } from './support.ts'

t.setTimeout(120_000)

const timeZone = 'Asia/Ho_Chi_Minh'
/** Far more than what it costs to look at each of them; not so many that the projector would have had them counted long before. */
const proposals = 3_000

interface PlanNode {
  readonly 'Node Type': string
  readonly 'Relation Name'?: string
  readonly 'Index Cond'?: string
  readonly Plans?: readonly PlanNode[]
}

function nodesOf(plan: PlanNode): PlanNode[] {
  return [plan, ...(plan.Plans ?? []).flatMap(nodesOf)]
}

/** Explains each statement before it is executed, and gives the scans of tables that generations have parts of. */
function explaining(client: PoolClient, parents: readonly string[]): string[] {
  const scans: string[] = []
  const query = client.query.bind(client) as (asked: QueryConfig | string) => Promise<{ rows: object[] }>
  const isPart = (name = '') => parents.some((parent) => new RegExp(`^${parent}_\\d+$`).test(name))
  const explain = async (asked: QueryConfig | string) => {
    if (typeof asked !== 'string' && parents.some((parent) => asked.text.includes(parent))) {
      const [row] = (await query({ text: `EXPLAIN (FORMAT JSON) ${asked.text}`, values: asked.values ?? [] })).rows as {
        'QUERY PLAN': [{ Plan: PlanNode }]
      }[]
      for (const node of nodesOf(row!['QUERY PLAN'][0].Plan)) {
        if (!isPart(node['Relation Name']) || !node['Node Type'].includes('Scan')) continue
        scans.push(`${asked.name}: ${node['Node Type']} ${node['Relation Name']} ${node['Index Cond'] ?? ''}`)
      }
    }
    return query(asked)
  }
  client.query = explain as typeof client.query
  return scans
}

for (const projection of projections as readonly Projection[]) {
  t.test(`a batch of ${projection.name} reads by index in a generation that was never counted`, async (t) => {
    const ledger = await openLedger(t)
    const client = await ledger.database.pool('projection').connect()
    t.after(() => client.release())
    const { generation } = await readLive(client, projection.name)
    const projector = () => ({
      pool: client,
      generation,
      state: 'live' as const,
      timeZone,
      position: 0,
      batchSize: 500,
    })
    const filling = { ...projector(), memory: projection.createMemory(1_000_000) }
    for (let from = 0; from < proposals; from += 500)
      await ledger.recordAll(Array.from({ length: 500 }, (_, index) => [`p-${from + index}`, proposed()] as const))
    for (let done = 0; done < proposals; done += 500) await projection.step(filling)
    await ledger.recordAll([
      ['p-7', agreed()],
      ['p-8', agreed()],
    ])
    const scans = explaining(
      client,
      projection.tables.filter(({ isPartitioned }) => isPartitioned).map(({ name }) => name),
    )
    // With an empty memory, as after a restart.
    const next = { ...projector(), position: filling.position, memory: projection.createMemory(1_000_000) }
    t.match(await projection.step(next), { outcome: 'applied', events: 2 })
    t.ok(scans.length > 0)
    for (const scan of scans) t.match(scan, /Index.*Scan .*proposal_id = /, scan)
    const { rows } = await ledger.pool.query(
      `SELECT relname FROM pg_stat_user_tables WHERE relname = ANY($1) AND analyze_count + autoanalyze_count > 1`,
      [projection.tables.map(({ name }) => `${name}_${generation}`)],
    )
    t.same(rows, [], 'nobody has counted them since')
  })
}
