/** A small signed log: recorded and checked once, and copied for each fault. */
import { randomUUID } from 'node:crypto'
import { cpSync } from 'node:fs'
import { join } from 'node:path'
import { encodeRest } from '@commitments/domain'
import { acceptMove, appendEvents, haltedState, readHead } from '@commitments/event-store'
import { folderHome, type Signing } from '@commitments/projection'
import {
  agreed,
  example,
  funded,
  openDatabase,
  proposed,
  type TestDatabase,
  temporaryFolder,
} from '@commitments/test-kit'
import { startProjection, type TestProjection } from '@commitments/test-kit/services'
import type { Pool } from 'pg'
import type { Test } from 'tap'
import { verify } from '../../src/index.ts'
import { openAudited } from '../services.ts'

/** A log of which nothing runs any more. */
export interface Prepared {
  readonly database: TestDatabase
  readonly signing: Signing
  /** What an auditor keeps who has checked it. */
  readonly memory: string
  /** Its last position: tile 0/0 is full, 0/1 and 1/0 are not. */
  readonly head: number
}

const many = ['p1', 'p2', 'p3', 'p4']

/**
 * Four proposals with 70 events each, of which p4 is part of p1, and two with one event each: `lone`, at position 13, in the full tile, and
 * `late`, at position 278, before the last four events. Few proposals and few instants, since an auditor asks about each of them.
 */
const batches = [
  many.map((id) => ({ proposalId: id, ...proposed(id === 'p4' ? { parent: 'p1' } : {}) })),
  [
    ...many.map((proposalId) => ({ proposalId, ...agreed() })),
    ...many.map((proposalId) => ({ proposalId, ...funded() })),
    { proposalId: 'lone', ...proposed() },
    ...Array.from({ length: 66 }, () => many.map((proposalId) => ({ proposalId, ...example('confirmed') }))).flat(),
  ],
  [{ proposalId: 'late', ...proposed() }, ...many.map((proposalId) => ({ proposalId, ...example('started') }))],
]

/** @param keep where folders stay longer than the services of `t` */
export async function prepare(t: Test, keep: Test): Promise<Prepared> {
  const audited = await openAudited(t)
  let head = 0
  for (const batch of batches) {
    const { results } = await audited.client.recordAtomically(batch)
    head = Math.max(head, ...results.map(({ position }) => position))
  }
  await audited.signed(head)
  await fetch(`${audited.url}/v1/portfolio?knownAtPosition=${head}&atLeast=${head}`)
  const memory = join(temporaryFolder(keep), 'memory')
  const verdict = await verify({ source: audited.url, memory })
  t.equal(verdict.outcome, 'valid', verdict.sentence)
  const folder = temporaryFolder(keep)
  cpSync(audited.signing.home.place, folder, { recursive: true })
  return { database: audited.database, signing: { ...audited.signing, home: folderHome(folder) }, memory, head }
}

/** A copy of it, with a service that runs and signs. */
export interface Copy {
  readonly pool: Pool
  readonly signing: Signing
  readonly memory: string
  readonly service: TestProjection
  readonly url: string
  /** Waits until the signer has begun a turn after now, and has ended it. */
  turned(): Promise<void>
  /** Begins the service anew, as after a restart. */
  restart(): Promise<Copy>
}

export const admin = { authorization: 'Bearer admin-secret-0123456789' }
const environment = { API_KEYS: 'admin:read+audit+admin:admin-secret-0123456789', DRIFT_CHECK_RATE: '0' }

export async function copyOf(t: Test, { database, signing, memory, head }: Prepared): Promise<Copy> {
  const copy = await openDatabase(t, { copyOf: database })
  // A signer notices that this is a copy, and signs nothing before somebody says that the log is here now.
  await acceptMove(copy.pool(), 'a copy for each fault')
  const place = temporaryFolder(t)
  cpSync(signing.home.place, join(place, 'signed'), { recursive: true })
  cpSync(memory, join(place, 'memory'), { recursive: true })
  return start(
    t,
    copy,
    { ...signing, home: folderHome(join(place, 'signed')) },
    { memory: join(place, 'memory'), head },
  )
}

async function start(
  t: Test,
  database: TestDatabase,
  signing: Signing,
  { memory, head }: Pick<Prepared, 'memory' | 'head'>,
): Promise<Copy> {
  const pool = database.pool('projection')
  const turned = countTurns(pool)
  const service = await startProjection(t, database, {
    environment,
    signing,
    pool,
    takeOverAfter: 100,
    strictAnswers: false,
  })
  const url = await service.listen()
  await service.applied(head)
  await turned()
  const restart = async () => {
    await service.stop()
    const { position } = await readHead(database.pool())
    return start(t, database, signing, { memory, head: position })
  }
  return { pool: database.pool(), signing, memory, service, url, turned, restart }
}

/** The signer begins each turn with this query; readiness asks it too, but not while somebody waits here. */
function countTurns(pool: Pool): () => Promise<void> {
  let begun = 0
  let heard = () => {}
  const query = pool.query.bind(pool) as (...given: unknown[]) => unknown
  const counted = (...given: unknown[]) => {
    if ((given[0] as { name?: string }).name === 'read-log-standing') {
      begun += 1
      heard()
    }
    return query(...given)
  }
  Object.assign(pool, { query: counted })
  return async () => {
    const enough = begun + 2
    while (begun < enough) await new Promise<void>((resolve) => (heard = resolve))
  }
}

/** As somebody who records: 'goes on', or 'stops' where the database refuses it. */
export async function recording(pool: Pool): Promise<'goes on' | 'stops'> {
  const place = { proposalId: 'afterwards', version: 1, eventId: randomUUID() }
  const envelope = { ...place, nonce: 'AAAAAAAAAAAAAAAAAAAAAA', schemaVersion: 1, recordedBy: 'key:test' }
  const event = { ...place, keyDigest: null, restsOn: [], rest: encodeRest({ ...proposed(), ...envelope }) }
  try {
    await appendEvents(pool, [event])
    return 'goes on'
  } catch (error) {
    if ((error as { code?: string }).code === haltedState) return 'stops'
    throw error
  }
}
