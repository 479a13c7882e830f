import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { encodeRest, spliceLine } from '@commitments/domain'
import { from as copyFrom } from 'pg-copy-streams'
import type { Bench } from './context.ts'
import { databaseExists, queryRows, withClient } from './database.ts'
import { eventsOfHistory, madeEvent } from './made-histories.ts'
import { createLedger, ledger, rebuildProjections } from './product.ts'

/**
 * A database whose log consists of generated histories, with the read model folded from them. With `--data`, a later run finds it again.
 */
export async function madeLedger(bench: Bench, histories: number): Promise<string> {
  const name = `bench_made_${histories}`
  if ((await databaseExists(bench.server, name)) && (await isFolded(bench.server.urlOf(name), histories)))
    return bench.server.urlOf(name)
  const url = await createLedger(bench, name)
  await withClient(url, async (client) => {
    const into = client.query(
      copyFrom(`COPY ${ledger}.events (position, proposal_id, version, event_id, recorded_at, line) FROM STDIN`),
    )
    await pipeline(Readable.from(blocks(histories)), into)
  })
  bench.say(`loaded ${(histories * eventsOfHistory).toLocaleString('en')} events`)
  const { seconds } = await rebuildProjections(url)
  bench.say(`folded them, with all moments, in ${seconds.toFixed(0)} s`)
  await queryRows(url, 'VACUUM ANALYZE')
  return url
}

async function isFolded(url: string, histories: number): Promise<boolean> {
  const [row] = await queryRows<{ position: string }>(
    url,
    `SELECT min(position) AS position FROM ${ledger}.projection_generations WHERE state = 'live'`,
  )
  return Number(row?.position) === histories * eventsOfHistory
}

/** Text for COPY, some hundred kilobytes at a time. */
function* blocks(histories: number): Generator<string> {
  let block = ''
  for (let version = 1; version <= eventsOfHistory; version++) {
    for (let number = 0; number < histories; number++) {
      block += copyRow(number, version, histories)
      if (block.length < 300_000) continue
      yield block
      block = ''
    }
  }
  yield block
}

function copyRow(number: number, version: number, histories: number): string {
  const { position, recordedAt, ...event } = madeEvent(number, version, histories)
  const line = spliceLine(position, recordedAt, encodeRest(event)).replaceAll('\\', '\\\\')
  return `${[position, event.proposalId, version, event.eventId, recordedAt, line].join('\t')}\n`
}
