import { randomBytes } from 'node:crypto'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { type EventToRecord, encodeRest, parseEventBody, spliceLine } from '@commitments/domain'
import { from as copyFrom } from 'pg-copy-streams'
import type { Bench } from './context.ts'
import { queryRows, withClient } from './database.ts'
import { ledger } from './product.ts'
import { bodies, preloadedProposal } from './workload.ts'

/**
 * Fills an empty log with `events` events, four for each proposal, by COPY as the owner, with triggers and indexes in place. The services'
 * own encoder makes the lines, each with its own ids and key, so sizes and indexes equal those of a recorded log.
 */
export async function preload(bench: Bench, url: string, events: number): Promise<void> {
  const began = performance.now()
  await withClient(url, async (client) => {
    const clock = startClock()
    await client.query('BEGIN')
    for (let done = 0; done < events; ) {
      const upTo = Math.min(done + eventsOfCopy, events)
      await pipeline(
        Readable.from(blocks(done, upTo, clock)),
        client.query(copyFrom(`COPY ${ledger}.events FROM STDIN`)),
      )
      done = upTo
      if (done % 1_000_000 === 0) bench.say(`loaded ${done.toLocaleString('en')} events`)
    }
    await client.query('COMMIT')
    await client.query(`VACUUM ANALYZE ${ledger}.events`)
  })
  const seconds = (performance.now() - began) / 1000
  const megabytes = ((await bytesOf(url)) / 1e6).toFixed(0)
  bench.say(`loaded ${events.toLocaleString('en')} events in ${seconds.toFixed(0)} s, ${megabytes} MB on disk`)
}

/** Size of the database on disk, in bytes. */
export async function bytesOf(url: string): Promise<number> {
  const rows = await queryRows<{ bytes: string }>(url, 'SELECT pg_database_size(current_database()) AS bytes')
  return Number(rows[0]?.bytes)
}

/** A trigger of the log sees all rows of a statement, and the server keeps them in temporary files until its end. */
const eventsOfCopy = 200_000

const proposalsInBlock = 250

type Clock = (position: number) => string

/** Rows in COPY's text format for the events after a position, some hundred kilobytes at a time. */
function* blocks(after: number, upTo: number, clock: Clock): Generator<string> {
  const templates = bodies.map(parsedBody)
  for (let done = after; done < upTo; ) {
    let block = ''
    for (let row = 0; row < proposalsInBlock * templates.length && done < upTo; row++)
      block += copyRow(templates, ++done, clock)
    yield block
  }
}

/** An event without its own ids and version. */
type Template = Omit<EventToRecord, 'eventId' | 'nonce' | 'proposalId' | 'version'>

function parsedBody(body: string): Template {
  const parsed = parseEventBody(JSON.parse(body))
  if (!parsed.ok) throw new Error(`the load's own body is refused: ${JSON.stringify(parsed.errors)}`)
  return { ...parsed.body, schemaVersion: 1, recordedBy: 'key:bench' }
}

function copyRow(templates: Template[], position: number, clock: Clock): string {
  const step = (position - 1) % templates.length
  const proposalId = preloadedProposal(Math.floor((position - 1) / templates.length))
  const random = randomBytes(48).toString('hex')
  const eventId = `${random.slice(0, 8)}-${random.slice(8, 12)}-7${random.slice(13, 16)}-8${random.slice(17, 20)}-${random.slice(20, 32)}`
  const nonce = Buffer.from(random.slice(32, 64), 'hex').toString('base64url')
  const recordedAt = clock(position)
  const event = { ...(templates[step] as Template), eventId, nonce, proposalId, version: step + 1 }
  const line = spliceLine(position, recordedAt, encodeRest(event as EventToRecord)).replaceAll('\\', '\\\\')
  return `${position}\t${proposalId}\t${step + 1}\t${eventId}\t${recordedAt}\t\\\\x${random.slice(64)}\t${line}\n`
}

/** Recording times, one microsecond apart, all in the past. */
function startClock(): Clock {
  const began = Date.now() - 3_600_000
  return (position) => {
    const micros = String(position % 1000).padStart(3, '0')
    return `${new Date(began + Math.floor(position / 1000)).toISOString().slice(0, -1)}${micros}Z`
  }
}
