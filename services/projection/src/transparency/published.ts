/** What is served: the last published checkpoint, and what it covers. Each answer comes from one snapshot. */
import { type Queryable } from '@commitments/event-store'

/** A checkpoint as it is served. */
export interface Published {
  readonly logId: string
  readonly size: number
  readonly root: Buffer
  /** The note with the cosignatures so far. */
  readonly note: string
  /** Verifier keys of the log's signatures on it, one line each. */
  readonly vkeys: string
}

/** The checkpoint that is served now. */
const published = `(SELECT * FROM log_checkpoints
    WHERE log_id = (SELECT log_id FROM log_identity ORDER BY generation DESC LIMIT 1) AND published_at IS NOT NULL
    ORDER BY size DESC LIMIT 1)`

const publishedQuery = {
  name: 'read-published-checkpoint',
  text: `SELECT c.log_id AS "logId", c.size, c.root, c.vkeys, c.note || coalesce((
      SELECT string_agg(s.line, '' ORDER BY s.witness) FROM log_cosignatures s WHERE s.log_id = c.log_id AND s.size = c.size
    ), '') AS note FROM ${published} c`,
}

/** Null if nothing is published under the current identity. */
export async function readPublished(client: Queryable): Promise<Published | null> {
  const { rows } = await client.query<Published>(publishedQuery)
  return rows[0] ?? null
}

/** The checkpoint that covers an answer. */
export type Cover = Pick<Published, 'logId' | 'size'>

const tileQuery = {
  name: 'read-published-tile',
  text: `SELECT c.log_id AS "logId", c.size, substring(t.hashes FROM 1 FOR $3) AS hashes FROM ${published} c
    LEFT JOIN (log_tiles t JOIN log_tree r ON true) ON r.log_id = c.log_id AND t.level = $1 AND t.index = $2`,
}

/**
 * The first bytes of a tile, with the checkpoint of that moment; `hashes` is null if the tile is not stored. Null if nothing is published.
 */
export async function readPublishedTile(
  client: Queryable,
  level: number,
  index: number,
  bytes: number,
): Promise<(Cover & { hashes: Buffer | null }) | null> {
  const { rows } = await client.query<Cover & { hashes: Buffer | null }>({
    ...tileQuery,
    values: [level, index, bytes],
  })
  return rows[0] ?? null
}
