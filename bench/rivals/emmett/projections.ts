import type { Proposal } from '@commitments/domain'
import { type SQL, sql } from '@event-driven-io/dumbo'
import type { ReadEvent } from '@event-driven-io/emmett'
import {
  type PostgreSQLProjectionDefinition,
  type PostgresReadEventMetadata,
  pongoSingleStreamProjection,
  postgreSQLRawSQLProjection,
} from '@event-driven-io/emmett-postgresql'
import { bodyTypes } from '../../lib/workload.ts'
import { evolveState, type ProposalEvent } from './proposals.ts'

/** Emmett's two ways to keep one document for each stream. Each keeps the same fold as ours, made by the same `evolve`. */
export const projections: Record<string, PostgreSQLProjectionDefinition<ProposalEvent>> = {
  pongo: pongoSingleStreamProjection<{ proposal: Proposal | null }, ProposalEvent>({
    collectionName: 'statuses',
    canHandle: [...bodyTypes],
    initialState: () => ({ proposal: null }),
    evolve: (document: { proposal: Proposal | null }, event: ReadEvent<ProposalEvent>) => evolveState(document, event),
  }),
  sql: postgreSQLRawSQLProjection<ProposalEvent>({
    name: 'statuses_sql',
    version: 1,
    canHandle: [...bodyTypes],
    init: () => sql('CREATE TABLE IF NOT EXISTS statuses_sql (id text PRIMARY KEY, document jsonb NOT NULL)'),
    async evolve(event, { execute }): Promise<SQL> {
      const id = (event as ReadEvent<ProposalEvent, PostgresReadEventMetadata>).metadata.streamName
      const { rows } = await execute.query<{ document: Proposal }>(
        sql('SELECT document FROM statuses_sql WHERE id = %L', id),
      )
      const { proposal } = evolveState({ proposal: rows[0]?.document ?? null }, event)
      const document = JSON.stringify(proposal)
      return sql(
        'INSERT INTO statuses_sql VALUES (%L, %L::jsonb) ON CONFLICT (id) DO UPDATE SET document = excluded.document',
        id,
        document,
      )
    },
  }),
}
