/**
 * Signing is the only act here that cannot be undone.
 *
 * Before it, the signer proves that the tree continues everything known to have been signed under its origin: the last checkpoint in the
 * database, the kept one that no restore resets, and those that witnesses say they cosigned. Then it locks the row of the tree, so that
 * nobody can take over meanwhile, replaces the kept one, and only then commits the checkpoint to where it is served from. A crash
 * between the two leaves a kept one that is ahead by one checkpoint, of a tree that the log still reaches. The signer waits for that and does
 * not refuse. A kept one that is behind the database is another matter: somebody signed without it, or it was reset itself.
 */
import { formatCheckpoint, signNote, verifyConsistency } from '@commitments/transparency'
import type { Pool, PoolClient } from 'pg'
import { inTransaction } from '../transaction.ts'
import { type Bound, bindDeployment, deploymentDifference } from './deployment.ts'
import { type Kept, readKept } from './kept-checkpoint.ts'
import { haltsWrites, type Refusal, type RefusalCode, refusal } from './refusals.ts'
import { originOfLog, type Signing, signersOf, verifierKeysOf } from './signing.ts'
import { proveConsistency, TileMissing } from './tile-store.ts'
import { readTreeState, type Signed, type TreeState } from './tree-state.ts'

/** A checkpoint that is known to have been signed under the origin. */
export interface Claim {
  readonly by: 'database' | 'file' | 'witness'
  readonly name: string
  readonly size: number
  readonly root: Buffer
  /** What a witness gave. */
  readonly note?: string
}

/** Whether the stored checkpoint is not the one that was signed with these keys at this size, and is about to be replaced. */
export function isSpoilt({ size, note, vkeys, before }: Candidate): boolean {
  return before !== null && before.size === size && before.vkeys === vkeys && before.note !== note
}

/** A checkpoint that may be signed, and what it was checked against. If any of that changes, it must not be signed. */
interface Candidate {
  readonly bound: Bound
  readonly epoch: number
  /** The server and its timeline: another one can have the same epoch and another past. */
  readonly timeline: string | null
  readonly size: number
  readonly root: Buffer
  /** The text to sign. */
  readonly text: string
  /** The text with the signatures. */
  readonly note: string
  readonly vkeys: string
  readonly before: Signed | null
  /** What the home held; null if nothing. */
  readonly kept: string | null
}

export type Prepared =
  | { readonly outcome: 'ready'; readonly candidate: Candidate }
  /** The current tree is already signed. */
  | { readonly outcome: 'nothing' }
  /** More was signed than the tree has so far, and the log has that much: the tree will get there. */
  | { readonly outcome: 'waiting' }
  | { readonly outcome: 'refused'; readonly refusal: Refusal }

/** Checks whether the current tree can be signed, and makes the note. Nothing is written or published. @throws HomeAway */
export async function prepare(
  pool: Pool,
  signing: Signing,
  standing: TreeState,
  witnessed: readonly Claim[],
): Promise<Prepared> {
  const { logId, tree, signed, epoch, timeline } = standing
  const { own, kept } = await readKept(signing, logId, signed)
  const origin = originOfLog(signing, logId, kept.outcome === 'kept' ? kept.note : (signed?.note ?? null))
  const bound = { logId, origin, publicUrl: signing.publicUrl ?? null }
  const judged = await judge(pool, standing, { signing, kept, witnessed })
  const difference = await deploymentDifference(pool, bound)
  // What is known against the log itself is said first: it stops the recording, also of a copy.
  if (difference !== null && !(judged?.outcome === 'refused' && haltsWrites(judged.refusal)))
    return refuse('deployment-differs', { difference, origin })
  if (judged !== null) return judged
  const { size, root } = tree
  const text = formatCheckpoint({ origin, size, root })
  const vkeys = verifierKeysOf(signing, origin)
  // The same key signs the same text in the same way, so a stored note with another signature was not made by it.
  const note = signNote(text, signersOf(signing, origin))
  const isSigned = signed?.note === note && signed.vkeys === vkeys
  if (isSigned && own.outcome === 'kept') return { outcome: 'nothing' }
  const before = { before: signed, kept: own.outcome === 'kept' ? own.note : null }
  return { outcome: 'ready', candidate: { bound, epoch, timeline, size, root, text, note, vkeys, ...before } }
}

/**
 * Why nothing may be signed by what is kept; null if it is as it must be. The database was read before it.
 *
 * @param vouched whether a witness has said what was signed
 */
export function faultOfKept(
  kept: Kept,
  signed: { readonly size: number } | null,
  file: string,
  vouched: boolean,
): Refusal | null {
  if (kept.outcome === 'unreadable') return refusal('file-unreadable', { file })
  if (signed === null) return null
  // Without it there is only the database, which a restore resets; a witness's checkpoint is as good.
  if (kept.outcome === 'missing') return vouched ? null : refusal('file-missing', { file, signed: signed.size })
  const { size } = kept.checkpoint
  return size < signed.size ? refusal('file-behind', { file, signed: signed.size, size }) : null
}

interface Known {
  readonly signing: Signing
  readonly kept: Kept
  readonly witnessed: readonly Claim[]
}

/** Null if what is kept is as it must be, and the tree continues all that is known to have been signed. */
async function judge(pool: Pool, standing: TreeState, { signing, kept, witnessed }: Known): Promise<Prepared | null> {
  const { logId, signed } = standing
  const file = signing.home.nameOf(logId)
  const unfit = faultOfKept(kept, signed, file, witnessed.length > 0)
  if (unfit !== null) return { outcome: 'refused', refusal: unfit }
  const claims = [...witnessed]
  if (signed !== null) claims.push({ by: 'database', name: 'log_checkpoints', size: signed.size, root: signed.root })
  if (kept.outcome === 'kept') claims.push({ by: 'file', name: file, ...kept.checkpoint })
  return judgeClaims(pool, standing, claims)
}

async function judgeClaims(pool: Pool, standing: TreeState, claims: readonly Claim[]): Promise<Prepared | null> {
  const { tree, head } = standing
  const ahead = claims.filter(({ size }) => size > tree.size)
  const beyond = ahead.find(({ size }) => size > head)
  if (beyond !== undefined) return refuse(aheadCodes[beyond.by], circumstances(standing, beyond))
  if (ahead.length > 0) return { outcome: 'waiting' }
  for (const claim of claims) {
    if (!(await continues(pool, standing, claim))) return refuse(differsCodes[claim.by], circumstances(standing, claim))
  }
  return null
}

const aheadCodes: Record<Claim['by'], RefusalCode> = {
  database: 'log-cut',
  file: 'file-ahead',
  witness: 'witness-ahead',
}
const differsCodes: Record<Claim['by'], RefusalCode> = {
  database: 'checkpoint-differs',
  file: 'file-differs',
  witness: 'witness-differs',
}

function circumstances({ tree, head }: TreeState, { name, size }: Claim) {
  return { size: tree.size, head, signed: size, file: name, witness: name }
}

function refuse(...given: Parameters<typeof refusal>): Prepared {
  return { outcome: 'refused', refusal: refusal(...given) }
}

/**
 * Whether the tree begins with the signed one: a consistency proof made from its tiles must hold against both roots (RFC 9162, 2.1.4.2),
 * neither of which is taken from the tiles.
 */
async function continues(pool: Pool, { tree }: TreeState, { size: from, root: fromRoot }: Claim): Promise<boolean> {
  try {
    const proof = await proveConsistency(pool, from, tree.size)
    return verifyConsistency({ from, fromRoot, to: tree.size, toRoot: tree.root, proof })
  } catch (error) {
    if (error instanceof TileMissing) return false
    throw error
  }
}

type Published = 'published' | 'superseded'

/**
 * Publishes the candidate: first the home, then the database. `visible`: whether it is served at once, or only after witnesses were asked.
 *
 * `superseded`: another instance took over, or something that the candidate was checked against has changed; then nothing was written.
 *
 * @throws HomeAway and any error of the database. Then it may have been published or not, and the next check handles both.
 */
export function publish(pool: Pool, signing: Signing, candidate: Candidate, visible: boolean): Promise<Published> {
  return inTransaction(pool, (client) => publishHeld(client, signing, candidate, visible), {
    lasts: (result) => result === 'published',
  })
}

async function publishHeld(
  client: PoolClient,
  signing: Signing,
  candidate: Candidate,
  visible: boolean,
): Promise<Published> {
  // If this process hangs here for long, the server ends the transaction, and another instance can take over.
  await client.query("SET LOCAL lock_timeout = '5s'; SET LOCAL idle_in_transaction_session_timeout = '5s'")
  await client.query('SELECT FROM log_tree FOR UPDATE')
  const now = await readTreeState(client)
  const { logId } = candidate.bound
  if (!isAsJudged(now, candidate)) return 'superseded'
  // In this transaction, because another connection may lead to another server.
  if (!(await bindDeployment(client, candidate.bound))) return 'superseded'
  if (!(await signing.home.replace(logId, candidate.kept, candidate.note))) return 'superseded'
  const { size, root, note, vkeys, epoch, text, before } = candidate
  // Cosignatures are valid for a text, whichever key signs it for the log.
  if (before?.note.startsWith(text) === false) await client.query({ ...dropQuery, values: [logId, size] })
  await client.query({ ...insertQuery, values: [logId, size, root, note, vkeys, epoch, visible] })
  return 'published'
}

function isAsJudged(now: TreeState, { bound: { logId }, epoch, timeline, size, before }: Candidate): boolean {
  const same = now.timeline === timeline && now.signed?.size === before?.size && now.signed?.note === before?.note
  return now.epoch === epoch && now.logId === logId && now.tree.logId === logId && now.tree.size >= size && same
}

const dropQuery = {
  name: 'drop-log-cosignatures',
  text: 'DELETE FROM log_cosignatures WHERE log_id = $1 AND size = $2',
}

/** The same size is signed again only by another key, or under another name of the log, and always with the same root. */
const insertQuery = {
  name: 'insert-log-checkpoint',
  text: `WITH gone AS (DELETE FROM log_checkpoints WHERE log_id = $1 AND size < $2 AND $7)
    INSERT INTO log_checkpoints AS c (log_id, size, root, note, vkeys, epoch, published_at)
    VALUES ($1, $2, $3, $4, $5, $6, CASE WHEN $7 THEN clock_timestamp() END)
    ON CONFLICT (log_id, size) DO UPDATE SET note = excluded.note, vkeys = excluded.vkeys, epoch = excluded.epoch,
      signed_at = excluded.signed_at, published_at = coalesce(c.published_at, excluded.published_at)
    WHERE c.root = excluded.root`,
}

/** From now on serves this checkpoint instead of the earlier ones. */
export async function makeVisible(pool: Pool, logId: string, size: number): Promise<void> {
  await pool.query({
    name: 'publish-log-checkpoint',
    text: `WITH shown AS (
        UPDATE log_checkpoints SET published_at = clock_timestamp()
         WHERE log_id = $1 AND size = $2 AND published_at IS NULL RETURNING size
      )
      DELETE FROM log_checkpoints c USING shown WHERE c.log_id = $1 AND c.size < shown.size`,
    values: [logId, size],
  })
}
