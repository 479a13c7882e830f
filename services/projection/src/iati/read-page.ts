/** A publication, page by page, in the order of proposals. */
import type { Kind, Sliced } from '@commitments/domain'
import { breathe, inTurns } from '@commitments/http-kit'
import { type Activity, type Failure, type Relatives, writeActivity } from '@commitments/iati'
import { sql } from 'kysely'
import type { PastSource } from '../lists/source.ts'
import { type Judged, judgeCourses } from './judge-courses.ts'
import { type CourseAt, readCourses, type Sized } from './read-courses.ts'
import { type Reading, readRelatives, Unfinished } from './relatives.ts'

/** A proposal: as an activity, or with the rules that it fails. */
export interface Entry {
  readonly proposalId: string
  readonly isParked: boolean
  readonly failures: readonly Failure[]
  /** Null if it is not published. */
  readonly activity: Activity | null
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

/** @throws Unfinished if not even the first few of the page could be read */
export async function readIatiPage(reading: Reading, which: Which): Promise<IatiPage> {
  const proposals = await readIds(reading.source, which)
  const entries: Entry[] = []
  let length = 0
  for await (const courses of readCourses(reading.source, proposals, reading.renamings, reading.timeZone)) {
    const more = await entriesOf(reading, courses).catch((error: unknown) => {
      if (error instanceof Unfinished && entries.length > 0) return null
      throw error
    })
    if (more === null) return { entries, next: entries.at(-1)?.proposalId ?? null }
    for (const entry of more) {
      entries.push(entry)
      length += entry.activity?.xml.length ?? 0
    }
    const last = entries.at(-1)
    const isFull = length > charactersOfPage || performance.now() > reading.until
    if (isFull && last !== undefined) return { entries, next: last.proposalId }
  }
  return { entries, next: nextOf(proposals) }
}

function nextOf(proposals: readonly Sized[]): string | null {
  return proposals.length < proposalsOfPage ? null : (proposals.at(-1)?.id ?? null)
}

/** Whether these proposals have one that can be published, as far as a page of them says: nothing is written. */
export async function findActivity(
  reading: Reading,
  which: Which,
): Promise<{ readonly found: boolean } & Pick<IatiPage, 'next'>> {
  const proposals = await readIds(reading.source, which)
  for await (const courses of readCourses(reading.source, proposals, reading.renamings, reading.timeZone)) {
    const judged = await judgeCourses(reading, courses)
    if (judged.some(({ failures }) => failures.length === 0)) return { found: true, next: null }
    const last = judged.at(-1)
    if (last !== undefined && performance.now() > reading.until) return { found: false, next: last.proposalId }
  }
  return { found: false, next: nextOf(proposals) }
}

/** Judges these proposals, and writes those that can be published. @throws Unfinished */
export async function entriesOf(reading: Reading, courses: readonly CourseAt[]): Promise<Entry[]> {
  const judged = await judgeCourses(reading, courses)
  const published = judged.filter(({ failures }) => failures.length === 0)
  const relatives: ReadonlyMap<string, Relatives> =
    published.length === 0
      ? new Map<string, Relatives>()
      : await readRelatives(
          reading,
          published.map(({ course }) => course),
        )
  reading.known.underWay.clear()
  await breathe()
  return inTurns(writeEach(judged, relatives, reading.publication))
}

function* writeEach(
  judged: readonly Judged[],
  relatives: ReadonlyMap<string, Relatives>,
  publication: Reading['publication'],
): Sliced<Entry[]> {
  const entries: Entry[] = []
  for (const { proposalId, course, isParked, failures } of judged) {
    const own = relatives.get(proposalId)
    const activity = own === undefined ? null : yield* writeActivity(course, publication, own)
    entries.push({ proposalId, isParked, failures, activity })
    yield
  }
  return entries
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
