/**
 * The table of endpoints, as the sender uses it. An instance that sends for an endpoint holds it for some time (`held_until`), and no other
 * takes it before. Whatever it writes names itself and the revision that it has read, so nothing is written over what another has changed.
 */
import { erasuresSoFar, type Queryable } from '@commitments/event-store'
import type { Attempt } from './deliver.ts'
import { type Endpoint, endpointColumns } from './endpoints.ts'
import type { Message } from './messages.ts'
import type { Pause } from './webhook-words.ts'

interface Claim {
  /** This instance. */
  readonly holder: string
  /** Milliseconds. */
  readonly lease: number
}

/**
 * The end of what may be sent: the end of what is signed, which is also kept outside of the database, so that it is noticed if it is lost.
 * Where a signer has ever begun, a new log waits for its first checkpoint. Of a ledger that nobody signs: the end of its log, unless something
 * is known against it.
 */
const sendable = `SELECT i.log_id, coalesce(
    (SELECT max(c.size) FROM log_checkpoints c WHERE c.log_id = i.log_id),
    CASE WHEN EXISTS (SELECT FROM log_tree t WHERE t.epoch > 0) OR EXISTS (SELECT FROM log_halts h WHERE h.log_id = i.log_id) THEN 0
      ELSE (SELECT max(position) FROM events) END, 0) AS until,
    ${erasuresSoFar} AS erasures
  FROM (SELECT log_id FROM log_identity ORDER BY generation DESC LIMIT 1) i`

/** Up to where the log may be sent, and how many erasures there were: after one more, lines that were read before are read again. */
interface Sendable {
  readonly until: number
  readonly erasures: number
}

/** An endpoint that this instance holds now. */
export type HeldEndpoint = Endpoint & Sendable

/** What can be claimed at this moment, as a text that changes when an endpoint comes to it, or was worked at. */
export const dueWebhooks = `(SELECT string_agg(concat_ws(' ', d.name, d.revision, d.position, d.attempts, d.holder IS NULL OR d.held_until <= clock_timestamp()),
        ' ' ORDER BY d.name) FROM webhooks d, (${sendable}) l
      WHERE d.paused IS NULL AND d.next_at <= clock_timestamp() AND (d.log_id <> l.log_id OR d.position < l.until))`

const claimQuery = {
  name: 'claim-webhooks',
  text: `WITH log AS (${sendable}), due AS (
      SELECT d.name FROM webhooks d, log
       WHERE d.paused IS NULL AND d.next_at <= clock_timestamp() AND d.key_id = $3 AND d.name <> ALL ($4::text[])
         AND (d.log_id <> log.log_id OR d.position < log.until)
         AND (d.holder IS NULL OR d.holder = $1 OR d.held_until <= clock_timestamp())
       ORDER BY d.name FOR UPDATE OF d SKIP LOCKED)
    UPDATE webhooks w SET holder = $1, held_until = clock_timestamp() + $2 * interval '1 millisecond' FROM due, log
     WHERE w.name = due.name RETURNING ${endpointColumns}, log.until, log.erasures`,
}

/** The endpoints for which there is something to do, and that nobody else holds. @param except names of those that are in work */
export async function claimEndpoints(
  client: Queryable,
  { holder, lease }: Claim,
  keyId: string,
  except: readonly string[],
): Promise<readonly HeldEndpoint[]> {
  const { rows } = await client.query<HeldEndpoint>({ ...claimQuery, values: [holder, lease, keyId, except] })
  return rows
}

const still = 'w.name = $1 AND w.holder = $2 AND w.revision = $3'

type Of = Pick<Endpoint, 'name' | 'revision'>

/** Holds it longer. False: another instance has it, or it was changed or deleted. */
export async function holdLonger(
  client: Queryable,
  { holder, lease }: Claim,
  { name, revision }: Of,
): Promise<boolean> {
  const { rowCount } = await client.query({
    name: 'hold-webhook',
    text: `UPDATE webhooks w SET held_until = clock_timestamp() + $4 * interval '1 millisecond' WHERE ${still}`,
    values: [name, holder, revision, lease],
  })
  return rowCount === 1
}

/** Lets others have it. */
export async function release(client: Queryable, { holder }: Claim, name: string): Promise<void> {
  await client.query({
    name: 'release-webhook',
    text: 'UPDATE webhooks SET holder = NULL, held_until = NULL WHERE name = $1 AND holder = $2',
    values: [name, holder],
  })
}

/** Everything up to the position is not for this endpoint. False: as above. */
export async function passEndpoint(
  client: Queryable,
  { holder }: Claim,
  { name, revision }: Of,
  position: number,
): Promise<boolean> {
  const { rowCount } = await client.query({
    name: 'pass-webhook',
    text: `UPDATE webhooks w SET position = $4, event_id = (SELECT e.event_id FROM events e WHERE e.position = $4) WHERE ${still}`,
    values: [name, holder, revision, position],
  })
  return rowCount === 1
}

/** The number of attempts that are kept (migrations/0030_webhooks.sql). */
const kept = 50

/** Writes an attempt into its slot. `changed`: a statement that changes the endpoint, with its first values. */
const noting = (
  changed: string,
  first: number,
) => `WITH changed AS (${changed} RETURNING w.name, w.attempts), noted AS (
    INSERT INTO webhook_attempts (webhook, slot, number, position, message_id, outcome, status, milliseconds)
    SELECT name, attempts % ${kept}, attempts, ${[0, 1, 2, 3, 4].map((index) => `$${first + index}`).join(', ')} FROM changed
    ON CONFLICT (webhook, slot) DO UPDATE SET number = excluded.number, at = clock_timestamp(), position = excluded.position,
      message_id = excluded.message_id, outcome = excluded.outcome, status = excluded.status, milliseconds = excluded.milliseconds
    RETURNING 1)
  SELECT s.until, s.erasures FROM changed, (${sendable}) s`

function valuesOf({ id, position }: Message, { outcome, status, milliseconds }: Attempt): readonly unknown[] {
  return [position, id, outcome, status, milliseconds]
}

const deliveredQuery = {
  name: 'note-webhook-delivered',
  text: noting(
    `UPDATE webhooks w SET position = $4, event_id = $5, failures = 0, failing_since = NULL, last_error = NULL,
      next_at = clock_timestamp(), delivered_at = clock_timestamp(), attempts = w.attempts + 1,
      held_until = clock_timestamp() + $6 * interval '1 millisecond' WHERE ${still}`,
    7,
  ),
}

/** The receiver has the event. Null: another instance has the endpoint, or it was changed or deleted. Otherwise what may be sent now. */
export async function noteDelivered(
  client: Queryable,
  { holder, lease }: Claim,
  { name, revision }: Of,
  message: Message,
  attempt: Attempt,
): Promise<Sendable | null> {
  const own = [name, holder, revision, message.position, message.id, lease]
  const { rows } = await client.query<Sendable>({
    ...deliveredQuery,
    values: [...own, ...valuesOf(message, attempt)],
  })
  return rows[0] ?? null
}

const failedQuery = {
  name: 'note-webhook-failed',
  text: noting(
    `UPDATE webhooks w SET failures = w.failures + 1, failing_since = coalesce(w.failing_since, clock_timestamp()), last_error = $4,
      next_at = clock_timestamp() + $5 * interval '1 millisecond', attempts = w.attempts + 1, holder = NULL, held_until = NULL,
      paused = CASE WHEN $6::boolean THEN 'gone'
        WHEN w.failing_since < clock_timestamp() - $7 * interval '1 millisecond' THEN 'gave-up' END
      WHERE ${still}`,
    8,
  ),
}

interface Failure {
  /** Milliseconds until the next attempt. */
  readonly wait: number
  /** Milliseconds of failing after which it is paused. */
  readonly giveUpAfter: number
  readonly isGone: boolean
}

/** The attempt failed, and the endpoint is let go until the next one. */
export async function noteFailed(
  client: Queryable,
  { holder }: Claim,
  { name, revision }: Of,
  message: Message,
  attempt: Attempt,
  { wait, giveUpAfter, isGone }: Failure,
): Promise<void> {
  const error = attempt.status === null ? attempt.outcome : `${attempt.outcome} ${attempt.status}`
  const own = [name, holder, revision, error, wait, isGone, giveUpAfter]
  await client.query({ ...failedQuery, values: [...own, ...valuesOf(message, attempt)] })
}

const pausedQuery = {
  name: 'note-webhook-told',
  text: noting(
    `UPDATE webhooks w SET paused = $4, failures = 0, failing_since = NULL, last_error = NULL, attempts = w.attempts + 1,
      holder = NULL, held_until = NULL WHERE ${still}`,
    5,
  ),
}

/** The receiver knows that the log is another one; nothing is sent until its owner says from where. */
export async function notePaused(
  client: Queryable,
  { holder }: Claim,
  { name, revision }: Of,
  paused: Pause,
  message: Message,
  attempt: Attempt,
): Promise<void> {
  await client.query({ ...pausedQuery, values: [name, holder, revision, paused, ...valuesOf(message, attempt)] })
}

/** A test of its owner: it changes nothing else. */
export async function noteTest(client: Queryable, name: string, message: Message, attempt: Attempt): Promise<void> {
  await client.query({
    name: 'note-webhook-test',
    text: noting('UPDATE webhooks w SET attempts = w.attempts + 1 WHERE w.name = $1', 2),
    values: [name, ...valuesOf(message, attempt)],
  })
}
