/** Both services over one database for a test, with a signed log, listening: what an auditor finds. */
import { readFileSync } from 'node:fs'
import { type Client, createClient } from '@commitments/client'
import type { ProjectionDeps, Signing } from '@commitments/projection'
import { eventually, type TestDatabase } from '@commitments/test-kit'
import * as services from '@commitments/test-kit/services'
import type { Checkpoint } from '@commitments/transparency'
import type { Test } from 'tap'

export interface Audited {
  readonly database: TestDatabase
  readonly client: Client
  /** The address of the projection service, which is audited. */
  readonly url: string
  readonly signing: Signing
  /** Waits until the log is signed and projected up to that position; returns the note. */
  readonly signed: (size: number) => Promise<string>
  /** Ends the projection service. */
  readonly stop: () => Promise<void>
}

export const apiKey = 'auditor-secret-0123456789'
const environment = { API_KEYS: `auditor:record+read+audit+admin:${apiKey}` }
const takeOverAfter = 200

export async function openAudited(
  t: Test,
  signing: Signing = services.signingFor(t),
  further: Pick<ProjectionDeps, 'audit'> = {},
  settings: Readonly<Record<string, string>> = {},
): Promise<Audited> {
  const { database, command, projection } = await services.startServices(t, {
    environment: { ...environment, ...settings },
    projection: { signing, takeOverAfter, ...further },
  })
  const [commandUrl, url] = await Promise.all([command.listen(), projection.listen()])
  const client = createClient({
    commandUrl,
    projectionUrl: url,
    apiKey,
    retries: { firstPauseMs: 10, longestPauseMs: 50 },
  })
  return { database, client, url, signing, stop: projection.stop, signed: (size) => untilSigned(client, url, size) }
}

/**
 * Another one over the same database may be started once the first has ended. Without `signing`, it serves what is signed, and signs
 * nothing.
 */
export async function startProjection(t: Test, database: TestDatabase, signing: Signing | null) {
  const { listen, stop } = await services.startProjection(t, database, { environment, signing, takeOverAfter })
  return { url: await listen(), stop }
}

/** The served checkpoint, its signature verified with the served key. */
export async function servedCheckpoint(url: string): Promise<{ note: string; checkpoint: Checkpoint }> {
  const [note = '', vkeys = ''] = await Promise.all(
    ['checkpoint', 'vkey'].map(async (name) => (await fetch(`${url}/log/${name}`)).text()),
  )
  return { note, checkpoint: services.verifiedCheckpoint(note, vkeys) }
}

async function untilSigned(client: Client, url: string, size: number): Promise<string> {
  let found = ''
  await eventually(
    async () => {
      const { note, checkpoint } = await servedCheckpoint(url)
      if (checkpoint.size < size) throw new Error(`signed are ${checkpoint.size} events, not ${size}`)
      found = note
    },
    { within: 20_000 },
  )
  await client.waitFor(size)
  return found
}

const portfolio = ['portfolio.ndjson', 'portfolio-later.ndjson'].map(
  (name) => new URL(`../../../data/${name}`, import.meta.url),
)

/** Records the portfolio of the product and its later events: some hundred real events. Returns the last position. */
export async function recordPortfolio({ client }: Pick<Audited, 'client'>): Promise<number> {
  let last = 0
  for (const file of portfolio) {
    const lines = readFileSync(file, 'utf8')
      .split('\n')
      .filter((line) => line !== '')
    const { results } = await client.recordAtomically(lines.map((line) => JSON.parse(line)))
    last = Math.max(last, ...results.map(({ position }) => position))
  }
  return last
}
