import { getPostgreSQLEventStore, type PostgresEventStore } from '@event-driven-io/emmett-postgresql'
import { Pool } from 'pg'

/**
 * Emmett's event store on `url`, set up for production as its documentation says: a connection pool of the given size, and the schema
 * created before, so that calls do not check for it.
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
