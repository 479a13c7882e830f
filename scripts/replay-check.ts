/**
 * `npm run replay-check`: replays the log and compares it with the read model, row by row.
 * Exit codes: 0 everything agrees; 1 it could not be checked; 2 something does not agree.
 */
import { openPool } from '@commitments/event-store'
import { ConfigError } from '@commitments/http-kit/config'
import { checkReplay, type ReplayReport, readConfig } from '@commitments/projection/maintenance'
import { remark, say } from './terminal.ts'

async function main(): Promise<number> {
  const config = readConfig(process.env)
  const url = config.PROJECTION_DATABASE_URL ?? config.DATABASE_URL
  if (url === undefined) throw new ConfigError(['Set PROJECTION_DATABASE_URL, or DATABASE_URL.'])
  const owner = config.PROJECTION_DATABASE_URL === undefined
  const pool = openPool(url, {
    ledger: config.LEDGER_SCHEMA,
    role: owner ? 'projection' : undefined,
    max: 6,
    applicationName: 'commitments replay-check',
  })
  try {
    return show(await checkReplay(pool, config.LEDGER_TIME_ZONE))
  } finally {
    await pool.end()
  }
}

function show({ generation, position, events, proposals, found, findings }: ReplayReport): number {
  for (const { what, proposalId, position: at } of findings) {
    say(`${[proposalId, at === undefined ? undefined : `position ${at}`].filter(Boolean).join(', ')}: ${what}`)
  }
  const verdict = found === 0 ? 'everything agrees' : `${found} findings`
  say(`${events} events of ${proposals} proposals, generation ${generation} at position ${position}: ${verdict}`)
  return found === 0 ? 0 : 2
}

try {
  process.exitCode = await main()
} catch (error) {
  const text = error instanceof ConfigError ? error.message : error instanceof Error ? error.stack : String(error)
  remark(text)
  process.exitCode = 1
}
