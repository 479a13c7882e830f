/** The states that a projector keeps in memory, and where it gets the others from. */
import type { Proposal } from '@commitments/domain'
import { LRUCache } from 'lru-cache'
import type { Queryable } from '../projections/generations.ts'
import { TooMuchAtOnce } from '../projections/projection.ts'
import type { Held } from './apply.ts'

/**
 * States by proposal. They are right only as long as nobody else writes to the generation; the compare-and-set of the
 * checkpoint tells, and whoever loses it forgets them all.
 */
export type States = LRUCache<string, Held>

/** What a row was just made of, and roughly what that takes in memory. */
export interface Fresh {
  readonly held: Held
  readonly bytes: number
}

/** Bytes that a folded state takes beside its JSON, for a guess. */
const stateBytes = 1_000

export function createStates(bytes: number): States {
  return new LRUCache({ maxSize: bytes })
}

/**
 * `jsonLength`: of the state as JSON, which the writer has at hand; in memory an object takes about three times as
 * much.
 */
export function weigh(held: Held, jsonLength: number): Fresh {
  return { held, bytes: jsonLength * 3 + stateBytes }
}

export function remember(states: States, { held, bytes }: Fresh): void {
  states.set(held.proposalId, held, { size: bytes })
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
    const held = states.get(proposalId)
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

interface HeldRow extends Omit<Held, 'state'> {
  readonly fits: boolean
  readonly state: string | null
}

async function readHeld(client: Queryable, generation: number, proposalIds: readonly string[]): Promise<Held[]> {
  const { rows } = await client.query<HeldRow>({ ...heldQuery, values: [generation, proposalIds] })
  if (rows[0]?.fits === false) throw new TooMuchAtOnce()
  return rows.map(({ fits: _fits, state, ...held }) => ({
    ...held,
    state: state === null ? null : (JSON.parse(state) as Proposal),
  }))
}
