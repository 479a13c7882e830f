/** The moment of a publication: shared by the routes of IATI. */
import { holdsIfNoneMatch, invalid, problem, readIfNoneMatch } from '@commitments/http-kit'
import type { FastifyRequest } from 'fastify'
import { sql } from 'kysely'
import { type Iati, type IatiMoment, lastModified, limitOf, publicationOf } from '../iati/iati.ts'
import { type KnownOthers, type Reading, Unfinished } from '../iati/relatives.ts'
import { readRenamings } from '../lists/renamings.ts'
import { pastSource } from '../lists/source.ts'
import type { Snapshot } from '../projections/snapshot.ts'
import type { Service } from '../service.ts'
import { completed, type PointQuery, pointOf, readPast, storing } from './as-of.ts'
import { inSnapshotOf } from './at-least.ts'
import { tagOf } from './reading.ts'

export const xmlType = 'application/xml; charset=utf-8'

/** @throws the problem `not-configured` if this ledger is not published */
export function configuredIati({ iati }: Service): Iati {
  if (iati !== null) return iati
  const detail =
    'This ledger is not published to IATI. Its operator can change that: IATI_FILE names a file with the reporting organisation (docs/iati.md).'
  throw problem('not-configured', detail)
}

/** A moment, and how an answer about it may be cached. */
export interface AskedMoment extends Pick<Last, 'lastId'> {
  readonly iati: Iati
  readonly moment: IatiMoment
  /** What the answer says that it has seen. */
  readonly seen: { readonly logId: string; readonly position: number }
  readonly generation: number
  readonly headers: Record<string, string>
}

/** The moment that is asked for; now, if none is. */
export function readMoment(service: Service, query: PointQuery): Promise<AskedMoment> {
  const iati = configuredIati(service)
  return readPast(service, query, async (snapshot) => {
    const { at, settled } = await pointOf(service, snapshot, query)
    const { recordedAt, lastId } = await readLast(snapshot, at.known)
    const { logId, position, generation } = snapshot
    const moment = { logId, at, recordedAt, limit: limitOf(iati, recordedAt, at.asOf) }
    const headers = { ...storing(settled), 'last-modified': lastModified(moment) }
    return { iati, moment, lastId, seen: { logId, position }, generation, headers }
  })
}

interface Last {
  readonly recordedAt: string | null
  /** The id of the last event that is shown; null: none is. */
  readonly lastId: string | null
}

async function readLast({ db }: Snapshot, position: number): Promise<Last> {
  const { rows } = await sql<Last>`
    SELECT event_id AS "lastId", to_char(recorded_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS "recordedAt"
      FROM events WHERE position = ${position}::bigint`.execute(db)
  return rows[0] ?? { recordedAt: null, lastId: null }
}

/** The same moment has the same tag, whenever it is asked for: everything that decides the bytes. */
export function tagOfMoment(
  { rules, cloudEvents }: Service,
  { iati, moment, lastId, generation }: AskedMoment,
  what: unknown,
): string {
  const { logId, at, limit } = moment
  const decides = [what, at.known, lastId, at.asOf, limit, generation, rules, iati.fingerprint, cloudEvents.publicUrl]
  return tagOf(logId, JSON.stringify(decides))
}

/** Whether a body has to be made: not for HEAD, and not if the caller has the answer already. */
export function needsBody(raw: FastifyRequest, etag: string): boolean {
  return raw.method !== 'HEAD' && holdsIfNoneMatch(readIfNoneMatch(raw.headers['if-none-match']), etag)
}

/** Does a read of the publication again until it has everything: each time in a snapshot of its own, of the same moment. */
export async function untilFinished<T>(read: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await read()
    } catch (error) {
      if (!(error instanceof Unfinished)) throw error
    }
  }
}

/** Runs a read of the publication in a snapshot of its own. @throws Unfinished, for {@link untilFinished} */
export function readingAt<T>(
  service: Service,
  { iati, moment }: AskedMoment,
  known: KnownOthers,
  read: (reading: Reading) => Promise<T>,
): Promise<T> {
  const publication = publicationOf(iati, moment, service.cloudEvents.publicUrl)
  return inSnapshotOf(
    service,
    moment.at.known,
    async (snapshot) => {
      const source = pastSource(snapshot, await completed(service, snapshot, moment.at))
      const renamings = await readRenamings(source)
      const until = performance.now() + iati.pageTime
      return read({ source, publication, renamings, timeZone: service.timeZone, known, until })
    },
    'proposal-moments',
  )
}

/** The file that is asked for. @throws the problem `invalid` if there are several and none of them is named */
export function fileAsked({ settings: { files } }: Iati, file: number | undefined): number {
  const accepted =
    files === 1
      ? 'must be 1, or absent: there is one file'
      : `must be a number from 1 to ${files}: there are ${files} files`
  if (file === undefined && files > 1) throw invalid([{ path: 'query.file', message: accepted }])
  if (file !== undefined && (file < 1 || file > files)) throw invalid([{ path: 'query.file', message: accepted }])
  return file ?? 1
}

/** The query of another call about the same moment. */
export function momentQuery({ asOf, known }: IatiMoment['at']): string {
  return `?knownAtPosition=${known}${asOf === null ? '' : `&asOf=${asOf}`}`
}
