// Generated from the migrations by scripts/dump-schema.ts; do not edit.

import type { ColumnType, Generated } from 'kysely'

export interface DenseMomentsTable {
  generation: number
  proposal_id: string
}

export interface DriftRoundsTable {
  projection: string
  generation: Generated<number>
  after: Generated<string>
  up_to: number | null
  checked: Generated<number>
  total: Generated<number>
  is_whole: Generated<boolean>
  is_asked: Generated<boolean>
  completed_at: ColumnType<Date, Date | string> | null
}

export interface ErasuresTable {
  erasure_id: Generated<string>
  log_id: string
  positions: number[]
  reason: string
  decided_by: string
  proposed_by: string
  proposed_at: Generated<ColumnType<Date, Date | string>>
  expires_at: Generated<ColumnType<Date, Date | string>>
  approved_by: string | null
  approved_at: ColumnType<Date, Date | string> | null
}

export interface EventsTable {
  position: number
  proposal_id: string
  version: number
  event_id: string
  recorded_at: ColumnType<Date, Date | string>
  key_digest: Buffer | null
  line: string
}

export interface LogCheckpointsTable {
  log_id: string
  size: number
  root: Buffer
  note: string
  vkeys: string
  epoch: number
  signed_at: Generated<ColumnType<Date, Date | string>>
  published_at: ColumnType<Date, Date | string> | null
}

export interface LogCosignaturesTable {
  log_id: string
  size: number
  witness: string
  line: string
}

export interface LogDeploymentsTable {
  log_id: string
  origin: string
  system: string
  database: number
  schema: number
  public_url: string | null
  reason: string
  recorded_at: Generated<ColumnType<Date, Date | string>>
}

export interface LogForksTable {
  fork: number
  old_log_id: string
  new_log_id: string
  note: string | null
  source: string
  reason: string
  recorded_at: Generated<ColumnType<Date, Date | string>>
  witness: string | null
}

export interface LogHaltsTable {
  log_id: string
  source: string
  detail: string
  since: Generated<ColumnType<Date, Date | string>>
}

export interface LogIdentityTable {
  log_id: Generated<string>
  generation: number
  first_position: number
  began_at: Generated<ColumnType<Date, Date | string>>
  reason: string
}

export interface LogLockTable {
  nothing: boolean | null
}

export interface LogTilesTable {
  level: number
  index: number
  hashes: Buffer
}

export interface LogTreeTable {
  only_row: Generated<boolean>
  log_id: string
  epoch: Generated<number>
  size: Generated<number>
  root: Buffer
  frontier: Generated<Buffer>
  last_leaf: Buffer | null
  timeline: string | null
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
  title_keys: Generated<ColumnType<unknown, string>>
  parties: ColumnType<unknown, string>
  renamings: ColumnType<unknown, string> | null
}

export interface ParkedMomentsTable {
  generation: number
  proposal_id: string
  position: number
  code: string
}

export interface ProjectionDriftTable {
  proposal_id: string
  generation: number
  what: string
  found_at: ColumnType<Date, Date | string>
  seen_at: ColumnType<Date, Date | string>
  projection: Generated<string>
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
  tries: Generated<number>
  tried_to: Generated<number>
  tried_by: number | null
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
  agreed_on: Generated<string>
  by_record_until: string | null
}

export interface ProposalSearchTable {
  generation: number
  proposal_id: string
  search: string
  parties: ColumnType<unknown, string>
  renamings: ColumnType<unknown, string> | null
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
  agreed_on: Generated<string>
  title_keys: Generated<ColumnType<unknown, string>>
}

export interface SetAsideTable {
  projection: string
  proposal_id: string
  position: number
  noted_at: Generated<ColumnType<Date, Date | string>>
}

export interface WebhookAttemptsTable {
  webhook: string
  slot: number
  number: number
  at: Generated<ColumnType<Date, Date | string>>
  position: number | null
  message_id: string
  outcome: string
  status: number | null
  milliseconds: number
}

export interface WebhooksTable {
  name: string
  owner: string
  url: string
  content: string
  types: string[]
  proposals: string[]
  parties: string[]
  parents: string[]
  key_id: string
  seed: Generated<string>
  former_seed: string | null
  former_until: ColumnType<Date, Date | string> | null
  log_id: string
  position: number
  event_id: string | null
  paused: string | null
  failures: Generated<number>
  failing_since: ColumnType<Date, Date | string> | null
  next_at: Generated<ColumnType<Date, Date | string>>
  last_error: string | null
  delivered_at: ColumnType<Date, Date | string> | null
  attempts: Generated<number>
  holder: string | null
  held_until: ColumnType<Date, Date | string> | null
  revision: Generated<number>
  created_at: Generated<ColumnType<Date, Date | string>>
}

/** Every table of a ledger. */
export interface Database {
  dense_moments: DenseMomentsTable
  drift_rounds: DriftRoundsTable
  erasures: ErasuresTable
  events: EventsTable
  log_checkpoints: LogCheckpointsTable
  log_cosignatures: LogCosignaturesTable
  log_deployments: LogDeploymentsTable
  log_forks: LogForksTable
  log_halts: LogHaltsTable
  log_identity: LogIdentityTable
  log_lock: LogLockTable
  log_tiles: LogTilesTable
  log_tree: LogTreeTable
  moment_facets: MomentFacetsTable
  parked_moments: ParkedMomentsTable
  projection_drift: ProjectionDriftTable
  projection_generations: ProjectionGenerationsTable
  proposal_links: ProposalLinksTable
  proposal_moments: ProposalMomentsTable
  proposal_search: ProposalSearchTable
  proposal_status: ProposalStatusTable
  set_aside: SetAsideTable
  webhook_attempts: WebhookAttemptsTable
  webhooks: WebhooksTable
}
