import type { Queryable } from './queryable.ts'
import { readBytes } from './read-log.ts'

/**
 * The lines of many streams, each in the order of versions, in one query. The result lacks streams that do not exist. One statement reads
 * one state of the log, so the streams are consistent with each other.
 */
export async function readStreams(client: Queryable, proposalIds: readonly string[]): Promise<Map<string, string[]>> {
  const streams = new Map<string, string[]>()
  if (proposalIds.length === 0) return streams
  const { rows } = await client.query<{ proposal_id: string; line: string }>({
    name: 'read_streams',
    text: `SELECT e.proposal_id, e.line FROM unnest($1::text[]) AS wanted(id)
             CROSS JOIN LATERAL (SELECT proposal_id, version, line FROM events WHERE proposal_id = wanted.id ORDER BY version) AS e
            ORDER BY e.proposal_id, e.version`,
    values: [[...new Set(proposalIds)]],
  })
  for (const { proposal_id: proposalId, line } of rows) {
    const lines = streams.get(proposalId)
    if (lines) lines.push(line)
    else streams.set(proposalId, [line])
  }
  return streams
}

/** At most `limit` lines of one stream and `readBytes` of them (but one at least): those after `afterVersion`, in the order of versions. */
export async function readStream(
  client: Queryable,
  proposalId: string,
  { afterVersion, limit }: { afterVersion: number; limit: number },
): Promise<string[]> {
  const { rows } = await client.query<{ line: string }>({
    name: 'read_stream',
    text: `SELECT line FROM (
             SELECT version, line,
                    sum(octet_length(line)) OVER (ORDER BY version ROWS UNBOUNDED PRECEDING) - octet_length(line) AS before
               FROM events WHERE proposal_id = $1 AND version > $2 ORDER BY version LIMIT $3) e
            WHERE before < $4 ORDER BY version`,
    values: [proposalId, afterVersion, limit, readBytes],
  })
  return rows.map((row) => row.line)
}

/** The line of one event; null if there is none. */
export async function readEvent(client: Queryable, proposalId: string, version: number): Promise<string | null> {
  const { rows } = await client.query<{ line: string }>({
    name: 'read_event',
    text: 'SELECT line FROM events WHERE proposal_id = $1 AND version = $2',
    values: [proposalId, version],
  })
  return rows[0]?.line ?? null
}

/**
 * The lines of the events that hold these keys, by the digests of the keys (in hexadecimal, as given). The result lacks keys that no event
 * holds.
 */
export async function readKeys(client: Queryable, keyDigests: readonly string[]): Promise<Map<string, string>> {
  if (keyDigests.length === 0) return new Map()
  const { rows } = await client.query<{ digest: string; line: string }>({
    name: 'read_keys',
    text: `SELECT encode(e.key_digest, 'hex') AS digest, e.line FROM unnest($1::bytea[]) AS wanted(digest)
             CROSS JOIN LATERAL (SELECT key_digest, line FROM events WHERE key_digest = wanted.digest) AS e`,
    values: [keyDigests.map((digest) => `\\x${digest}`)],
  })
  return new Map(rows.map((row) => [row.digest, row.line]))
}
