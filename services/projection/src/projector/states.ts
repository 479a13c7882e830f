/** The states that a projector keeps in memory, and where it gets the others from. */
import type { Proposal } from '@commitments/domain'
import { LRUCache } from 'lru-cache'
import type { Queryable } from '../read-model/generations.ts'
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

const heldColumns = `proposal_id AS "proposalId", state, version, position, parked,
  to_char(updated_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS "updatedAt"`

async function readHeld(client: Queryable, generation: number, proposalIds: string[]): Promise<Held[]> {
  const { rows } = await client.query({
    name: 'read-held',
    text: `SELECT ${heldColumns} FROM proposal_status WHERE generation = $1 AND proposal_id = ANY($2)`,
    values: [generation, proposalIds],
  })
  return rows.map((row) => ({ ...row, state: row.state === null ? null : (JSON.parse(row.state) as Proposal) }))
}
