/** A ledger for a test, and projection services over it. */
import { randomUUID } from 'node:crypto'
import type { EventBody } from '@commitments/domain'
import { encodeRest } from '@commitments/domain'
import { appendEvents, type EventToAppend, startAnnouncer } from '@commitments/event-store'
import { agreed, type Cleanup, openDatabase, proposed, type TestDatabase } from '@commitments/test-kit'
import {
  type ProjectionOptions,
  startCommand,
  startProjection,
  type TestProjection,
} from '@commitments/test-kit/services'
import type { Pool } from 'pg'

export interface Ledger {
  readonly database: TestDatabase
  /** Connections as the owner. */
  readonly pool: Pool
  readonly versions: Map<string, number>
  /** Records events of one proposal; returns the position of the last. */
  record(proposalId: string, ...events: EventBody[]): Promise<number>
  /** Records one event for each of many proposals. */
  recordAll(events: Iterable<readonly [proposalId: string, event: EventBody]>): Promise<number>
  /** Records an event of an unknown type: its line is well-formed, but it cannot be applied. */
  recordImpossible(proposalId: string): Promise<number>
  /** Records an event whose title contains U+0000: the fold accepts it, the database never does. */
  recordUnstorable(proposalId: string): Promise<number>
  /** Writes without append_events, as only the owner can: a line that append_events would refuse. */
  recordRest(proposalId: string, rest: string): Promise<number>
}

/** @param options.durable for a test that starts a service as a process (see `openDatabase`). */
export async function openLedger(t: Cleanup, { durable = false } = {}): Promise<Ledger> {
  const database = await openDatabase(t, { durable })
  const pool = database.pool()
  const announcer = startAnnouncer({ pool, ledger: database.ledger })
  const versions = new Map<string, number>()
  const append = async (events: EventToAppend[]) => {
    const outcomes = await appendEvents(pool, events)
    const last = outcomes.at(-1)
    if (last?.outcome !== 'appended') throw new Error(`not appended: ${JSON.stringify(outcomes)}`)
    announcer.announce(last.position)
    return last.position
  }
  return {
    database,
    pool,
    versions,
    record: (proposalId, ...events) =>
      append(events.map((event) => toAppend(proposalId, nextVersion(versions, proposalId), event))),
    recordAll: (events) =>
      append([...events].map(([proposalId, event]) => toAppend(proposalId, nextVersion(versions, proposalId), event))),
    recordImpossible: (proposalId) =>
      append([
        toAppend(proposalId, nextVersion(versions, proposalId), {
          ...agreed(),
          type: 'exploded',
        } as unknown as EventBody),
      ]),
    recordUnstorable: (proposalId) =>
      recordRest(proposalId, toAppend(proposalId, 1, proposed({ title: { en: 'a\0b' } })).rest),
    recordRest,
  }
  async function recordRest(proposalId: string, rest: string): Promise<number> {
    const { rows } = await pool.query<{ position: number }>(
      `INSERT INTO events (position, proposal_id, version, event_id, recorded_at, line)
       SELECT next, $1, $2, coalesce(substring($3 FROM '"eventId":"([0-9a-f-]{36})"')::uuid, gen_random_uuid()), now,
              format('{"position":%s,"recordedAt":"%s",%s', next, recorded_at_text(now), $3::text)
         FROM (SELECT coalesce(max(position), 0) + 1 AS next, statement_timestamp() AS now FROM events) AS head
       RETURNING position`,
      [proposalId, nextVersion(versions, proposalId), rest],
    )
    const { position } = rows[0] as { position: number }
    announcer.announce(position)
    return position
  }
}

function nextVersion(versions: Map<string, number>, proposalId: string): number {
  const version = (versions.get(proposalId) ?? 0) + 1
  versions.set(proposalId, version)
  return version
}

function identity(proposalId: string, version: number) {
  return { proposalId, version, eventId: randomUUID(), keyDigest: null, restsOn: [] }
}

export function toAppend(proposalId: string, version: number, event: EventBody): EventToAppend {
  const place = identity(proposalId, version)
  const { eventId } = place
  const envelope = {
    eventId,
    nonce: 'AAAAAAAAAAAAAAAAAAAAAA',
    proposalId,
    version,
    schemaVersion: 1,
    recordedBy: 'key:test',
  }
  return { ...place, rest: encodeRest({ ...event, ...envelope }) }
}

export type TestService = TestProjection
export type ServiceOptions = ProjectionOptions

/** A projection service over the ledger, or over another route to it (`url`). */
export function startService(t: Cleanup, ledger: Ledger, options: ServiceOptions = {}): Promise<TestService> {
  return startProjection(t, ledger.database, options)
}

/** A function that erases texts at these positions, and returns the position of the last event that says so. */
export async function startErasing(
  t: Cleanup,
  ledger: Ledger,
): Promise<(positions: readonly number[]) => Promise<number>> {
  const keys = { first: 'first-secret-0123456789', second: 'second-secret-0123456789' }
  const environment = { API_KEYS: `first:admin:${keys.first},second:admin:${keys.second}` }
  const { app } = await startCommand(t, ledger.database, { environment })
  const post = async (url: string, key: string, payload?: object) => {
    const headers = { authorization: `Bearer ${key}` }
    const answer = await app.inject({ method: 'POST', url, headers, ...(payload ? { payload } : {}) })
    if (answer.statusCode >= 300) throw new Error(answer.body)
    return answer.json()
  }
  return async (positions) => {
    const body = { positions, reason: { en: 'It named a person.' }, decidedBy: { en: 'The office' } }
    const { erasureId } = await post('/v1/admin/erasures', keys.first, body)
    await post(`/v1/admin/erasures/${erasureId}/approval`, keys.second)
    const { rows } = await ledger.pool.query<{ head: number }>('SELECT max(position) AS head FROM events')
    return rows[0]?.head ?? 0
  }
}
