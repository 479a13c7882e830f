/** The states that a projector keeps in memory, and where it reads the others from. */

import type { Proposal } from '@commitments/domain'
import { type Queryable } from '@commitments/event-store'
import { LRUCache } from 'lru-cache'
import { TooMuchAtOnce } from '../projections/projection.ts'
import type { Held } from './apply.ts'

/** What was last written about a proposal. */
interface Kept {
  readonly held: Held
  /** Rough size in memory. */
  readonly bytes: number
  /** Whether other proposals are linked to it, or once were. Then its status shows more than this state. */
  isLinked: boolean
}

/**
 * States by proposal. They are right only as long as nobody else writes to the generation. The compare-and-set of the checkpoint shows
 * whether that is so, and a projector that loses it drops all of them.
 */
export interface States {
  /** The position of the projector's last write: no kept state is newer, and none is older than its last change up to there. */
  position: number
  readonly byProposal: LRUCache<string, Kept>
}

/** Estimated bytes of a folded state in addition to its JSON. */
const stateBytes = 1_000

export function createStates(bytes: number): States {
  return { position: -1, byProposal: new LRUCache({ maxSize: bytes }) }
}

interface JustWritten {
  readonly held: Held
  /** Length of the state as JSON, which the writer knows; in memory an object takes about three times as much. */
  readonly jsonLength: number
  readonly isLinked: boolean
}

/**
 * Keeps what was written by a batch that ends at `position`.
 *
 * @param linked the proposals that these are linked to
 */
export function remember(
  states: States,
  position: number,
  written: readonly JustWritten[],
  linked: readonly string[],
): void {
  states.position = position
  for (const { held, jsonLength, isLinked } of written) {
    const bytes = jsonLength * 3 + stateBytes
    states.byProposal.set(held.proposalId, { held, bytes, isLinked }, { size: bytes })
  }
  for (const proposalId of linked) {
    const other = states.byProposal.peek(proposalId)
    if (other) other.isLinked = true
  }
}

/**
 * The state of a proposal at `position`, if its status shows nothing else because nothing is linked to it. Undefined if that is not known
 * here, or if it takes more than `longest` bytes.
 */
export function heldAt(states: States | null, position: number, proposalId: string, longest: number): Held | undefined {
  if (states?.position !== position) return undefined
  const kept = states.byProposal.get(proposalId)
  return kept && !kept.isLinked && kept.bytes <= longest ? kept.held : undefined
}

/**
 * The state of each of these proposals: from memory, the rest by one query. Proposals without a state are absent.
 *
 * @throws TooMuchAtOnce if the states of several proposals would take more memory than a batch may
 */
export async function loadStates(
  client: Queryable,
  states: States,
  generation: number,
  proposalIds: Iterable<string>,
): Promise<Map<string, Held>> {
  const found = new Map<string, Held>()
  const missing: string[] = []
  for (const proposalId of proposalIds) {
    const held = states.byProposal.get(proposalId)?.held
    if (held === undefined) missing.push(proposalId)
    else found.set(proposalId, held)
  }
  if (missing.length === 0) return found
  for (const held of await readHeld(client, generation, missing)) found.set(held.proposalId, held)
  return found
}

/** The most bytes of states that are loaded for one batch, unless it is for one proposal. */
const loadedAtOnce = 16 * 1024 * 1024

/** If the states together are too large, only their lengths are read. */
const heldQuery = {
  name: 'read-held',
  text: `SELECT proposal_id AS "proposalId", version, position, parked, fits, CASE WHEN fits THEN state END AS state,
      to_char(updated_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS "updatedAt"
    FROM (SELECT *, count(*) OVER () = 1 OR coalesce(sum(octet_length(state)) OVER (), 0) <= ${loadedAtOnce} AS fits
            FROM proposal_status WHERE generation = $1 AND proposal_id = ANY($2)) s`,
}

type HeldRow = Omit<Held, 'state'> & { readonly fits: boolean; readonly state: string | null }

async function readHeld(client: Queryable, generation: number, proposalIds: readonly string[]): Promise<Held[]> {
  const { rows } = await client.query<HeldRow>({ ...heldQuery, values: [generation, proposalIds] })
  if (rows[0]?.fits === false) throw new TooMuchAtOnce()
  return rows.map(({ fits: _fits, state, ...held }) => ({
    ...held,
    state: state === null ? null : (JSON.parse(state) as Proposal),
  }))
}
