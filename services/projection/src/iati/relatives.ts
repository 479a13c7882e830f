/** What other proposals mean for an activity: its relations to activities that are published as well, its depth, and the money of its parts. */
import type { Relation, Renaming } from '@commitments/domain'
import { type Course, type Publication, type Relatives, relationCodes } from '@commitments/iati'
import { sql } from 'kysely'
import { LRUCache } from 'lru-cache'
import { readRelated } from '../lists/read-related.ts'
import { relatedIn } from '../lists/related.ts'
import type { PastSource } from '../lists/source.ts'
import { facetsTable } from '../past/dense.ts'
import { judgeCourses } from './judge-courses.ts'
import { readCourses, type Sized } from './read-courses.ts'

/** Entries of each: most relatives of a proposal are near, and one that was forgotten is read again. */
const knownAtMost = 10_000

/** What is known of other proposals while a publication is read: bounded, because there may be a million. Both together take some 270 bytes for a proposal. */
export interface KnownOthers {
  /** Whether a proposal is published. */
  readonly published: LRUCache<string, boolean>
  readonly parents: LRUCache<string, readonly string[]>
  /** Whether the relatives of what is being written are published. None is forgotten before, so that each read gets further. */
  readonly underWay: Map<string, boolean>
}

export function createKnownOthers(): KnownOthers {
  return {
    published: new LRUCache({ max: knownAtMost }),
    parents: new LRUCache({ max: knownAtMost }),
    underWay: new Map(),
  }
}

/** How a publication is read. */
export interface Reading {
  readonly source: PastSource
  readonly publication: Publication
  readonly renamings: readonly Renaming[]
  readonly timeZone: string
  readonly known: KnownOthers
  /** When it has to end, on the clock of `performance`. */
  readonly until: number
}

/** A read has ended before it had everything. What it has found out is kept: the same read gets further the next time. */
export class Unfinished extends Error {}

const expressible = (Object.keys(relationCodes) as Relation[]).filter((relation) => relationCodes[relation] !== null)

/** The relatives of these proposals, by proposal. */
export async function readRelatives(
  reading: Reading,
  courses: readonly Course[],
): Promise<ReadonlyMap<string, Relatives>> {
  const incoming = await readIncoming(reading.source, courses)
  const own = courses.flatMap(({ proposal }) =>
    proposal.links.flatMap(({ relation, other }) =>
      relationCodes[relation] === null ? [] : [{ of: proposal.proposalId, relation, by: other, isOwn: true }],
    ),
  )
  const all = [...own, ...incoming]
  const published = await judgeOthers(reading, [...new Set(all.map(({ by }) => by))])
  const beside = await readBeside(reading.source, incoming)
  const depths = await readDepths(reading, courses)
  const byProposal = Map.groupBy(all, ({ of }) => of)
  return new Map(
    courses.map(({ proposal: { proposalId } }) => {
      const related = (byProposal.get(proposalId) ?? []).flatMap(({ by, relation, isOwn }) => {
        const type = isOwn ? relationCodes[relation] : relation === 'child' ? '2' : relationCodes[relation]
        return type !== null && published.get(by) === true ? [{ type, proposalId: by }] : []
      })
      const below = beside.get(proposalId) ?? { pledged: false, committed: false }
      return [proposalId, { hierarchy: depths.get(proposalId) ?? 1, related: distinct(related), below }]
    }),
  )
}

type Related = Relatives['related'][number]

/** Each once, in an order that depends on nothing else. */
function distinct(related: readonly Related[]): Related[] {
  const byKey = new Map(related.map((one) => [`${one.type} ${one.proposalId}`, one]))
  return [...byKey].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, one]) => one)
}

interface Incoming {
  /** The proposal that is asked about. */
  readonly of: string
  readonly relation: Relation
  /** The proposal that says so: it is the `relation` of the other. */
  readonly by: string
  readonly isOwn: boolean
}

async function readIncoming(source: PastSource, courses: readonly Course[]): Promise<Incoming[]> {
  const { snapshot, at, table, there } = source
  const ids = courses.map(({ proposal }) => proposal.proposalId)
  const { rows } = await sql<Incoming>`
    WITH wanted AS (SELECT id, relation, 'link:' || relation || ':' || id AS label
      FROM unnest(${ids}::text[]) AS id, unnest(${expressible}::text[]) AS relation)
    SELECT wanted.id AS of, wanted.relation, m.proposal_id AS by, false AS "isOwn"
      FROM ${facetsTable(at, snapshot)} f CROSS JOIN LATERAL unnest(f.labels) AS l(label)
      JOIN wanted ON wanted.label = l.label
      CROSS JOIN LATERAL (SELECT p.proposal_id, p.ending FROM ${table}
        WHERE ${there} AND p.proposal_id = f.proposal_id AND p.facets = f.facets OFFSET 0) m
     WHERE f.generation = ${sql.lit(snapshot.generation)} AND f.labels && (SELECT array_agg(label) FROM wanted)
       AND m.ending IS DISTINCT FROM 'void'`.execute(snapshot.db)
  return rows
}

/** Proposals that are judged before the time is looked at. */
const judgedAtOnce = 50

/**
 * Whether these are published; what is not there at the moment is not. A programme can have more parts than can be read in one go.
 *
 * @throws Unfinished
 */
async function judgeOthers(reading: Reading, ids: readonly string[]): Promise<ReadonlyMap<string, boolean>> {
  const { source, renamings, timeZone, known, until } = reading
  const { published, underWay } = known
  for (const id of ids) if (!underWay.has(id) && published.has(id)) underWay.set(id, published.get(id) === true)
  const unknown = ids.filter((id) => !underWay.has(id))
  for (let start = 0; start < unknown.length; start += judgedAtOnce) {
    if (start > 0 && performance.now() > until) throw new Unfinished()
    const some = unknown.slice(start, start + judgedAtOnce)
    for await (const courses of readCourses(source, await readVersions(source, some), renamings, timeZone)) {
      for (const { proposalId, failures } of await judgeCourses(reading, courses))
        underWay.set(proposalId, failures.length === 0)
    }
    for (const id of some) if (!underWay.has(id)) underWay.set(id, false)
  }
  return underWay
}

/** About how many events each of these has. */
export async function readVersions({ snapshot, at }: PastSource, ids: readonly string[]): Promise<Sized[]> {
  const { rows } = await sql<Sized>`
    SELECT id, coalesce((SELECT version FROM events WHERE proposal_id = id AND position <= ${at.known}::bigint
      ORDER BY version DESC LIMIT 1), 0)::int AS version FROM unnest(${ids}::text[]) AS id`.execute(snapshot.db)
  return rows
}

/** Which figures their parts carry (docs/decisions/0022-portfolio-of-a-view.md): only of those that have parts. */
async function readBeside(source: PastSource, incoming: readonly Incoming[]) {
  const parents = new Set(incoming.flatMap(({ of, relation }) => (relation === 'child' ? of : [])))
  const related = parents.size === 0 ? new Map() : await readRelated(source, [...parents])
  return new Map(
    [...parents].map((id) => {
      const figures: readonly string[] = relatedIn(related, id).programme?.ownMoneyBeside ?? []
      return [id, { pledged: figures.includes('pledged'), committed: figures.includes('committed') }] as const
    }),
  )
}

/** No tree is deeper; a circle of parents is refused when it is recorded. */
const deepest = 100

/** The depth of each in its tree of parents, from 1. */
async function readDepths(reading: Reading, courses: readonly Course[]): Promise<ReadonlyMap<string, number>> {
  const { parents } = reading.known
  for (const { proposal } of courses)
    parents.set(
      proposal.proposalId,
      proposal.links.flatMap(({ relation, other }) => (relation === 'child' ? other : [])),
    )
  const chains = new Map(courses.map(({ proposal }) => [proposal.proposalId, [proposal.proposalId]]))
  for (let depth = 0; depth < deepest; depth += 1) {
    const ends = [...chains.values()].map((chain) => chain.at(-1) ?? '')
    await readParents(reading, [...new Set(ends)])
    let grew = false
    for (const chain of chains.values()) {
      const [parent] = parents.get(chain.at(-1) ?? '') ?? []
      if (parent === undefined || chain.includes(parent)) continue
      chain.push(parent)
      grew = true
    }
    if (!grew) break
  }
  return new Map([...chains].map(([id, chain]) => [id, chain.length]))
}

async function readParents({ source, known }: Reading, ids: readonly string[]): Promise<void> {
  const unknown = ids.filter((id) => !known.parents.has(id))
  if (unknown.length === 0) return
  const { snapshot, table, there, parents } = source
  const { rows } = await sql<{ id: string; parents: string[] }>`
    SELECT p.proposal_id AS id, ${parents} AS parents FROM ${table}
     WHERE ${there} AND p.proposal_id = ANY(${unknown}::text[])`.execute(snapshot.db)
  for (const id of unknown) known.parents.set(id, [])
  for (const row of rows) known.parents.set(row.id, row.parents)
}
