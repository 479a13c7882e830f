import type { Database } from '@commitments/event-store'
import { type Kysely, type Transaction } from 'kysely'
import { type ProjectionName } from '../projection-names.ts'
import { type Checkpoint } from './view.ts'

export interface Snapshot extends Checkpoint {
  readonly db: Transaction<Database>
}

/**
 * Runs reads in one snapshot of the database, and gives them the position of the projection in it: their results are exactly as of that
 * position.
 */
export function inSnapshot<T>(
  db: Kysely<Database>,
  read: (snapshot: Snapshot) => Promise<T>,
  projection: ProjectionName = 'proposal-status',
): Promise<T> {
  return db
    .transaction()
    .setIsolationLevel('repeatable read')
    .setAccessMode('read only')
    .execute(async (transaction) => read({ db: transaction, ...(await readStandingIn(transaction, projection)) }))
}

async function readStandingIn(db: Transaction<Database>, projection: ProjectionName): Promise<Checkpoint> {
  const { generation, position, logId } = await db
    .selectFrom('projection_generations as g')
    .select(['g.generation', 'g.position'])
    .select((query) =>
      query
        .selectFrom('log_identity as i')
        .select('i.log_id')
        .orderBy('i.generation', 'desc')
        .limit(1)
        .$asScalar()
        .$notNull()
        .as('logId'),
    )
    .where('g.projection', '=', projection)
    .where('g.state', '=', 'live')
    .executeTakeFirstOrThrow()
  return { generation, position, logId }
}
