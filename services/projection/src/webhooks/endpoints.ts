/** The table of endpoints, as their owners see and change it. What the sender does with it is in `claims.ts`. */
import type { Queryable } from '@commitments/event-store'
import type { Pool } from 'pg'
import { inTransaction } from '../transaction.ts'
import type { Pause } from './webhook-words.ts'

export interface Filter {
  readonly types: readonly string[]
  readonly proposals: readonly string[]
  readonly parties: readonly string[]
  readonly parents: readonly string[]
}

/** What its owner says of an endpoint. */
interface Wanted extends Filter {
  readonly url: string
  readonly content: 'event' | 'notice'
}

/** One row, as it is now. */
export interface Endpoint extends Wanted {
  readonly name: string
  /** As in `recordedBy`. */
  readonly owner: string
  readonly keyId: string
  readonly seed: string
  readonly formerSeed: string | null
  readonly formerUntil: Date | null
  readonly logId: string
  readonly position: number
  readonly eventId: string | null
  readonly paused: Pause | null
  readonly failures: number
  readonly failingSince: Date | null
  readonly nextAt: Date
  readonly lastError: string | null
  readonly deliveredAt: Date | null
  readonly revision: number
  readonly createdAt: Date
}

export const endpointColumns = `w.name, w.owner, w.url, w.content, w.types, w.proposals, w.parties, w.parents, w.key_id AS "keyId", w.seed,
  w.former_seed AS "formerSeed", w.former_until AS "formerUntil", w.log_id AS "logId", w.position, w.event_id AS "eventId", w.paused, w.failures,
  w.failing_since AS "failingSince", w.next_at AS "nextAt", w.last_error AS "lastError", w.delivered_at AS "deliveredAt", w.revision,
  w.created_at AS "createdAt"`

/** An endpoint, and where the log ends. */
export type Shown = Endpoint & { readonly head: number }

const shownColumns = `${endpointColumns}, (SELECT coalesce(max(position), 0) FROM events) AS head`

/** @param owner only those of this caller; null: all */
export async function readEndpoints(client: Queryable, owner: string | null): Promise<readonly Shown[]> {
  const { rows } = await client.query<Shown>({
    name: 'read-webhooks',
    text: `SELECT ${shownColumns} FROM webhooks w WHERE w.owner = coalesce($1, w.owner) ORDER BY w.name`,
    values: [owner],
  })
  return rows
}

export async function readEndpoint(client: Queryable, name: string): Promise<Shown | null> {
  const { rows } = await client.query<Shown>({
    name: 'read-webhook',
    text: `SELECT ${shownColumns} FROM webhooks w WHERE w.name = $1`,
    values: [name],
  })
  return rows[0] ?? null
}

/** The most endpoints of one caller, and of all. */
export const endpointsAtMost = { ofCaller: 10, inAll: 100 } as const

/** The endpoint, or why it was not made. */
type Put =
  | { readonly outcome: 'created' | 'replaced'; readonly endpoint: Shown }
  | { readonly outcome: 'taken' | 'too-many-of-caller' | 'too-many' }

interface PutOptions {
  readonly name: string
  readonly owner: string
  /** Whether the caller may change what belongs to others. */
  readonly anyOwner: boolean
  readonly keyId: string
  readonly wanted: Wanted
  /** Where it begins; null: where the log ends now, or where an endpoint that is there already is. */
  readonly after: number | null
}

const currentLog = '(SELECT log_id FROM log_identity ORDER BY generation DESC LIMIT 1)'
const eventAt = (position: string) => `(SELECT e.event_id FROM events e WHERE e.position = ${position})`

/** What is forgotten when an endpoint is changed: it is tried again at once. */
const anew = `failures = 0, failing_since = NULL, last_error = NULL, next_at = clock_timestamp(), revision = webhooks.revision + 1`

/** Makes the endpoint, or gives one that is there already another content. One call after the other, so that the limits hold. */
export function putEndpoint(pool: Pool, options: PutOptions): Promise<Put> {
  return inTransaction(pool, async (client) => {
    await client.query(`SELECT pg_advisory_xact_lock(hashtextextended(current_schema() || '.webhooks', 0))`)
    const found = await readEndpoint(client, options.name)
    if (found !== null) {
      if (found.owner !== options.owner && !options.anyOwner) return { outcome: 'taken' }
      await replace(client, options)
    } else {
      const full = await readFull(client, options.owner)
      if (full !== null) return { outcome: full }
      await insert(client, options)
    }
    const endpoint = (await readEndpoint(client, options.name)) as Shown
    return { outcome: found === null ? 'created' : 'replaced', endpoint }
  })
}

async function readFull(client: Queryable, owner: string): Promise<'too-many-of-caller' | 'too-many' | null> {
  const { rows } = await client.query<{ own: number; all: number }>({
    text: `SELECT count(*) FILTER (WHERE owner = $1)::integer AS own, count(*)::integer AS all FROM webhooks`,
    values: [owner],
  })
  const { own, all } = rows[0] as { own: number; all: number }
  if (own >= endpointsAtMost.ofCaller) return 'too-many-of-caller'
  return all >= endpointsAtMost.inAll ? 'too-many' : null
}

async function insert(client: Queryable, { name, owner, keyId, wanted, after }: PutOptions): Promise<void> {
  const { url, content, types, proposals, parties, parents } = wanted
  await client.query({
    text: `INSERT INTO webhooks (name, owner, url, content, types, proposals, parties, parents, key_id, log_id, position, event_id)
      SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, ${currentLog}, p.at, ${eventAt('p.at')}
        FROM (SELECT coalesce($10::bigint, (SELECT max(position) FROM events), 0) AS at) p`,
    values: [name, owner, url, content, types, proposals, parties, parents, keyId, after],
  })
}

async function replace(client: Queryable, { name, wanted, after }: PutOptions): Promise<void> {
  const { url, content, types, proposals, parties, parents } = wanted
  await client.query({
    text: `UPDATE webhooks SET url = $2, content = $3, types = $4, proposals = $5, parties = $6, parents = $7, ${anew} WHERE name = $1`,
    values: [name, url, content, types, proposals, parties, parents],
  })
  if (after !== null) await move(client, name, after)
}

async function move(client: Queryable, name: string, after: number): Promise<void> {
  await client.query({
    text: `UPDATE webhooks SET log_id = ${currentLog}, position = $2, event_id = ${eventAt('$2')} WHERE name = $1`,
    values: [name, after],
  })
}

/** An endpoint of a caller: if the caller deletes it, another can take its name. */
type Owned = Pick<Endpoint, 'name' | 'owner'>

/** Moves, pauses or resumes an endpoint. `after`, `paused`: absent stays as it is. Null: it is there no more. */
export function changeEndpoint(
  pool: Pool,
  { name, owner }: Owned,
  { after, paused }: { readonly after?: number | undefined; readonly paused?: boolean | undefined },
): Promise<Shown | null> {
  return inTransaction(pool, async (client) => {
    const { rowCount } = await client.query({
      text: `UPDATE webhooks SET ${anew},
          paused = CASE $3::boolean WHEN true THEN coalesce(paused, 'by-hand') WHEN false THEN NULL ELSE paused END
        WHERE name = $1 AND owner = $2`,
      values: [name, owner, paused ?? null],
    })
    if (rowCount === 0) return null
    if (after !== undefined) await move(client, name, after)
    return readEndpoint(client, name)
  })
}

/**
 * Gives it a new secret; the one so far signs too for so many milliseconds. It is computed of the present key from then on. Null: it is there
 * no more.
 */
export async function renewSecret(
  client: Queryable,
  { name, owner }: Owned,
  keyId: string,
  milliseconds: number,
): Promise<Endpoint | null> {
  const { rows } = await client.query<Endpoint>({
    text: `UPDATE webhooks w SET seed = gen_random_uuid(), key_id = $3, revision = revision + 1,
        former_seed = CASE WHEN key_id = $3 THEN seed END,
        former_until = CASE WHEN key_id = $3 THEN clock_timestamp() + $4 * interval '1 millisecond' END
      WHERE name = $1 AND owner = $2 RETURNING ${endpointColumns}`,
    values: [name, owner, keyId, milliseconds],
  })
  return rows[0] ?? null
}

export async function deleteEndpoint(client: Queryable, { name, owner }: Owned): Promise<void> {
  await client.query({ text: 'DELETE FROM webhooks WHERE name = $1 AND owner = $2', values: [name, owner] })
}

/** One attempt, as it is kept. */
interface Noted {
  readonly at: Date
  readonly position: number | null
  readonly messageId: string
  readonly outcome: string
  readonly status: number | null
  readonly milliseconds: number
}

/** The newest first. */
export async function readAttempts(client: Queryable, name: string): Promise<readonly Noted[]> {
  const { rows } = await client.query<Noted>({
    name: 'read-webhook-attempts',
    text: `SELECT at, position, message_id AS "messageId", outcome, status, milliseconds
      FROM webhook_attempts WHERE webhook = $1 ORDER BY number DESC`,
    values: [name],
  })
  return rows
}
