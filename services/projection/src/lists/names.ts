/** The names of parties and the titles of proposals at a source. */
import { nameInForce } from '@commitments/domain'
import { inSlices } from '@commitments/http-kit'
import { sql } from 'kysely'
import { readProposals } from './list.ts'
import { readRenamings } from './renamings.ts'
import type { Source } from './source.ts'

type Name = Readonly<Record<string, string>>

/**
 * The name in force of each party, or else the name that a proposal gives; the result lacks parties without a name. @param told by party:
 * the id of that proposal
 */
export async function readPartyNames(
  source: Source,
  told: ReadonlyMap<string, string>,
  timeZone: string,
): Promise<ReadonlyMap<string, Name>> {
  const proposals = await readProposals(source, [...new Set(told.values())], timeZone)
  const renamings = await readRenamings(source)
  const names = new Map<string, Name>()
  await inSlices([...told], ([party, proposalId]) => {
    const recorded = proposals.get(proposalId)?.parties.find((one) => one.party === party)
    const name = nameInForce({ party, name: recorded?.name }, renamings)
    if (Object.keys(name).length > 0) names.set(party, name)
  })
  return names
}

/** Titles; the result lacks proposals that do not exist at the source. */
export async function readTitles(source: Source, proposalIds: readonly string[]): Promise<ReadonlyMap<string, Name>> {
  if (proposalIds.length === 0) return new Map()
  const { snapshot, table, there, title } = source
  const { rows } = await sql<{ id: string; title: Name }>`SELECT p.proposal_id AS id, ${title} AS title
    FROM ${table} WHERE ${there} AND p.proposal_id = ANY(${proposalIds}::text[])`.execute(snapshot.db)
  return new Map(rows.map(({ id, title }) => [id, title]))
}
