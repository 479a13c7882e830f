/** Shared code of the routes that read: conditional requests, the headers of the answer, and faults of the database. */

import { createHash } from 'node:crypto'
import type { Readable } from 'node:stream'
import { sqlState, TookTooLong, withTimeout } from '@commitments/event-store'
import {
  type Answer,
  entityTag,
  holdsIfNoneMatch,
  linkHeader,
  problem,
  queryInteger,
  type ResponseDefinition,
  type ResponseHeader,
  readIfNoneMatch,
} from '@commitments/http-kit'
import type { FastifyRequest } from 'fastify'
import { isDatabaseAway, isLedgerMissing } from '../database-away.ts'
import type { Service } from '../service.ts'

export const Position = queryInteger(0, Number.MAX_SAFE_INTEGER)

export const atLeast = {
  atLeast: Position.optional().meta({
    description: 'Answers only after this position of the log has been applied, so that you read your own write.',
    examples: [17],
  }),
}

export const readHeaders = [
  'Log-Position',
  'Log-Id',
  'Log-Alarm',
  'ETag',
  'Cache-Control',
] as const satisfies ResponseHeader[]

export const notModified: ResponseDefinition = {
  description: 'Your copy (`If-None-Match`) is still current.',
  headers: readHeaders,
}

/** Every route that reads declares these; http-kit adds its own. */
export const readProblems = ['unavailable'] as const
export const waitProblems = [...readProblems, 'not-yet-applied'] as const

export function notYetApplied({ alarms }: Service, position: number, applied: number): Error {
  const detail = `Position ${position} is not applied yet; this service has applied the log up to ${applied}.`
  if (!alarms.isHalted()) return problem('not-yet-applied', detail, { applied, headers: { 'retry-after': '1' } })
  const halted = `${detail} The log takes no writes until its operator has decided, because it lacks something that it had, or has something else in its place: if that position was read or recorded here, it is lost.`
  return problem('not-yet-applied', halted, { applied, headers: { 'retry-after': '300' } })
}

/** The log of an answer, and the position up to which it has seen the log, both from one snapshot. */
export interface Seen {
  readonly logId: string
  readonly position: number
}

/** The content of an answer. One that does not depend on a log, such as the types of events, names none. */
interface Content extends Partial<Seen> {
  readonly etag: string
  /** Text, bytes, or a function that makes a stream; it is called only if the caller does not have the answer yet. */
  readonly body: string | Buffer | (() => Readable)
  /** The media type of the body; by default the first one that the route declares. */
  readonly type?: string
  readonly headers?: Record<string, string>
}

/** 200 with the content, or 304 if the caller already has it. */
export function conditional(service: Service, request: FastifyRequest, content: Content): Answer {
  const { etag, body, type } = content
  const headers = { etag, ...headOf(service, content), ...content.headers }
  if (hasAlready(request.headers['if-none-match'], etag)) return { status: 304, headers }
  return {
    status: 200,
    headers,
    body: typeof body === 'function' ? body() : body,
    ...(type === undefined ? {} : { type }),
  }
}

/** The usual header is the tag itself, as it was sent. */
function hasAlready(ifNoneMatch: string | undefined, etag: string): boolean {
  return ifNoneMatch === etag || !holdsIfNoneMatch(readIfNoneMatch(ifNoneMatch), etag)
}

/** The longest `Link` header, in characters: proxies commonly accept 4 KB for all headers of an answer. */
export const longestLink = 2_000

/** The header that leads to the next page. It is omitted if it would be too long, because `next` in the body says the same. */
export function linkToNext(target: string): Record<string, string> {
  const link = linkHeader([{ target, rel: 'next' }])
  return link.length > longestLink ? {} : { link }
}

export function headOf(
  { cacheControl }: Pick<Service, 'cacheControl'>,
  { logId, position }: Partial<Seen>,
): Record<string, string> {
  const seen = logId === undefined ? {} : { 'log-position': String(position), 'log-id': logId }
  return { 'cache-control': cacheControl, ...seen }
}

/** A row if something is known against the log: the end of the part that was signed, after which it may be another past. */
const soundEndQuery = {
  name: 'read-sound-end',
  text: `SELECT coalesce((SELECT max(c.size) FROM log_checkpoints c WHERE c.log_id = i.log_id), 0) AS signed
    FROM (SELECT log_id FROM log_identity ORDER BY generation DESC LIMIT 1) i
    WHERE EXISTS (SELECT FROM log_halts h WHERE h.log_id = i.log_id)`,
}

/**
 * A reader continues after a position only where the log surely still is what it was there.
 *
 * @throws the problem `beyond-head`
 */
export async function checkCursor(service: Service, after: number, head: Seen): Promise<void> {
  if (after > head.position) throw beyondHead(service, after, head)
  await reading(() => checkSound(service, after, head, (query) => service.pool.query(query)))
}

type SoundEnd = { readonly rows: readonly { readonly signed: number }[] }

/**
 * As long as more was signed than the log has, or something else, only the part that is signed is certain: what is beyond it would be taken for
 * what was lost.
 *
 * @throws the problem `beyond-head`
 */
export async function checkSound(
  service: Service,
  position: number,
  seen: Seen,
  ask: (query: typeof soundEndQuery) => Promise<SoundEnd>,
): Promise<void> {
  if (position === 0) return
  const [sound] = (await ask(soundEndQuery)).rows
  if (sound === undefined || position <= sound.signed) return
  const detail = `The log lacks something that was signed, or has something else in its place, and its operator has to decide. Up to position ${sound.signed} it is as it was signed; position ${position} is beyond that, and what is there, and after it, may not be what was there before.`
  throw problem('beyond-head', detail, { head: sound.signed, headers: headOf(service, seen) })
}

/**
 * For a position that is after the end of the log. An instance that only reads cannot know the end: other servers may have more.
 *
 * @param head the end of the log, if that differs from what the answer has seen.
 */
export function beyondHead(service: Service, position: number, seen: Seen, head = seen.position): Error {
  if (service.onlyReads) return notYetApplied(service, position, head)
  const detail = `The log ends at position ${head}; position ${position} is beyond its end.`
  return problem('beyond-head', detail, { head, headers: headOf(service, seen) })
}

export function unknownProposal(service: Service, proposalId: string, seen: Seen): Error {
  const headers = headOf(service, seen)
  return problem('unknown-proposal', `This ledger has no proposal ${proposalId}.`, { headers })
}

/** For a question about the past, where nobody looked whether the proposal is there now. */
export function unknownAtThatTime(service: Service, proposalId: string, seen: Seen): Error {
  const detail = `No event of ${proposalId} was known, or counted, at that time. Ask for a later day, instant or position.`
  return problem('unknown-proposal', detail, { headers: headOf(service, seen) })
}

/** @throws the problem `only-reads` in an instance that writes nothing */
export function assertWrites({ onlyReads }: Service): void {
  if (!onlyReads) return
  throw problem(
    'only-reads',
    'This instance runs with PROJECTION_MODE=read. Send the call to one that applies the log.',
  )
}

/** An ETag that changes with the parts of the answer, such as its bytes, and with the log. */
export function tagOf(logId: string, ...parts: string[]): string {
  const hash = createHash('sha256').update(logId)
  // The length before each part prevents one part from being taken for two, and a large one is not copied first.
  for (const part of parts) hash.update(`,${part.length}:`).update(part)
  return entityTag(hash.digest('base64url').slice(0, 27))
}

/** Milliseconds for one read; a totals query over millions of proposals takes some seconds. */
const readLimit = 15_000

/** Runs a read of the database. An unavailable database is 503 `unavailable` and not an internal fault; other errors stay as they are. */
export async function reading<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await withTimeout(readLimit, read())
  } catch (error) {
    if (error instanceof TookTooLong || sqlState(error) === cancelled) throw tooLong(error)
    throw isDatabaseAway(error) ? away(error) : error
  }
}

/** The same for a stream, which has no limit of time: before its first byte it is answered with the problem, later it is cut. */
export async function* readingEach<T>(values: AsyncIterable<T>): AsyncGenerator<T> {
  try {
    yield* values
  } catch (error) {
    throw isDatabaseAway(error) ? away(error) : error
  }
}

/** SQLSTATE of a statement that the database cancelled because of its `statement_timeout`. */
const cancelled = '57014'

function tooLong(cause: unknown): Error {
  const detail = 'The database did not answer in time: it is busy, or this query is too large for it now.'
  return Object.assign(problem('unavailable', detail, { headers: { 'retry-after': '5' } }), { cause })
}

function away(cause: unknown): Error {
  const detail = isLedgerMissing(cause)
    ? 'The ledger cannot be read now: it is being restored, or a right of this service is missing.'
    : 'The database cannot be reached now.'
  return Object.assign(problem('unavailable', detail, { headers: { 'retry-after': '1' } }), { cause })
}
