/** The states that a projector keeps in memory, and where it gets the others from. */

import type { Proposal } from '@commitments/domain'
import { type Queryable } from '@commitments/event-store'
import { LRUCache } from 'lru-cache'
import { TooMuchAtOnce } from '../projections/projection.ts'
import type { Held } from './apply.ts'

/** What was last written of a proposal. */
interface Kept {
  readonly held: Held
  /** Roughly what it takes in memory. */
  readonly bytes: number
  /** Whether others are linked to it, or once were: then its status shows more than is held of it. */
  isLinked: boolean
}

/**
 * States by proposal. They are right only as long as nobody else writes to the generation; the compare-and-set of the
 * checkpoint tells, and whoever loses it forgets them all.
 */
export interface States {
  /** Where the projector stood when it last wrote: nothing that is kept is newer, and nothing that changed up to there is older. */
  position: number
  readonly byProposal: LRUCache<string, Kept>
}

/** Bytes that a folded state takes beside its JSON, for a guess. */
const stateBytes = 1_000

export function createStates(bytes: number): States {
  return { position: -1, byProposal: new LRUCache({ maxSize: bytes }) }
}

interface JustWritten {
  readonly held: Held
  /** Of the state as JSON, which the writer has at hand; in memory an object takes about three times as much. */
  readonly jsonLength: number
  readonly isLinked: boolean
}

/**
 * Keeps what was written by a batch that ends at `position`.
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
 * What is held of a proposal as it is at `position`, where its status shows nothing else: nobody is linked to it. Undefined where that is
 * not known here, or takes more than `longest` bytes.
 */
export function heldAt(states: States | null, position: number, proposalId: string, longest: number): Held | undefined {
  if (states?.position !== position) return undefined
  const kept = states.byProposal.get(proposalId)
  return kept && !kept.isLinked && kept.bytes <= longest ? kept.held : undefined
}

/**
 * What is held of each of these proposals: from memory, the rest by one query. Those that nothing is held of are
 * absent.
 * @throws TooMuchAtOnce where the states of several would take more memory than a batch may
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

/** Bytes of states that are loaded for one batch, unless it is of one proposal. */
const loadedAtOnce = 16 * 1024 * 1024

/** Of states that are too much together, only the lengths are looked at. */
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
