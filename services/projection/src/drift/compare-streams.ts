/** Some proposals compared with a fresh fold of their streams: rows, streams and the generation of one snapshot. */
import type { Pool, PoolClient } from 'pg'
import { type Generation, readLive } from '../projections/generations.ts'
import { type Finding, type Findings } from '../replay-check/check.ts'
import { compareStreams, findStrangers } from '../replay-check/check-rows.ts'
import { readStreamsUpTo } from '../streams/read-streams.ts'
import { beginSnapshot, inTransaction } from '../transaction.ts'
import type { Round } from './round.ts'

export interface Wanted {
  /** The next so many proposals of a round; null: none but the suspects. */
  readonly next: Pick<Round, 'after' | 'upTo'> | null
  readonly limit: number
  /** Proposals to be looked at besides, of the generation that turns out to be live. */
  readonly suspects: (live: Generation) => readonly string[]
}

export interface Compared {
  readonly live: Generation
  /** The next ones in order, and the suspects. */
  readonly looked: readonly string[]
  readonly suspects: readonly string[]
  /** What is wrong with those that differ, by proposal. */
  readonly differing: ReadonlyMap<string, string>
}

/**
 * The projector may move on meanwhile, and a rebuild may put another generation in the place of this one: what is found
 * is true of the snapshot. Streams are folded as far as the generation had applied them in it, no further.
 */
export function compareSome(pool: Pool, timeZone: string, wanted: Wanted): Promise<Compared> {
  return inTransaction(pool, (client) => compareIn(client, timeZone, wanted), { begin: beginSnapshot })
}

async function compareIn(client: PoolClient, timeZone: string, wanted: Wanted): Promise<Compared> {
  const live = await readLive(client, 'proposal-status')
  const looked = wanted.next === null ? [] : await readIds(client, live, wanted.next, wanted.limit)
  const suspects = wanted.suspects(live)
  const ids = [...new Set([...looked, ...suspects])]
  const findings: Findings = { kept: [], count: 0 }
  const comparing = { client, live, timeZone, findings }
  const streams = await readStreamsUpTo(client, 'proposal-status', ids, live.position)
  await compareStreams(
    comparing,
    [...streams].map(([proposalId, entries]) => ({ proposalId, entries })),
  )
  await findStrangers(comparing, ids)
  return { live, looked, suspects, differing: byProposal(findings.kept) }
}

/** Those that have a row, and those that have events: either may lack the other. */
const idsQuery = {
  name: 'read-drift-ids',
  text: `(SELECT proposal_id FROM proposal_status s WHERE generation = $1 AND proposal_id > $2
        AND NOT EXISTS (
          SELECT FROM events e WHERE e.proposal_id = s.proposal_id AND e.version = 1 AND e.position > $3
        )
       ORDER BY proposal_id LIMIT $4)
    UNION
    (SELECT proposal_id FROM events WHERE proposal_id > $2 AND version = 1 AND position <= $3
      ORDER BY proposal_id LIMIT $4)
    ORDER BY proposal_id LIMIT $4`,
}

async function readIds(
  client: PoolClient,
  live: Generation,
  { after, upTo }: Pick<Round, 'after' | 'upTo'>,
  limit: number,
) {
  const values = [live.generation, after, Math.min(upTo, live.position), limit]
  const { rows } = await client.query<{ proposal_id: string }>({ ...idsQuery, values })
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
