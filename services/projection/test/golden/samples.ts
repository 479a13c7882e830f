/** The read model's results for known events: for each act alone, and for the whole portfolio. */

import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { drained, type EventBody } from '@commitments/domain'
import { agreed, delivered, example, funded, proposed, recorded } from '@commitments/test-kit/domain'
import { statusBody } from '../../src/answers/read-status.ts'
import { readModelVersion } from '../../src/projections/rules.ts'
import { foldingEntries } from '../../src/status/fold-stream-lines.ts'
import { rowOf } from '../../src/status/row.ts'
import { type LogLine } from '../../src/streams/log-line.ts'

export interface Golden {
  /** The version of the rules that made it. */
  readonly readModelVersion: number
  /** Row and status of each example, in full. */
  readonly examples: Readonly<Record<string, object>>
  /** The same for each proposal of the portfolio, as a digest. */
  readonly portfolio: Readonly<Record<string, string>>
}

const timeZone = 'Asia/Ho_Chi_Minh'

/** A day on which some of the portfolio is late and some is not. */
const day = '2026-11-22'

const examples: Readonly<Record<string, readonly EventBody[]>> = {
  proposed: [proposed({ planned: { start: '2024', end: '2026-12' }, fields: ['materials'] as never })],
  agreed: [proposed(), agreed()],
  funded: [proposed(), agreed(), funded()],
  delivered: [proposed(), agreed(), funded(), delivered()],
  money: [
    proposed(),
    agreed(),
    funded(),
    example('pledged', {}),
    example('disbursed', { line: 'kr-grant' }),
    example('contributed-in-kind', {}),
  ],
  left: [proposed(), example('party-joined', {}), example('party-left', {}), example('suspended', {})],
  corrected: [proposed(), agreed(), example('corrected', { corrections: [{ event: 2, occurredOn: '2024-07' }] })],
  retracted: [proposed(), agreed(), example('retracted', { events: [2] })],
}

/** The results of the rules of this code. */
export function makeGolden(): Golden {
  const made = Object.entries(examples).map(([name, events]) => [name, sampleOf('joint-laboratory', events)] as const)
  const portfolio = [...readPortfolio()].map(([id, events]) => [id, digestOf(sampleOf(id, events))] as const)
  return { readModelVersion, examples: Object.fromEntries(made), portfolio: Object.fromEntries(portfolio) }
}

export const goldenFile = new URL('./read-model.json', import.meta.url)

export function readGolden(): Golden {
  return JSON.parse(readFileSync(goldenFile, 'utf8'))
}

function sampleOf(proposalId: string, events: readonly EventBody[]): object {
  const { held } = drained(
    foldingEntries(
      events.map((event, index) => lineOf(proposalId, index + 1, event)),
      timeZone,
    ),
  )
  const status = held.state && statusBody(held.state, held.parked, day, timeZone)
  // As in JSON, so that it can be compared with a committed file.
  return JSON.parse(JSON.stringify({ row: rowOf(held, timeZone), status }))
}

function lineOf(proposalId: string, version: number, event: EventBody): LogLine {
  return { position: version, proposalId, version, line: JSON.stringify(recorded(event, { proposalId, version })) }
}

function readPortfolio(): Map<string, EventBody[]> {
  const text = readFileSync(new URL('../../../../data/portfolio.ndjson', import.meta.url), 'utf8')
  const lines = text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
  const streams = Map.groupBy(lines, ({ proposalId }): string => proposalId)
  return new Map(
    [...streams].map(([id, events]) => [
      id,
      events.map(({ proposalId: _id, idempotencyKey: _key, ...event }) => event),
    ]),
  )
}

function digestOf(sample: object): string {
  return createHash('sha256').update(JSON.stringify(sample)).digest('base64url').slice(0, 16)
}
