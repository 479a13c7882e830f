/** Erasures of texts (migrations/0034_erasures.sql): what was proposed, and its approval. */
import type { EventToAppend } from './append-events.ts'
import type { Queryable } from './queryable.ts'

/** What was proposed, and what became of it. Times are RFC 3339, in UTC. */
export interface Erasure {
  readonly erasureId: string
  /** In ascending order. */
  readonly positions: readonly number[]
  /** JSON texts: maps from language to text. */
  readonly reason: string
  readonly decidedBy: string
  /** In the form of `recordedBy`. */
  readonly proposedBy: string
  readonly proposedAt: string
  readonly expiresAt: string
  readonly approvedBy: string | null
  readonly approvedAt: string | null
  readonly state: 'pending' | 'expired' | 'erased'
}

export type ErasureToPropose = Pick<Erasure, 'positions' | 'reason' | 'decidedBy' | 'proposedBy'>

/** A line that somebody wants to erase. */
interface LineAt {
  readonly position: number
  readonly proposalId: string
  readonly line: string
}

type ErasureOutcome = 'erased' | 'repeated' | 'version-conflict' | 'unknown' | 'expired' | 'same-caller'

/** How many erasures there were, as an expression: after each, what was read before of its proposals is to be forgotten. */
export const erasuresSoFar = '(SELECT count(*)::integer FROM erasures WHERE approved_at IS NOT NULL)'

const current = '(SELECT log_id FROM log_identity ORDER BY generation DESC LIMIT 1)'

const columns = `erasure_id AS "erasureId", to_json(positions) AS positions, reason, decided_by AS "decidedBy", proposed_by AS "proposedBy",
  recorded_at_text(proposed_at) AS "proposedAt", recorded_at_text(expires_at) AS "expiresAt", approved_by AS "approvedBy",
  recorded_at_text(approved_at) AS "approvedAt",
  CASE WHEN approved_at IS NOT NULL THEN 'erased' WHEN expires_at <= clock_timestamp() THEN 'expired' ELSE 'pending' END AS state`

/** Those of this log, the newest first; at most `limit`. */
export async function readErasures(client: Queryable, limit: number): Promise<Erasure[]> {
  const { rows } = await client.query<Erasure>({
    name: 'read_erasures',
    text: `SELECT ${columns} FROM erasures WHERE log_id = ${current} ORDER BY proposed_at DESC, erasure_id LIMIT $1`,
    values: [limit],
  })
  return rows
}

/** Null if this log has none with that id. */
export async function readErasure(client: Queryable, erasureId: string): Promise<Erasure | null> {
  const { rows } = await client.query<Erasure>({
    name: 'read_erasure',
    text: `SELECT ${columns} FROM erasures WHERE log_id = ${current} AND erasure_id = $1`,
    values: [erasureId],
  })
  return rows[0] ?? null
}

/**
 * Proposes an erasure. The same by the same caller, as long as it waits, is not proposed twice, also not at once: then `isNew` is false.
 *
 * @param client one connection; it is in a transaction if this throws
 */
export async function proposeErasure(
  client: Queryable,
  asked: ErasureToPropose,
): Promise<{ readonly erasure: Erasure; readonly isNew: boolean }> {
  // One after the other: each sees what the one before it has proposed.
  await client.query({
    text: "BEGIN; SELECT pg_advisory_xact_lock(hashtextextended(current_schema() || '.erasures', 0))",
  })
  const before = await findWaiting(client, asked)
  const erasure = before ?? (await insertErasure(client, asked))
  await client.query({ text: 'COMMIT' })
  return { erasure, isNew: before === null }
}

async function findWaiting(client: Queryable, asked: ErasureToPropose): Promise<Erasure | null> {
  const { rows } = await client.query<Erasure>({
    name: 'find_erasure',
    text: `SELECT ${columns} FROM erasures WHERE log_id = ${current} AND positions = $1 AND reason = $2 AND decided_by = $3 AND proposed_by = $4
              AND approved_at IS NULL AND expires_at > clock_timestamp() LIMIT 1`,
    values: valuesOf(asked),
  })
  return rows[0] ?? null
}

async function insertErasure(client: Queryable, asked: ErasureToPropose): Promise<Erasure> {
  const { rows } = await client.query<Erasure>({
    name: 'propose_erasure',
    text: `INSERT INTO erasures (log_id, positions, reason, decided_by, proposed_by) VALUES (${current}, $1, $2, $3, $4) RETURNING ${columns}`,
    values: valuesOf(asked),
  })
  return rows[0] as Erasure
}

function valuesOf({ positions, reason, decidedBy, proposedBy }: ErasureToPropose) {
  return [positions, reason, decidedBy, proposedBy]
}

/** The lines at these positions, in ascending order; the result lacks positions that have none. */
export async function readLinesAt(client: Queryable, positions: readonly number[]): Promise<LineAt[]> {
  const { rows } = await client.query<LineAt>({
    name: 'read_lines_at',
    text: 'SELECT position, proposal_id AS "proposalId", line FROM events WHERE position = ANY($1::bigint[]) ORDER BY position',
    values: [positions],
  })
  return rows
}

interface Approval {
  readonly erasureId: string
  readonly approvedBy: string
  /** For each proposal one event `erased`. */
  readonly events: readonly EventToAppend[]
  readonly lines: readonly { readonly position: number; readonly line: string }[]
}

/**
 * Records the events and rewrites the lines, in one transaction. Repeated after a lost answer, it does nothing more.
 *
 * @throws the driver's errors; `classifyFault` says what each one means
 */
export async function eraseEvents(
  client: Queryable,
  { erasureId, approvedBy, events, lines }: Approval,
): Promise<ErasureOutcome> {
  const { rows } = await client.query<{ outcome: ErasureOutcome }>({
    name: 'erase_events',
    text: 'SELECT erase_events($1, $2, $3, $4, $5, $6, $7, $8, $9) AS outcome',
    values: [
      erasureId,
      approvedBy,
      events.map(({ proposalId }) => proposalId),
      events.map(({ version }) => version),
      events.map(({ eventId }) => eventId),
      events.map(({ follows = null }) => follows),
      events.map(({ rest }) => rest).join('\n'),
      lines.map(({ position }) => position),
      lines.map(({ line }) => line),
    ],
  })
  return (rows[0] as { outcome: ErasureOutcome }).outcome
}
