import { LedgerUnusable, type Queryable } from '@commitments/event-store'
import { type ProjectionName } from '../projection-names.ts'

/** How far the live generation of a projection is behind the log. */
export interface Lag {
  readonly position: number
  readonly head: number
  readonly events: number
  /** Seconds since the first event that is not applied was recorded; 0 if there is none. */
  readonly seconds: number
}

const lagQuery = {
  name: 'read-lag',
  text: `SELECT g.position, coalesce((SELECT max(position) FROM events), 0) AS head,
      coalesce(extract(epoch FROM clock_timestamp() - (
        SELECT recorded_at FROM events WHERE position = g.position + 1
      )), 0)::float8 AS seconds
    FROM projection_generations g WHERE g.projection = $1 AND g.state = 'live'`,
}

export async function readLag(client: Queryable, projection: ProjectionName): Promise<Lag> {
  const { rows } = await client.query<Omit<Lag, 'events'>>({ ...lagQuery, values: [projection] })
  const [lag] = rows
  if (lag === undefined) throw new LedgerUnusable(`No generation of ${projection} is live.`)
  const { position, head, seconds } = lag
  return { position, head, events: Math.max(0, head - position), seconds: Math.max(0, seconds) }
}
