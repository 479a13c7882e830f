/** What was known, when, of which day of one proposal: its states as rectangles of days × positions. */
import { Condition, Day, Ending, ProposalId, Stage } from '@commitments/domain'
import { defineRoute, inTurns, queryInteger, type RouteDefinition } from '@commitments/http-kit'
import { z } from 'zod'
import { statusMap } from '../past/status-map.ts'
import type { Service } from '../service.ts'
import { foldingEntries } from '../status/fold-stream-lines.ts'
import { pastProblems, pastQuery, storing, unknownAt } from './as-of.ts'
import { readPastStream } from './past-stream.ts'
import { atLeast, conditional, notModified, readHeaders, tagOf, unknownAtThatTime, waitProblems } from './reading.ts'

const Position = z.int().min(1)

/** A map is for eyes: more rows than that are no picture. */
const mostEvents = 300
/** With fewer events than allowed, a map can have more rectangles than that only if one event alone makes as many. */
const mostRectangles = 2_000

const Moment = z
  .object({
    from: Day.meta({ description: 'The first day of which it was known so.' }),
    until: Day.nullable().meta({
      description: 'The first day of which it was no longer known so; null: up to the end of the map.',
    }),
    knownFrom: Position.meta({ description: 'The position of the event since which it was known.' }),
    knownUntil: Position.nullable().meta({
      description: 'The position of the event since which it was no longer known; null: up to the end of the map.',
    }),
    stage: Stage,
    ending: Ending.nullable(),
    condition: Condition,
  })
  .meta({
    id: 'Moment',
    description:
      'A rectangle of days × positions: `GET /v1/proposals/{proposalId}` gives this stage, ending and condition for each `asOf` from `from` until before `until`, and each `knownAtPosition` from `knownFrom` until before `knownUntil`.',
    examples: [
      {
        from: '2024-03-01',
        until: '2025-01-01',
        knownFrom: 17,
        knownUntil: null,
        stage: 'agreed',
        ending: null,
        condition: 'on-track',
      },
    ],
  })

const ProposalMoments = z
  .object({
    proposalId: ProposalId,
    timeZone: z.string().max(60).meta({ description: 'The time zone of the ledger, in which its days begin.' }),
    moments: z.array(Moment).max(20_000).meta({
      description:
        'In the order of `knownFrom`, and then of `from`. They do not overlap, and cover every day from the first that counted. A later day than today is of the map too: its condition is the one that it will have if nothing is recorded.',
    }),
    recorded: z
      .array(
        z
          .object({
            position: Position,
            version: z.int().min(1).meta({ description: 'The version of the proposal that the event made.' }),
            recordedAt: z.string().max(40).meta({ format: 'date-time' }),
          })
          .meta({ id: 'KnownSince', description: 'An event with which the knowledge changed.' }),
      )
      .max(mostEvents)
      .meta({ description: 'The events at whose positions a rectangle begins or ends, in the order of the log.' }),
    earlier: Position.nullable().meta({
      description:
        'If the map does not cover all events: the position of the last one before those that it covers. What was known before is on the map with this `knownAtPosition`. Null: it covers all of them.',
    }),
  })
  .meta({ id: 'ProposalMoments', description: 'What was known, when, of which day of a proposal.' })

export function getProposalMomentsRoute(service: Service): RouteDefinition {
  return defineRoute({
    method: 'GET',
    url: '/v1/proposals/:proposalId/moments',
    operationId: 'getProposalMoments',
    tag: 'Status',
    summary: 'The status of a proposal at every moment',
    description:
      'A map of days × positions of the log: what was known, when, of which day. With `asOf`, later days are left out; with `knownAt` or `knownAtPosition`, what became known later. ' +
      'The map covers the last events known then, fewer than `limit` if the proposal has a very long history; `earlier` leads to the map before it. It is folded from the log itself. An event that cannot be applied, and all after it, are not on it. 404 if nothing was known or in force then.',
    access: { scope: 'read' },
    params: z.strictObject({ proposalId: ProposalId }),
    query: z.strictObject({
      ...atLeast,
      ...pastQuery,
      limit: queryInteger(1, mostEvents)
        .default(100)
        .meta({ description: 'The maximum number of events that the map covers.' }),
    }),
    responses: {
      200: { description: 'The map.', schema: ProposalMoments, headers: readHeaders },
      304: notModified,
    },
    problems: ['unknown-proposal', ...pastProblems, ...waitProblems],
    work: 'page',
    handler: async ({ params: { proposalId }, query: { limit, ...query }, raw }) => {
      const { timeZone } = service
      const { stream, settled } = await readPastStream(service, proposalId, query)
      const { logId, position, entries } = stream
      if (entries.length === 0) throw unknownAt(service, query, proposalId, stream)
      const { events } = await inTurns(foldingEntries(entries, timeZone))
      const options = { asOf: query.asOf ?? null, limit, most: mostRectangles }
      const { rectangles, earlier } = await inTurns(statusMap(events, timeZone, options))
      if (rectangles.length === 0) throw unknownAtThatTime(service, proposalId, stream)
      const edges = new Set(rectangles.flatMap(({ knownFrom, knownUntil }) => [knownFrom, knownUntil]))
      const body = JSON.stringify({
        proposalId,
        timeZone,
        moments: rectangles,
        recorded: events
          .filter((event) => edges.has(event.position))
          .map(({ position, version, recordedAt }) => ({ position, version, recordedAt })),
        earlier: earlier?.position ?? null,
      })
      return conditional(service, raw, { body, etag: tagOf(logId, body), logId, position, headers: storing(settled) })
    },
  })
}
