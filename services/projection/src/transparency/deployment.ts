/**
 * Where a log is signed. A copy of the database that has the key of the original does not sign under the same origin before an operator has
 * decided (docs/decisions/0036-copies-do-not-sign.md).
 */
import type { Queryable } from '@commitments/event-store'

interface DeploymentRow {
  readonly isBound: boolean
  readonly sameSystem: boolean
  readonly sameDatabase: boolean
  readonly sameSchema: boolean
  readonly system: string
  readonly boundSystem: string
  readonly boundUrl: string | null
}

const query = {
  name: 'read-log-deployment',
  text: `SELECT b.log_id IS NOT NULL AS "isBound", b.system = h.system AS "sameSystem", b.database = h.database AS "sameDatabase",
      b.schema = h.schema AS "sameSchema", h.system, b.system AS "boundSystem", b.public_url AS "boundUrl"
    FROM this_deployment() h LEFT JOIN LATERAL (
      SELECT * FROM log_deployments d WHERE d.log_id = $1 AND d.origin = $2 ORDER BY d.recorded_at DESC LIMIT 1) b ON true`,
}

/** In what this place differs from the one where the log was signed under this origin, as the end of a sentence; null if it does not. */
export async function deploymentDifference(
  client: Queryable,
  { logId, origin, publicUrl }: Bound,
): Promise<string | null> {
  const { rows } = await client.query<DeploymentRow>({ ...query, values: [logId, origin] })
  const [row] = rows
  if (row === undefined || !row.isBound) return null
  const { system, boundSystem, boundUrl } = row
  if (!row.sameSystem)
    return `this is another Postgres cluster (system identifier ${system || 'unknown'}, and not ${boundSystem || 'unknown'})`
  if (!row.sameDatabase) return 'this is another database of the same Postgres cluster'
  if (!row.sameSchema) return 'this schema was made anew in the same database'
  if (boundUrl === null || boundUrl === publicUrl) return null
  return `PUBLIC_URL is ${publicUrl ?? 'not set'} here, and was ${boundUrl}`
}

/** A log under an origin, and the public address of the service that signs it. */
export interface Bound {
  readonly logId: string
  readonly origin: string
  readonly publicUrl: string | null
}

/** Binds the log to this place; false if it is bound elsewhere. */
export async function bindDeployment(client: Queryable, { logId, origin, publicUrl }: Bound): Promise<boolean> {
  const { rows } = await client.query<{ bound: boolean }>({
    name: 'bind-log-deployment',
    text: 'SELECT bind_deployment($1, $2, $3) AS bound',
    values: [logId, origin, publicUrl],
  })
  return rows[0]?.bound === true
}
