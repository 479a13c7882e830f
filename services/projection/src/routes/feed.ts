import { RecordedEvent } from '@commitments/domain'
import { erasuresSoFar, type Queryable, readLog, streamLog } from '@commitments/event-store'
import { type Answer, defineRoute, inSlices, invalid, type RouteDefinition } from '@commitments/http-kit'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { CloudEventsBatch, cloudEventOf, cloudEventsBatch } from '../live/cloud-events.ts'
import { wholeLines } from '../live/forms.ts'
import { eventStream } from '../live/live-feed.ts'
import type { Service } from '../service.ts'
import { annotate } from '../streams/annotations.ts'
import { fromLog, readHeadFrom } from './at-least.ts'
import { streamed } from './downloads.ts'
import { EventPage, page } from './events.ts'
import { liveStream, streamHeaders } from './live-stream.ts'
import {
  checkCursor,
  conditional,
  linkToNext,
  notModified,
  Position,
  readHeaders,
  reading,
  type Seen,
  tagOf,
  waitProblems,
} from './reading.ts'

const json = 'application/json'
const lines = 'application/x-ndjson'

/** Events on a JSON page: the default and the maximum. A stream of lines has no limit. */
const pageLimit = { usual: 100, most: 1000 }

export function readFeedRoute(service: Service): RouteDefinition {
  return defineRoute({
    method: 'GET',
    url: '/v1/events',
    operationId: 'readFeed',
    tag: 'History',
    summary: 'All events, in the order of the log',
    description:
      'All events in the order of the log, in one of four forms. `application/x-ndjson`: the lines of the log byte for byte, at most `limit`. `Log-Position` is then the position of the last line that will be sent; positions have no gaps, so a client can detect a stream that was cut off. `application/json`: a page of at most 1,000 events and some megabytes; `next` is the ' +
      '`after` of the next page, and null at the end of the log. `application/cloudevents-batch+json`: such a page in the envelope ' +
      'of CloudEvents 1.0; the header `Link` leads to the next page. `text/event-stream`: the events of the log and then each new ' +
      'event as it is recorded, with an `id` of log and position. A client that reconnects with `Last-Event-ID` misses nothing and ' +
      'gets nothing twice. If the id belongs to another log, the stream says so (`log-changed`) and starts with the first event of this log. A client that takes nothing for half a minute is disconnected.',
    access: { scope: 'audit' },
    query: z.strictObject({
      after: Position.default(0).meta({ description: 'Begin after this position.', examples: [0] }),
      limit: Position.pipe(z.int().min(1)).optional().meta({
        description:
          'The maximum number of events to send. JSON and CloudEvents: 100 by default, at most 1,000. NDJSON: all by default. Not for `text/event-stream`.',
      }),
    }),
    headers: streamHeaders,
    responses: {
      200: {
        description: 'A page, the lines of the log, or a continuous stream. The stream has no `ETag`.',
        schema: EventPage,
        schemas: { [lines]: RecordedEvent, [cloudEventsBatch]: CloudEventsBatch },
        contentTypes: [json, lines, cloudEventsBatch, eventStream],
        headers: [...readHeaders, 'Link'],
      },
      304: notModified,
    },
    problems: ['beyond-head', 'too-many-downloads', 'too-many-readers', ...waitProblems],
    handler: async ({ query: { after, limit }, headers, accepted, raw, reply }) => {
      if (accepted === eventStream) {
        if (limit !== undefined)
          throw invalid([{ path: 'query.limit', message: 'must be omitted for text/event-stream, which has no end' }])
        return liveStream(service, { raw, reply, after, lastEventId: headers['last-event-id'], form: wholeLines })
      }
      if (accepted === cloudEventsBatch) return cloudEventsPage(service, raw, after, pageSize(limit))
      if (accepted !== lines) return feedPage(service, raw, after, pageSize(limit))
      const head = await readHeadFrom(service, service.onlyReads ? after : 0)
      await checkCursor(service, after, head)
      const position = Math.min(head.position, after + (limit ?? head.position))
      return feedLines(service, raw, reply, after, { ...head, position })
    },
  })
}

function pageSize(limit = pageLimit.usual): number {
  if (limit <= pageLimit.most) return limit
  const message = `must be at most ${pageLimit.most} for a page of JSON; accept ${lines} for more at once`
  throw invalid([{ path: 'query.limit', message }])
}

async function feedPage(service: Service, raw: FastifyRequest, after: number, limit: number): Promise<Answer> {
  const { logId, found, next, ...rest } = await readPage(service, after, limit, annotate)
  const body = page(found, next)
  return conditional(service, raw, { ...rest, body, etag: tagOf(logId, body), logId })
}

async function asTheyAre(_client: Queryable, lines: readonly string[]): Promise<readonly string[]> {
  return lines
}

async function cloudEventsPage(service: Service, raw: FastifyRequest, after: number, limit: number): Promise<Answer> {
  const { logId, found, next: _, ...rest } = await readPage(service, after, limit, asTheyAre)
  const wrapped = await inSlices(found, (line) => cloudEventOf(line, logId, service.cloudEvents))
  const body = `[${wrapped.join(',')}]`
  return conditional(service, raw, { ...rest, body, etag: tagOf(logId, body), logId, type: cloudEventsBatch })
}

/**
 * What is shown of the lines of a page, and where the next page begins. In an instance that only reads, `after` may come from a server that
 * has more than the one that answers.
 */
async function readPage<T>(
  service: Service,
  after: number,
  limit: number,
  show: (client: Queryable, lines: readonly string[]) => Promise<T>,
) {
  const { head, found } = await fromLog(service, service.onlyReads ? after : 0, async (client) => {
    const entries = await readLog(client, { after, limit })
    const shown = await show(
      client,
      entries.map(({ line }) => line),
    )
    return { shown, last: entries.at(-1)?.position ?? after }
  })
  const { logId, position } = head
  await checkCursor(service, after, head)
  const next = found.last < position ? found.last : null
  const headers = next === null ? {} : linkToNext(`/v1/events?after=${next}&limit=${limit}`)
  return { logId, position, found: found.shown, next, headers }
}

/**
 * What is sent is fixed before the first byte: the lines after `after` up to the position of `seen`. They change only by an
 * erasure, and in another past of the log, which the id of the last event tells from this one.
 */
async function feedLines(
  service: Service,
  raw: FastifyRequest,
  reply: FastifyReply,
  after: number,
  seen: Seen,
): Promise<Answer> {
  const { logId, position: upTo } = seen
  const past = await reading(() => readPast(service.pool, upTo))
  const body = () => streamed(service, reply, streamLog(service.streams, { after, upTo }))
  return conditional(service, raw, {
    ...seen,
    etag: tagOf(logId, lines, `${after}-${upTo}-${past}`),
    body,
    type: lines,
  })
}

/** The id of the event there, and how many erasures there were: both together tell one content of the lines up to there from another. */
async function readPast(client: Queryable, position: number): Promise<string> {
  const { rows } = await client.query<{ past: string }>({
    name: 'read-past-of-feed',
    text: `SELECT coalesce((SELECT event_id::text FROM events WHERE position = $1), '') || '-'
        || ${erasuresSoFar} AS past`,
    values: [position],
  })
  return rows[0]?.past ?? ''
}
