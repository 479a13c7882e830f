/** What changed: in one proposal, member by member; and which of all proposals, once or continuously. */
import { Condition, changesAfter, Ending, eventTypes, PartyId, ProposalId, Stage } from '@commitments/domain'
import { readHead } from '@commitments/event-store'
import { defineRoute, inTurns, invalid, queryInteger, queryList, type RouteDefinition } from '@commitments/http-kit'
import { z } from 'zod'
import { readChanged } from '../lists/changed.ts'
import { changesFor } from '../live/forms.ts'
import { eventStream } from '../live/live-feed.ts'
import { isInstant } from '../past/instant.ts'
import type { Service } from '../service.ts'
import { foldingEntries } from '../status/fold-stream-lines.ts'
import { readKnownStream } from '../streams/known-stream.ts'
import { knownAtInstant } from './as-of.ts'
import { inSnapshotOf, mustHaveSeen, readHeadFrom, untilSeen, waitFor } from './at-least.ts'
import { liveStream, streamHeaders } from './live-stream.ts'
import {
  atLeast,
  checkCursor,
  conditional,
  linkToNext,
  notModified,
  Position,
  readHeaders,
  reading,
  tagOf,
  unknownProposal,
  waitProblems,
} from './reading.ts'

const Version = z.int().min(1)
const RecordedAt = z.string().max(40).meta({ format: 'date-time' })

const Change = z
  .object({
    value: z.unknown().meta({ description: 'The new value of the field, as in the status.' }),
    version: Version.meta({ description: 'The version of the event that set it.' }),
    position: z.int().min(1),
    recordedAt: RecordedAt,
    occurredOn: z.string().max(60).nullable(),
  })
  .meta({ id: 'Change', description: 'A new value of a field, and the event that set it.' })

const ProposalChanges = z
  .object({
    proposalId: ProposalId,
    fields: z
      .array(
        z.object({
          field: z
            .string()
            .max(80)
            .meta({ description: 'A field of the status, such as `stage` or `money.committed`.' }),
          changes: z.array(Change).meta({ description: 'The values that it got, in the order of recording.' }),
        }),
      )
      .max(200)
      .meta({ description: 'The fields of the status that changed.' }),
    next: Version.nullable().meta({ description: 'The `after` of the next page; null on the last page.' }),
  })
  .meta({
    id: 'ProposalChanges',
    description: 'Every value that each field of the status had, in the order of recording.',
  })

export function listProposalChangesRoute(service: Service): RouteDefinition {
  return defineRoute({
    method: 'GET',
    url: '/v1/proposals/:proposalId/changes',
    operationId: 'listProposalChanges',
    tag: 'History',
    summary: 'Changes of a proposal, field by field',
    description:
      'Lists, for each field of the status, every value that it had and the event that gave it. A correction gives a field a new ' +
      'value from the time of its own recording; earlier values stay in the list. The list leaves out the condition, which changes ' +
      'with the day and not by events, and everything that other proposals say (children, incoming links). A page contains the changes by the next versions; `next` is the `after` of the next page.',
    access: { scope: 'audit' },
    params: z.strictObject({ proposalId: ProposalId }),
    query: z.strictObject({
      ...atLeast,
      after: queryInteger(0, 2_147_483_647)
        .default(0)
        .meta({ description: 'Only changes by versions after this one.' }),
      limit: queryInteger(1, 1_000).default(1_000).meta({
        description:
          'The maximum number of versions whose changes are on a page. A page may have fewer if they are large, or if many became known late.',
      }),
    }),
    responses: {
      200: { description: 'The changes.', schema: ProposalChanges, headers: [...readHeaders, 'Link'] },
      304: notModified,
    },
    problems: ['unknown-proposal', ...waitProblems],
    handler: async ({ params: { proposalId }, query, raw }) => {
      const wanted = query.atLeast ?? 0
      const stream = await untilSeen(service, wanted, async () => {
        const read = await reading(() => readKnownStream(service.pool, proposalId, { position: null, instant: null }))
        mustHaveSeen(wanted, read)
        return read
      })
      const { logId, position, entries } = stream
      if (entries.length === 0) throw unknownProposal(service, proposalId, stream)
      const { events } = await inTurns(foldingEntries(entries, service.timeZone))
      const { after, limit } = query
      const page = { after, limit, size: pageSize, work: pageWork }
      const { fields, next } = await inTurns(changesAfter(events, service.timeZone, page))
      const body = JSON.stringify({ proposalId, fields, next })
      const target = `/v1/proposals/${proposalId}/changes?after=${next}&limit=${limit}`
      const headers = next === null ? {} : linkToNext(target)
      return conditional(service, raw, { body, etag: tagOf(logId, body), logId, position, headers })
    },
  })
}

/** Approximate characters of values on a page: a field with a list is repeated completely with each change. */
const pageSize = 4_000_000

/** Fold steps for a page, some tenths of a second. An event that was learnt late needs everything before it folded again. */
const pageWork = 200_000

const Changes = z
  .object({
    proposals: z
      .array(
        z
          .object({
            proposalId: ProposalId,
            position: z.int().min(1).meta({ description: 'The position of its last event.' }),
            version: z.int().min(0).meta({ description: 'The version of the proposal now.' }),
            recordedAt: RecordedAt.meta({ description: 'When its last event was recorded.' }),
            stage: Stage,
            ending: Ending.nullable(),
            condition: Condition,
          })
          .meta({ id: 'ChangedProposal', description: 'A proposal whose status changed, and its current state.' }),
      )
      .max(1_000)
      .meta({ description: 'Each proposal once, in the order of its last event.' }),
    next: z.int().min(0).meta({ description: 'The `since` of the next call.' }),
    more: z.boolean().meta({ description: 'True: ask again at once. False: ask again later.' }),
  })
  .meta({ id: 'Changes', description: 'Proposals that changed, in the order of their last events.' })

const ChangeEvent = z
  .object({
    proposalId: ProposalId,
    position: z.int().min(1).meta({ description: 'The position of the event in the log.' }),
    type: z.string().max(80).nullable().meta({
      description:
        'The type of the event; null if its line cannot be read. Such a change passes every filter of types.',
    }),
  })
  .meta({
    id: 'ChangeEvent',
    description: 'The data of a message of the stream: a proposal to which an event was recorded.',
  })

/** Filters of the stream. */
const streamFilters = {
  proposal: queryList(ProposalId).optional().meta({
    description:
      'Only for `text/event-stream`: only changes of these proposals. Repeatable; matches any of the values.',
  }),
  party: queryList(PartyId).optional().meta({
    description:
      'Only for `text/event-stream`: only changes of proposals whose events, up to this one, name one of these parties in their data. A party that was named by mistake, or has left, still gets the events that say so. Repeatable.',
  }),
  type: queryList(z.enum(eventTypes)).optional().meta({
    description: 'Only for `text/event-stream`: only events of these types. Repeatable.',
  }),
}

/** A position, an instant or `now`; a text is checked where it is read. */
const Since = z.union([Position, z.string().max(60)])

export function listChangesRoute(service: Service): RouteDefinition {
  return defineRoute({
    method: 'GET',
    url: '/v1/changes',
    operationId: 'listChanges',
    tag: 'Status',
    summary: 'Proposals that changed since a position or an instant, once or continuously',
    description:
      '`application/json`, for clients that poll: lists once every proposal that an event changed after `since`, in the order of its last event. A client that asks again with `since` set to `next` misses no change, even while events are recorded. The list leaves out a condition that changes with the day, and a programme of which only a part changed. ' +
      '`text/event-stream`, for clients that show changes at once: a message for each event after `since`, and then for each new event as it is recorded; its data are a `ChangeEvent`, without the content of the event, so the scope `read` is enough. ' +
      'Each message has an `id` of log and position. A client that reconnects with `Last-Event-ID` misses nothing and gets nothing twice; the id also moves on with events that a filter leaves out. A sign of life is sent every 15 seconds. ' +
      'If the id belongs to another log, the stream says so (`log-changed`) and starts with the first event of this log. Limits and the disconnection of clients that take nothing are those of `GET /v1/events` as a stream.',
    access: { scope: 'read' },
    query: z.strictObject({
      ...atLeast,
      since: Since.default(0).meta({
        description:
          'After this position of the log; or after everything that was recorded up to this instant (RFC 3339), which must not lie in the future; or `now`: only what is recorded from the request on.',
        examples: [17, '2026-11-22T08:00:00Z', 'now'],
      }),
      limit: queryInteger(1, 1_000)
        .optional()
        .meta({ description: 'The maximum number of proposals, 100 by default. Not for `text/event-stream`.' }),
      ...streamFilters,
    }),
    headers: streamHeaders,
    responses: {
      200: {
        description: 'The changed proposals, or a continuous stream. The stream has no `ETag`.',
        schema: Changes,
        schemas: { [eventStream]: ChangeEvent },
        contentTypes: [json, eventStream],
        headers: readHeaders,
      },
      304: notModified,
    },
    problems: ['beyond-head', 'too-many-readers', ...waitProblems],
    handler: async ({ query, headers, accepted, raw, reply }) => {
      const { atLeast: position = 0, since: asked, limit = 100, proposal, party, type } = query
      if (accepted === eventStream) {
        checkStreamQuery(query)
        const after = typeof asked === 'number' || asked === 'now' ? asked : await recordedUpTo(service, asked)
        const form = changesFor({ proposal, party, type })
        return liveStream(service, { raw, reply, after, lastEventId: headers['last-event-id'], form })
      }
      checkPageQuery(query)
      const since =
        typeof asked === 'number'
          ? asked
          : asked === 'now'
            ? await headNow(service, position)
            : await recordedUpTo(service, asked)
      await checkSince(service, since)
      const day = service.today()
      const { found, seen } = await inSnapshotOf(service, Math.max(position, since), async (snapshot) => ({
        found: await readChanged(snapshot, { since, limit: limit + 1, day }),
        seen: { logId: snapshot.logId, position: snapshot.position },
      }))
      const proposals = found.slice(0, limit)
      const more = found.length > limit
      // On the last page, it is everything that the snapshot has seen, so that irrelevant events are not read again.
      const next = more ? (proposals.at(-1)?.position ?? since) : Math.max(seen.position, since)
      const body = JSON.stringify({ proposals, next, more })
      return conditional(service, raw, { body, etag: tagOf(seen.logId, body), ...seen })
    },
  })
}

const json = 'application/json'

/** @throws the problem `invalid` for members that mean nothing to a stream */
function checkStreamQuery({
  atLeast,
  limit,
}: {
  readonly atLeast?: number | undefined
  readonly limit?: number | undefined
}) {
  const given = Object.entries({ atLeast, limit }).filter(([, value]) => value !== undefined)
  if (given.length > 0)
    throw invalid(
      given.map(([name]) => ({
        path: `query.${name}`,
        message: `must be omitted for ${eventStream}, which has no end`,
      })),
    )
}

/** @throws the problem `invalid` for filters that only a stream has */
function checkPageQuery(query: { readonly [Name in keyof typeof streamFilters]?: unknown }): void {
  const given = Object.keys(streamFilters).filter((name) => query[name as keyof typeof streamFilters] !== undefined)
  if (given.length > 0)
    throw invalid(
      given.map((name) => ({
        path: `query.${name}`,
        message: `is a filter of ${eventStream}; omit it, or accept that`,
      })),
    )
}

/** The end of the log as this answer sees it. */
async function headNow(service: Service, position: number): Promise<number> {
  return (await readHeadFrom(service, position)).position
}

/** The last position that was recorded up to an instant. */
async function recordedUpTo(service: Service, instant: string): Promise<number> {
  if (isInstant(instant)) return knownAtInstant(service, instant, 'since')
  const message = `is ${JSON.stringify(instant)}; it must be a position of the log, such as 17, or an instant (RFC 3339), such as 2026-11-22T08:00:00Z, or now`
  throw invalid([{ path: 'query.since', message }])
}

/** A reader that has seen more than the log holds has seen another log; an instance that only reads waits for it. */
async function checkSince(service: Service, since: number): Promise<void> {
  if (since === 0) return
  const isSeen = since <= service.view.position
  if (service.onlyReads && !isSeen) await waitFor(service, since)
  const head = isSeen || service.onlyReads ? service.view : await reading(() => readHead(service.pool))
  await checkCursor(service, since, head)
}
