/** A publication, page by page, in the order of proposals. */
import type { Kind } from '@commitments/domain'
import { inSlices } from '@commitments/http-kit'
import { activityOf, type Failure, failuresOf, type Relatives } from '@commitments/iati'
import { sql } from 'kysely'
import type { PastSource } from '../lists/source.ts'
import { type CourseAt, readCourses, type Sized } from './read-courses.ts'
import { type Reading, readRelatives } from './relatives.ts'

type Draft = ReturnType<typeof activityOf>['draft']

/** A proposal: as an activity, or with the rules that it fails. */
export interface Entry {
  readonly proposalId: string
  readonly isParked: boolean
  readonly failures: readonly Failure[]
  /** Null if it is not published. */
  readonly activity: { readonly xml: string; readonly draft: Draft } | null
}

export interface IatiPage {
  readonly entries: readonly Entry[]
  /** The last proposal of the page; null if nothing follows. */
  readonly next: string | null
}

/** Which proposals a page is of. */
export interface Which {
  /** The last proposal of the page before; empty for the first page. */
  readonly after: string
  /** One of so many files; null: all. */
  readonly file: { readonly number: number; readonly of: number } | null
  /** Only these kinds, and nothing that was recorded by mistake; null: all. */
  readonly kinds: readonly Kind[] | null
}

const proposalsOfPage = 500
/** Characters of XML: a page ends early once it has so many. */
const charactersOfPage = 4 * 1024 * 1024

export async function readIatiPage(reading: Reading, which: Which): Promise<IatiPage> {
  const proposals = await readIds(reading.source, which)
  const entries: Entry[] = []
  let length = 0
  for await (const courses of readCourses(reading.source, proposals, reading.renamings, reading.timeZone)) {
    for (const entry of await entriesOf(reading, courses)) {
      entries.push(entry)
      length += entry.activity?.xml.length ?? 0
    }
    const last = courses.at(-1)
    if (length > charactersOfPage && last !== undefined) return { entries, next: last.proposalId }
  }
  const whole = proposals.length < proposalsOfPage
  return { entries, next: whole ? null : (proposals.at(-1)?.id ?? null) }
}

/** Judges these proposals, and writes those that can be published. */
export async function entriesOf(reading: Reading, courses: readonly CourseAt[]): Promise<Entry[]> {
  const { publication, known } = reading
  const judged = courses.map((one) => ({ ...one, failures: failuresOf(one.course, publication) }))
  for (const { proposalId, failures } of judged) known.published.set(proposalId, failures.length === 0)
  const published = judged.filter(({ failures }) => failures.length === 0)
  const relatives: ReadonlyMap<string, Relatives> =
    published.length === 0
      ? new Map<string, Relatives>()
      : await readRelatives(
          reading,
          published.map(({ course }) => course),
        )
  return inSlices(judged, ({ proposalId, course, isParked, failures }) => {
    const own = relatives.get(proposalId)
    return { proposalId, isParked, failures, activity: own === undefined ? null : activityOf(course, publication, own) }
  })
}

/** The same partition as `fileOf` in packages/iati. */
function ofFile({ number, of }: NonNullable<Which['file']>) {
  return sql`AND ('x' || left(encode(sha256(convert_to(p.proposal_id, 'UTF8')), 'hex'), 12))::bit(48)::bigint % ${of} = ${number - 1}`
}

async function readIds({ snapshot, at, table, there }: PastSource, { after, file, kinds }: Which): Promise<Sized[]> {
  const { rows } = await sql<Sized>`
    SELECT p.proposal_id AS id, coalesce((SELECT version FROM events e
        WHERE e.proposal_id = p.proposal_id AND e.position <= ${at.known}::bigint ORDER BY version DESC LIMIT 1), 0)::int AS version
      FROM ${table} WHERE ${there} AND p.proposal_id > ${after} ${file === null ? sql`` : ofFile(file)}
       ${kinds === null ? sql`` : sql`AND p.kind = ANY(${kinds}::text[]) AND p.ending IS DISTINCT FROM 'void'`}
     ORDER BY p.proposal_id LIMIT ${proposalsOfPage}`.execute(snapshot.db)
  return rows
}
