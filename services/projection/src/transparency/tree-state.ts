/** The state of log, tree and signing, which the keeper of the tree reads before each step. */
import { LedgerUnusable, type Queryable } from '@commitments/event-store'
import { decodeFrontier, type Frontier } from '@commitments/transparency'

/** The tree as it is stored. */
export interface Tree {
  /** The Log-Id that it was made for. */
  readonly logId: string
  /** Leaves: it covers positions 1 up to this one. */
  readonly size: number
  readonly root: Buffer
  /** Null if what is stored cannot belong to a tree of this size. */
  readonly frontier: Frontier | null
  /** Hash of the leaf at position `size`; null for the empty tree. */
  readonly lastLeaf: Buffer | null
}

/** A signed checkpoint, as stored in the database. */
export interface Signed {
  readonly size: number
  readonly root: Buffer
  /** The note with the signatures of the log; cosignatures are stored separately. */
  readonly note: string
  /** The verifier keys of these signatures, one line each. */
  readonly vkeys: string
  readonly published: boolean
  /** The stored lines of each witness. */
  readonly cosignatures: Readonly<Record<string, string>>
}

export interface TreeState {
  /** The current identity of the log. */
  readonly logId: string
  /** Its last position. */
  readonly head: number
  /** The epoch of the instance that keeps the tree. */
  readonly epoch: number
  readonly tree: Tree
  /** The last checkpoint that was signed under this identity; null if there is none. */
  readonly signed: Signed | null
  /** Whether a signer has stopped the recording under this identity. */
  readonly halted: boolean
  /** The server and its timeline; null where it is not told. */
  readonly timeline: string | null
  /** The timeline on which it was last shown that the log continues what was signed. */
  readonly confirmed: string | null
}

const standingQuery = {
  name: 'read-log-standing',
  text: `SELECT i.log_id, coalesce((SELECT position FROM events ORDER BY position DESC LIMIT 1), 0) AS head,
      EXISTS (SELECT FROM log_halts h WHERE h.log_id = i.log_id AND h.source = 'signer') AS halted, log_timeline() AS timeline, t.timeline AS confirmed, t.epoch, t.log_id AS tree_log_id, t.size, t.root, t.frontier, t.last_leaf,
      c.size AS signed_size, c.root AS signed_root, c.note, c.vkeys, c.published_at IS NOT NULL AS published,
      (SELECT coalesce(jsonb_object_agg(s.witness, s.line), '{}') FROM log_cosignatures s WHERE s.log_id = c.log_id AND s.size = c.size) AS cosignatures
    FROM log_tree t
    CROSS JOIN LATERAL (SELECT log_id FROM log_identity ORDER BY generation DESC LIMIT 1) i
    LEFT JOIN LATERAL (SELECT * FROM log_checkpoints c WHERE c.log_id = i.log_id ORDER BY size DESC LIMIT 1) c ON true`,
}

const noTree = 'The row of log_tree is missing: the ledger was not migrated as a whole.'

/** One statement, so one snapshot. */
export async function readTreeState(client: Queryable): Promise<TreeState> {
  const { rows } = await client.query<TreeStateRow>(standingQuery)
  const [row] = rows
  if (row === undefined) throw new LedgerUnusable(noTree)
  const { log_id: logId, head, epoch, size, root, last_leaf: lastLeaf, halted, timeline, confirmed } = row
  const frontier = decodeFrontier(size, row.frontier)
  const tree = { logId: row.tree_log_id, size, root, frontier, lastLeaf }
  return { logId, head, epoch, tree, signed: signedOf(row), halted, timeline, confirmed }
}

interface TreeStateRow extends SignedColumns {
  readonly log_id: string
  readonly head: number
  readonly epoch: number
  readonly tree_log_id: Tree['logId']
  readonly size: number
  readonly root: Buffer
  readonly frontier: Buffer
  readonly last_leaf: Tree['lastLeaf']
  readonly halted: boolean
  readonly timeline: string | null
  readonly confirmed: string | null
}

interface SignedColumns {
  readonly signed_size: number | null
  readonly signed_root: Buffer
  readonly note: string
  readonly vkeys: string
  readonly published: boolean
  readonly cosignatures: Signed['cosignatures']
}

function signedOf({ signed_size: size, signed_root: root, ...rest }: SignedColumns): Signed | null {
  const { note, vkeys, published, cosignatures } = rest
  return size === null ? null : { size, root, note, vkeys, published, cosignatures }
}

/**
 * Makes the caller the keeper of the tree. From then on the previous keeper writes and publishes nothing, because each of its writes
 * requires its own, smaller epoch.
 */
export async function takeEpoch(client: Queryable): Promise<number> {
  const { rows } = await client.query<{ epoch: number }>({
    text: 'UPDATE log_tree SET epoch = epoch + 1 RETURNING epoch',
  })
  const [taken] = rows
  if (taken === undefined) throw new LedgerUnusable(noTree)
  return taken.epoch
}

/**
 * Records that the log was shown to continue what was signed, on the timeline on which it was read: services that record wait for that
 * after a failover. Nothing is recorded where another instance keeps the tree now, or where this is another server.
 */
export async function confirmTimeline(client: Queryable, epoch: number, timeline: string): Promise<void> {
  await client.query({
    name: 'confirm-log-timeline',
    text: 'UPDATE log_tree SET timeline = $2 WHERE epoch = $1 AND log_timeline() = $2',
    values: [epoch, timeline],
  })
}
