import { getPostgreSQLEventStore, type PostgresEventStore } from '@event-driven-io/emmett-postgresql'
import { Pool } from 'pg'

/**
 * Emmett's event store on `url`, as its documentation sets it up for production: a connection pool (of the given size), the schema made
 * before and not looked for again at every call.
 */
export async function openStore(url: string, poolSize: number): Promise<{ store: PostgresEventStore; pool: Pool }> {
  const pool = new Pool({ connectionString: url, max: poolSize })
  const store = getPostgreSQLEventStore(url, {
    connectionOptions: { pooled: true, pool },
    schema: { autoMigration: 'None' },
  })
  await store.schema.migrate()
  return { store, pool }
}
