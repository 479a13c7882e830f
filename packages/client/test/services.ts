/** Both services over one database for a test, listening, and clients of them. */
import { type Client, type ClientOptions, createClient } from '@commitments/client'
import type { CommandLimits } from '@commitments/command'
import type { TestDatabase } from '@commitments/test-kit'
import { startServices } from '@commitments/test-kit/services'
import type { Test } from 'tap'

export interface Services {
  readonly database: TestDatabase
  readonly commandUrl: string
  readonly projectionUrl: string
  /** A client with short pauses and the given options. */
  client(options?: Partial<ClientOptions>): Client
}

export interface ServicesOptions {
  /** For both services. */
  readonly environment?: Record<string, string>
  /** Milliseconds that the projection waits for a position. */
  readonly patience?: number
  /** For the command service. */
  readonly limits?: CommandLimits
}

const apiKey = 'client-secret-0123456789'

export async function openServices(
  t: Test,
  { environment = {}, patience = 500, limits = {} }: ServicesOptions = {},
): Promise<Services> {
  const { database, command, projection } = await startServices(t, {
    environment: { API_KEYS: `client:record+read+audit:${apiKey}`, ...environment },
    command: { limits },
    projection: { patience },
  })
  const [commandUrl, projectionUrl] = await Promise.all([command.listen(), projection.listen()])
  const retries = { firstPauseMs: 10, longestPauseMs: 50, attemptMs: 10_000, withinMs: 20_000 }
  return {
    database,
    commandUrl,
    projectionUrl,
    client: (options) => createClient({ commandUrl, projectionUrl, apiKey, retries, ...options }),
  }
}

/** The number of events in the log. */
export async function eventsOf(database: TestDatabase): Promise<number> {
  const { rows } = await database.pool().query<{ count: string }>('SELECT count(*) FROM events')
  return Number(rows[0]?.count)
}

export async function collect<Value>(values: AsyncIterable<Value>): Promise<Value[]> {
  const collected: Value[] = []
  for await (const value of values) collected.push(value)
  return collected
}
