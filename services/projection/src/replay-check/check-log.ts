import { decodeLine, type RecordedEvent } from '@commitments/domain'
import type { PoolClient } from 'pg'
import { type Findings, report } from '../projections/check/findings.ts'

interface LogRow {
  position: number
  proposal_id: string
  version: number
  event_id: string
  recorded_at: string
  line: string
}

const rangeSize = 5_000

const rangeQuery = `SELECT position, proposal_id, version, event_id, line,
    to_char(recorded_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS recorded_at
  FROM events WHERE position > $1 AND position <= $2 ORDER BY position LIMIT ${rangeSize}`

/** Checks every row of the log up to a position, in the order of the log. Returns how many there are. */
export async function checkLog(client: PoolClient, upTo: number, findings: Findings): Promise<number> {
  let before = { position: 0, recorded_at: '' }
  let events = 0
  for (;;) {
    const { rows } = await client.query<LogRow>(rangeQuery, [before.position, upTo])
    for (const row of rows) {
      checkRow(row, before, findings)
      before = row
    }
    events += rows.length
    if (rows.length < rangeSize) break
  }
  if (before.position < upTo)
    report(findings, { what: 'the read model has applied more than the log holds', position: upTo })
  return events
}

function checkRow(row: LogRow, before: { position: number; recorded_at: string }, findings: Findings): void {
  const { position, proposal_id: proposalId } = row
  const say = (what: string) => report(findings, { what, position, proposalId })
  if (position !== before.position + 1) say(`positions have a gap after ${before.position}`)
  if (row.recorded_at < before.recorded_at) say('recordedAt falls')
  const event = decode(row.line)
  if (event === null) return say('the line is not JSON')
  if (event.position !== position) say('the line has another position')
  if (event.proposalId !== proposalId) say('the line has another proposalId')
  if (event.version !== row.version) say('the line has another version')
  if (event.eventId !== row.event_id) say('the line has another eventId')
  if (event.recordedAt !== row.recorded_at) say('the line has another recordedAt')
}

function decode(line: string): RecordedEvent | null {
  try {
    return decodeLine(line)
  } catch {
    return null
  }
}
