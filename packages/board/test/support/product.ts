/** The product with its portfolio: both services over an embedded Postgres, listening, and the built board. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type BulkLine, type Client, createClient } from '@commitments/client'
import { readBoard } from '@commitments/projection'
import { freePort, keyFile, secretOf } from '@commitments/test-kit'
import { type Services, type ServicesOptions, signingFor, startServices } from '@commitments/test-kit/services'
import type { Test } from 'tap'

/** The key with all scopes. */
export const apiKey = secretOf('everything')

/** The key of another administrator. */
export const otherKey = secretOf('another')

export interface Product {
  /** The address of the board. */
  readonly url: string
  readonly commandUrl: string
  /** A client of both services, with the key that has all scopes. */
  readonly client: Client
  readonly services: Services
}

export interface ProductOptions extends Pick<ServicesOptions, 'command' | 'projection'> {
  readonly environment?: Readonly<Record<string, string>>
  /** An empty ledger instead of the portfolio. */
  readonly empty?: boolean
}

/** Runs until `t` ends. When this resolves, everything is projected and signed. */
export async function startProduct(t: Test, options: ProductOptions = {}): Promise<Product> {
  const [commandPort, projectionPort] = [await freePort(), await freePort()]
  const [commandUrl, url] = [`http://127.0.0.1:${commandPort}`, `http://127.0.0.1:${projectionPort}`]
  const environment = {
    API_KEYS_FILE: keyFile(t, [
      { name: 'everything', scopes: ['record', 'correct', 'read', 'audit', 'admin'] },
      { name: 'another', scopes: ['admin'] },
    ]),
    ALLOWED_ORIGINS: `${url},${commandUrl}`,
    COMMAND_PUBLIC_URL: commandUrl,
    PROJECTION_PUBLIC_URL: url,
    ...options.environment,
  }
  const services = await startServices(t, {
    environment,
    command: { ...options.command },
    projection: { board: readBoard(boardFolder), signing: signingFor(t), connections: 12, ...options.projection },
  })
  await services.command.app.listen({ port: commandPort, host: '127.0.0.1' })
  await services.projection.app.listen({ port: projectionPort, host: '127.0.0.1' })
  const client = createClient({ commandUrl, projectionUrl: url, apiKey })
  if (options.empty !== true) await recordPortfolio(client)
  return { url, commandUrl, client, services }
}

/** The folder in which `npm test` has built it. */
const boardFolder = join(import.meta.dirname, '../../dist')

const portfolio = ['portfolio.ndjson', 'portfolio-later.ndjson'].map((name) =>
  join(import.meta.dirname, '../../../../data', name),
)

async function recordPortfolio(client: Client): Promise<void> {
  for (const file of portfolio) {
    const lines = readFileSync(file, 'utf8').trimEnd().split('\n')
    await recordLines(
      client,
      lines.map((line) => JSON.parse(line) as BulkLine),
    )
  }
}

/** Records them, and waits until all that the board shows has them. */
export async function recordLines(client: Client, lines: readonly BulkLine[]): Promise<void> {
  const { results } = await client.recordAtomically(lines)
  const atLeast = Math.max(...results.map(({ position }) => position))
  // It need not be recomputed for each event: without this wait, a portfolio of before might still be served.
  await client.portfolio({ atLeast })
  // Earlier moments come from another read model, which has its own pace.
  await client.get('/v1/portfolio', { query: { asOf: '2023-12-31', atLeast } })
}
