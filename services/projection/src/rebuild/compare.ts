/** Whether two generations of a projection say the same. */
import type { Projection } from '../projector/projection.ts'
import type { Queryable } from '../read-model/generations.ts'

export interface Comparison {
  /** Proposals that the two show differently. */
  readonly differing: string[]
  /** Proposals that changed after the last position that both have applied: they were not compared. */
  readonly later: string[]
}

/**
 * Compares two generations row by row, in one snapshot, at the last position that both have applied. What changed after
 * it in either of them is named, to be compared when both stand at the same position.
 */
export async function compareGenerations(
  client: Queryable,
  { comparison }: Projection,
  a: number,
  b: number,
): Promise<Comparison> {
  const { rows } = await client.query(comparison(''), [a, b])
  return sorted(rows)
}

/** The same for some proposals only. */
export async function compareProposals(
  client: Queryable,
  { comparison }: Projection,
  [a, b]: readonly [number, number],
  proposalIds: readonly string[],
): Promise<Comparison> {
  if (proposalIds.length === 0) return { differing: [], later: [] }
  const { rows } = await client.query(comparison('AND proposal_id = ANY($3)'), [a, b, proposalIds])
  return sorted(rows)
}

function sorted(rows: { proposalId: string; later: boolean }[]): Comparison {
  const of = (later: boolean) => rows.filter((row) => row.later === later).map((row) => row.proposalId)
  return { differing: of(false), later: of(true) }
}
