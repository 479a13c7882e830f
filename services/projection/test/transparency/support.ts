/** Services that keep the tree, and an auditor's computations from their answers. */
import { type Cleanup, eventually, proposed } from '@commitments/test-kit'
import { signingFor, verifiedCheckpoint } from '@commitments/test-kit/services'
import { append, type Checkpoint, emptyFrontier, leafHash, rootOfFrontier } from '@commitments/transparency'
import type { Signing } from '../../src/transparency/signing.ts'
import { type Ledger, type ServiceOptions, startService, type TestService } from '../support.ts'

export interface Keeping extends TestService {
  readonly signing: Signing
  /** The served checkpoint once it has this many events; its signature is verified with the served key. */
  signedAt(size: number): Promise<Checkpoint>
  /** Waits until readiness has a matching detail. */
  untilReady(ready: boolean, detail?: RegExp): Promise<void>
}

/** A projection service that keeps the tree of the ledger. */
export async function startKeeping(
  t: Cleanup,
  ledger: Ledger,
  signing: Signing = signingFor(t),
  options: ServiceOptions = {},
): Promise<Keeping> {
  const service = await startService(t, ledger, { signing, ...options })
  return {
    ...service,
    signing,
    signedAt: (size) => untilSigned(service, size),
    untilReady: (ready, detail) => untilReadiness(service, ready, detail),
  }
}

async function untilSigned(service: TestService, size: number): Promise<Checkpoint> {
  let found: Checkpoint | null = null
  await eventually(
    async () => {
      found = await servedCheckpoint(service)
      if (found.size !== size) throw new Error(`signed are ${found.size} events, not ${size}`)
    },
    { within: 20_000 },
  )
  return found as unknown as Checkpoint
}

/** The served checkpoint, verified. */
export async function servedCheckpoint({ get }: Pick<TestService, 'get'>): Promise<Checkpoint> {
  const [note, keys] = [await get('/log/checkpoint'), await get('/log/vkey')]
  return verifiedCheckpoint(note.body, keys.body)
}

async function untilReadiness({ get }: TestService, ready: boolean, detail = /(?:)/): Promise<void> {
  await eventually(
    async () => {
      const { checks } = (await get('/health/ready')).json()
      const check = checks.find(({ name }: { name: string }) => name === 'transparency-log')
      if (check.ok !== ready || !detail.test(check.detail)) throw new Error(JSON.stringify(check))
    },
    { within: 20_000 },
  )
}

/** The root over lines, directly by its definition. */
export function rootOfLines(lines: readonly string[]): Buffer {
  const frontier = emptyFrontier()
  for (const line of lines) append(frontier, leafHash(Buffer.from(line)))
  return rootOfFrontier(frontier)
}

export async function linesOf({ pool }: Ledger): Promise<string[]> {
  const { rows } = await pool.query('SELECT line FROM events ORDER BY position')
  return rows.map(({ line }) => line)
}

/** Records proposals with these numbers, one event each; returns the last position. */
export async function recordMany(ledger: Ledger, from: number, to: number): Promise<number> {
  let last = 0
  for (let start = from; start <= to; start += 500) {
    const numbers = Array.from({ length: Math.min(500, to - start + 1) }, (_, index) => start + index)
    last = await ledger.recordAll(numbers.map((number) => [`p${number}`, proposed()] as const))
  }
  return last
}

/**
 * As an operator would do it: five events are recorded and signed, and backed up; with four more, nine are signed; then the service is stopped,
 * and the database restored to five.
 */
export async function restoreAfterNine(
  t: Cleanup,
  { ledger, signing }: { readonly ledger: Ledger; readonly signing: Signing },
): Promise<void> {
  const service = await startKeeping(t, ledger, signing)
  await recordMany(ledger, 1, 5)
  await service.signedAt(5)
  const restore = await backUp(ledger)
  await recordMany(ledger, 6, 9)
  await service.signedAt(9)
  await service.stop()
  await restore()
  ledger.versions.clear()
}

/** As superuser: keeps the current rows of tree and signing, to be put back later as a backup would do. */
export async function backUp({ pool }: Ledger): Promise<() => Promise<void>> {
  const { rows } = await pool.query('SELECT coalesce(max(position), 0) AS head FROM events')
  const saved = new Map<string, unknown[]>()
  for (const table of tables) saved.set(table, (await pool.query(`SELECT * FROM ${table}`)).rows)
  return async () => {
    const client = await pool.connect()
    try {
      await client.query('BEGIN')
      await client.query('ALTER TABLE events DISABLE TRIGGER ALL')
      await client.query('DELETE FROM events WHERE position > $1', [rows[0].head])
      for (const trigger of ['events_append_only', 'events_halted'])
        await client.query(`ALTER TABLE events ENABLE ALWAYS TRIGGER ${trigger}`)
      for (const table of tables.toReversed()) await client.query(`DELETE FROM ${table}`)
      for (const table of tables) await putBack(client, table, saved.get(table) as object[])
      for (const table of ['proposal_status', 'proposal_search', 'proposal_moments', 'moment_facets'])
        await client.query(`DELETE FROM ${table} WHERE proposal_id NOT IN (SELECT proposal_id FROM events)`)
      await client.query("UPDATE projection_generations SET position = least(position, $1) WHERE state = 'live'", [
        rows[0].head,
      ])
      await client.query('COMMIT')
    } finally {
      client.release()
    }
  }
}

const tables = ['log_tree', 'log_tiles', 'log_checkpoints', 'log_cosignatures']

async function putBack(client: { query: Ledger['pool']['query'] }, table: string, rows: readonly object[]) {
  for (const row of rows) {
    const names = Object.keys(row)
    const places = names.map((_, index) => `$${index + 1}`)
    await client.query(`INSERT INTO ${table} (${names.join(', ')}) VALUES (${places.join(', ')})`, Object.values(row))
  }
}
