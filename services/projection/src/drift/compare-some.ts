/** Compares some proposals with a new fold of their streams: rows, streams and the generation of one snapshot. */
import type { Pool, PoolClient } from 'pg'
import {
  type Checking,
  checkVersions,
  compareStreams,
  findUnexpectedRows,
} from '../projections/check/check-projection.ts'
import { type Finding, noFindings } from '../projections/check/findings.ts'
import { type Generation, readLive } from '../projections/generations.ts'
import type { Projection } from '../projections/projection.ts'
import { checkLinks } from '../replay-check/check-links.ts'
import { readStreamsUpTo } from '../streams/read-streams.ts'
import type { Stream } from '../streams/streams-in-order.ts'
import { beginSnapshot, inTransaction } from '../transaction.ts'
import { compareLines } from './compare-lines.ts'
import type { Round } from './rounds.ts'

interface Wanted {
  readonly projection: Projection
  readonly timeZone: string
  /** The next proposals of a round; null: only the suspects. */
  readonly next: Pick<Round, 'after' | 'upTo'> | null
  readonly limit: number
  /** Proposals to check in addition. */
  readonly suspects: readonly string[]
  /** Compares the lines of the log alone: other rules folded what is served. */
  readonly onlyLines: boolean
}

export interface Compared {
  readonly live: Generation
  /** The next ones in order. */
  readonly looked: readonly string[]
  /** What is wrong with the differing ones, by proposal. */
  readonly differing: ReadonlyMap<string, string>
}

/**
 * The projector may continue meanwhile, and a rebuild may replace this generation: the result is true of the snapshot. Streams are folded
 * only as far as the generation had applied them in it.
 */
export function compareSome(pool: Pool, wanted: Wanted): Promise<Compared> {
  return inTransaction(pool, (client) => compareIn(client, wanted), { begin: beginSnapshot })
}

async function compareIn(client: PoolClient, wanted: Wanted): Promise<Compared> {
  const { projection, timeZone, next, limit, suspects, onlyLines } = wanted
  const live = await readLive(client, projection.name)
  const looked = next === null ? [] : await readIds(client, projection, live, next, limit)
  const ids = [...new Set([...looked, ...suspects])]
  const findings = noFindings()
  if (onlyLines) {
    await compareLines(client, ids, live, findings)
    return { live, looked, differing: byProposal(findings.kept) }
  }
  const checking: Checking = { client, projection, live, timeZone, findings }
  const streams = await readStreamsUpTo(client, projection.name, ids, live.position)
  const found = [...streams].map(([proposalId, entries]) => ({ proposalId, entries }))
  // Rounds of the statuses check the lines and links of all proposals.
  if (projection.name === 'proposal-status') {
    await compareLines(client, ids, live, findings)
    await checkLinks({ client, live, moments: await readLive(client, 'proposal-moments'), findings, ids })
  }
  for (const stream of found) checkVersions(stream, findings)
  for (const some of fewEventsEach(found)) await compareStreams(checking, some)
  await findUnexpectedRows(checking, ids)
  return { live, looked, differing: byProposal(findings.kept) }
}

/** Events that are folded for one comparison, because the results of long streams take memory. */
const eventsAtOnce = 500

function* fewEventsEach(streams: readonly Stream[]): Generator<readonly Stream[]> {
  let portion: Stream[] = []
  let events = 0
  for (const stream of streams) {
    if (portion.length > 0 && events + stream.entries.length > eventsAtOnce) {
      yield portion
      portion = []
      events = 0
    }
    portion.push(stream)
    events += stream.entries.length
  }
  if (portion.length > 0) yield portion
}

/**
 * Proposals that have rows, and proposals that have events: either side may lack one. The first event is looked up row by row, in the order
 * of the key, until there are enough: as NOT EXISTS it is a join, for which Postgres reads all proposals and all events each time.
 */
function idsText({ tables }: Projection): string {
  const stored = tables
    .filter(({ lacks }) => !lacks)
    .map(
      ({ name }) => `(SELECT DISTINCT proposal_id FROM ${name} s WHERE generation = $1 AND proposal_id > $2
        AND coalesce((SELECT e.position FROM events e WHERE e.proposal_id = s.proposal_id AND e.version = 1), 0) <= $3
       ORDER BY proposal_id LIMIT $4)`,
    )
  return `${stored.join(' UNION ')}
    UNION
    (SELECT proposal_id FROM events WHERE proposal_id > $2 AND version = 1 AND position <= $3
      ORDER BY proposal_id LIMIT $4)
    ORDER BY proposal_id LIMIT $4`
}

async function readIds(
  client: PoolClient,
  projection: Projection,
  live: Generation,
  { after, upTo }: Pick<Round, 'after' | 'upTo'>,
  limit: number,
) {
  const { rows } = await client.query<{ proposal_id: string }>({
    name: `read-drift-ids-of-${projection.name}`,
    text: idsText(projection),
    values: [live.generation, after, Math.min(upTo ?? 0, live.position), limit],
  })
  return rows.map((row) => row.proposal_id)
}

function byProposal(findings: readonly Finding[]): Map<string, string> {
  const found = new Map<string, string>()
  for (const { proposalId = '', what } of findings) {
    const before = found.get(proposalId)
    found.set(proposalId, before === undefined ? what : `${before}; ${what}`)
  }
  return found
}
