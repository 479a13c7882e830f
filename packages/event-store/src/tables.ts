// Generated from the migrations by scripts/dump-schema.ts; do not edit.

import type { ColumnType, Generated } from 'kysely'

export interface EventsTable {
  position: number
  proposal_id: string
  version: number
  event_id: string
  recorded_at: ColumnType<Date, Date | string>
  key_digest: Buffer | null
  line: string
}

export interface LogIdentityTable {
  log_id: Generated<string>
  generation: number
  first_position: number
  began_at: Generated<ColumnType<Date, Date | string>>
  reason: string
}

export interface MomentFacetsTable {
  generation: number
  proposal_id: string
  facets: string
  labels: string[]
  search: string
  title_key: string
  planned_end: string
  title: ColumnType<unknown, string>
}

export interface ParkedMomentsTable {
  generation: number
  proposal_id: string
  position: number
  code: string
}

export interface ProjectionGenerationsTable {
  generation: number
  state: string
  position: Generated<number>
  rules: string
  phase: Generated<string>
  done: Generated<number>
  target: Generated<number>
  differences: number | null
  made_at: Generated<ColumnType<Date, Date | string>>
  projection: string
}

export interface ProposalLinksTable {
  generation: number
  other: string
  proposal_id: string
}

export interface ProposalMomentsTable {
  generation: number
  proposal_id: string
  valid_from: string
  valid_to: string
  known_from: number
  known_to: number
  stage: string
  ending: string | null
  kind: string
  parents: string[]
  fields: string[]
  planned_end: string
  condition_days: string[]
  conditions: string[]
  amounts: ColumnType<unknown, string>
  facets: string
}

export interface ProposalStatusTable {
  generation: number
  proposal_id: string
  position: number
  version: number
  updated_at: ColumnType<Date, Date | string>
  state: string | null
  parked: ColumnType<unknown, string> | null
  labels: string[]
  search: string
  stage: string
  ending: string | null
  kind: string
  parent: string | null
  fields: string[]
  title_key: string
  planned_end: string
  condition_days: string[]
  conditions: string[]
  amounts: ColumnType<unknown, string>
}

/** Every table of a ledger. */
export interface Database {
  events: EventsTable
  log_identity: LogIdentityTable
  moment_facets: MomentFacetsTable
  parked_moments: ParkedMomentsTable
  projection_generations: ProjectionGenerationsTable
  proposal_links: ProposalLinksTable
  proposal_moments: ProposalMomentsTable
  proposal_status: ProposalStatusTable
}
