import { queryRows } from './database.ts'
import { ledger } from './product.ts'

/** What a ledger stores, and the tables in which it does. */
const stores = {
  tiles: ['log_tiles', 'log_tree', 'log_checkpoints'],
  statuses: ['proposal_status', 'proposal_search', 'proposal_links'],
  past: ['proposal_moments', 'moment_facets', 'dense_moments'],
} as const

/** Bytes that one event takes on disk: in its table, in that table's indexes, in the tiles, and in both read models (tables and indexes). */
export async function bytesOfEvent(url: string): Promise<string> {
  const [row] = await queryRows<Record<string, string>>(
    url,
    `SELECT (SELECT max(position) FROM ${ledger}.events) AS events, pg_table_size('${ledger}.events') AS "the table",
       pg_indexes_size('${ledger}.events') AS "its indexes", ${Object.entries(stores).map(sumOf).join(', ')}`,
  )
  const { events, ...bytes } = row ?? {}
  const parts = Object.entries(bytes).map(([name, size]) => `${name} ${Math.round(Number(size) / Number(events))}`)
  return `bytes an event, of ${Number(events).toLocaleString('en')}: ${parts.join(', ')}`
}

/** A partitioned table is empty itself, and one without partitions is in no tree. */
function sumOf([name, tables]: [string, readonly string[]]): string {
  const sizes = tables.map(
    (table) =>
      `pg_total_relation_size('${ledger}.${table}') + coalesce((SELECT sum(pg_total_relation_size(relid)) FROM pg_partition_tree('${ledger}.${table}') WHERE level > 0), 0)`,
  )
  return `${sizes.join(' + ')} AS ${name}`
}

interface Vacuumed {
  name: string
  dead: string
  times: string
  seconds: string
}

/**
 * What vacuum has to do: for each large table the dead rows, how often the server has vacuumed it by itself and for how long, and how long it
 * takes now.
 */
export async function vacuumOf(url: string): Promise<string[]> {
  const before = await queryRows<Vacuumed>(
    url,
    `SELECT relid::regclass::text AS name, n_dead_tup AS dead, autovacuum_count AS times,
       round((total_autovacuum_time / 1000)::numeric, 1) AS seconds
     FROM pg_stat_user_tables WHERE schemaname = '${ledger}' AND pg_table_size(relid) > 8e6 ORDER BY pg_table_size(relid) DESC`,
  )
  const said: string[] = []
  for (const { name, dead, times, seconds } of before) {
    const began = performance.now()
    await queryRows(url, `VACUUM ${name}`)
    const now = ((performance.now() - began) / 1000).toFixed(1)
    said.push(
      `vacuum of ${name}: ${times} times by itself, ${seconds} s in all; ${Number(dead).toLocaleString('en')} dead rows were left, and a vacuum takes ${now} s now`,
    )
  }
  return said
}
