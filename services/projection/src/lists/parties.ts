/** The parties of all proposals of the ledger: now, or at a point in time. */
import { isFound, nameInForce, type Role, searchOf, searchWords } from '@commitments/domain'
import { sql } from 'kysely'
import { type KnownRenaming, readRenamings, withFacetsOf } from './renamings.ts'
import type { Source } from './source.ts'

interface KnownParty {
  readonly party: string
  /** The names in force. If several names were recorded and none is a renaming, the name that most proposals give. */
  readonly names: Readonly<Record<string, string>>
  readonly countries: readonly string[]
  /** By role: the number of proposals in which it has that role. */
  readonly roles: Readonly<Partial<Record<Role, number>>>
  /** The number of proposals in which it takes part. */
  readonly total: number
  readonly renamings: readonly Omit<KnownRenaming, 'party' | 'position'>[]
}

interface PartyQuestion {
  readonly q?: string | undefined
  readonly country?: readonly string[] | undefined
  readonly role?: readonly Role[] | undefined
}

/** The number of proposals that say this about a party. */
interface Said {
  readonly party: string
  readonly what: 'total' | 'country' | 'role' | 'name'
  readonly key: string
  readonly text: string
  readonly count: number
}

/** All matching parties, by id. Proposals recorded by mistake have no parties. */
export async function readParties(source: Source, question: PartyQuestion): Promise<KnownParty[]> {
  const renamings = await readRenamings(source)
  const byParty = Map.groupBy(await readSaid(source), ({ party }) => party)
  const matches = matching(question)
  return [...byParty]
    .filter(([party, said]) => matches(party, said, renamings))
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([party, said]) => partyOf(party, said, renamings))
}

async function readSaid(source: Source): Promise<readonly Said[]> {
  const parties = source.at === null ? sql`x.parties` : sql`f.parties`
  const { rows } = await sql<Said>`
    WITH members AS (
      SELECT m.party ->> 'party' AS party, m.party AS member
        FROM ${withFacetsOf(source)} CROSS JOIN LATERAL jsonb_array_elements(${parties}) AS m(party)
       WHERE ${source.there} AND p.ending IS DISTINCT FROM 'void'
    ), said AS (
      SELECT party, 'total' AS what, '' AS key, '' AS text FROM members
      UNION ALL SELECT party, 'country', member ->> 'country', '' FROM members WHERE member ? 'country'
      UNION ALL SELECT party, 'role', role, '' FROM members CROSS JOIN LATERAL jsonb_array_elements_text(member -> 'roles') AS r(role)
      UNION ALL SELECT party, 'name', n.key, n.value
        FROM members CROSS JOIN LATERAL jsonb_each_text(coalesce(member -> 'name', '{}')) AS n
    )
    SELECT party, what, key, text, count(*)::int AS count FROM said GROUP BY party, what, key, text`.execute(
    source.snapshot.db,
  )
  return rows
}

function matching({ q, country, role }: PartyQuestion) {
  const words = q === undefined ? [] : searchWords(q)
  return (party: string, said: readonly Said[], renamings: readonly KnownRenaming[]): boolean =>
    isAmong(country, said, 'country') &&
    isAmong(role, said, 'role') &&
    (words.length === 0 || isFound(searchedOf(party, said, renamings), words))
}

function isAmong(wanted: readonly string[] | undefined, said: readonly Said[], what: Said['what']): boolean {
  return wanted === undefined || said.some((one) => one.what === what && wanted.includes(one.key))
}

/** Finds a party by any name that it has or had. */
function searchedOf(party: string, said: readonly Said[], renamings: readonly KnownRenaming[]): string {
  const recorded = said.filter(({ what }) => what === 'name').map(({ text }) => text)
  const given = renamings.filter((one) => one.party === party).flatMap(({ name }) => Object.values(name))
  return searchOf({
    proposalId: party,
    title: Object.fromEntries([...recorded, ...given].entries()),
    summary: null,
    parties: [],
    fields: [],
  })
}

function partyOf(party: string, said: readonly Said[], all: readonly KnownRenaming[]): KnownParty {
  const of = (what: Said['what']) => said.filter((one) => one.what === what).toSorted(byKey)
  const renamings = all.filter((one) => one.party === party)
  return {
    party,
    names: nameInForce({ party, name: mostFrequent(of('name')) }, renamings),
    countries: of('country').map(({ key }) => key),
    roles: Object.fromEntries(of('role').map(({ key, count }) => [key, count])),
    total: of('total')[0]?.count ?? 0,
    renamings: renamings.map(({ name, countsFrom, proposalId, version }) => ({
      name,
      countsFrom,
      proposalId,
      version,
    })),
  }
}

/** By language, then the most frequent first. */
function byKey(a: Said, b: Said): number {
  if (a.key !== b.key) return a.key < b.key ? -1 : 1
  return b.count - a.count || (a.text < b.text ? -1 : 1)
}

function mostFrequent(names: readonly Said[]): Record<string, string> {
  const found: Record<string, string> = {}
  for (const { key, text } of names) found[key] ??= text
  return found
}
