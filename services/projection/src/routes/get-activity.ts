import { decodeLine } from '@commitments/domain'
import { defineRoute, inSlices, queryInteger, type RouteDefinition } from '@commitments/http-kit'
import { sql } from 'kysely'
import { z } from 'zod'
import { conditionsOf, matching } from '../lists/conditions.ts'
import { type Filters, filterQuery, filtersOf } from '../lists/filters.ts'
import { allOf } from '../lists/question.ts'
import { currentSource } from '../lists/source.ts'
import { type Snapshot } from '../projections/snapshot.ts'
import type { Service } from '../service.ts'
import { type Activity, activityFeed } from '../subscriptions/activity.ts'
import { inSnapshotOf } from './at-least.ts'
import { languageQuery } from './get-calendar.ts'
import { atLeast, conditional, notModified, readHeaders, tagOf, waitProblems } from './reading.ts'

const feedType = 'application/atom+xml; charset=utf-8'

export function getActivityRoute(service: Service): RouteDefinition {
  return defineRoute({
    method: 'GET',
    url: '/v1/activity.atom',
    operationId: 'getActivity',
    tag: 'History',
    summary: 'The newest events, as a feed to subscribe to',
    description:
      'The newest events as an Atom feed (RFC 4287), from the proposals that match the filters of the list now. An entry has the id of its event and the time of recording. It says what happened, to which proposal, and when, as precisely as the date is known. Events never change; an entry changes only if the title of its proposal changes.',
    access: { scope: 'audit' },
    query: z.strictObject({
      ...filterQuery,
      ...languageQuery,
      limit: queryInteger(1, 500).default(100).meta({ description: 'The maximum number of events.' }),
      ...atLeast,
    }),
    responses: {
      200: { description: 'The feed.', contentTypes: [feedType], headers: readHeaders },
      304: notModified,
    },
    problems: waitProblems,
    work: 'page',
    handler: async ({ query, raw }) => {
      const { lang: language, limit, atLeast: position = 0 } = query
      const filters = filtersOf(query)
      const { activities, seen } = await inSnapshotOf(service, position, async (snapshot) => ({
        activities: await readActivities(service, snapshot, filters, limit),
        seen: { logId: snapshot.logId, position: snapshot.position },
      }))
      const { logId } = seen
      const body = activityFeed(activities, {
        language,
        logId,
        publicUrl: service.cloudEvents.publicUrl,
        target: raw.url,
      })
      return conditional(service, raw, { body, etag: tagOf(logId, body), ...seen })
    },
  })
}

/** The newest first. A line that is not an event is left out. */
async function readActivities(
  service: Service,
  snapshot: Snapshot,
  filters: Filters,
  limit: number,
): Promise<Activity[]> {
  const source = currentSource(snapshot, service.today())
  const { from, where } = matching(source, await conditionsOf(filters, source))
  const { rows } = await sql<{ line: string; title: Activity['title'] }>`
    SELECT e.line, ${source.title} AS title FROM ${from} JOIN events e ON e.proposal_id = p.proposal_id
     WHERE ${allOf(where)} AND e.position <= ${snapshot.position}::bigint
     ORDER BY e.position DESC LIMIT ${limit}`.execute(snapshot.db)
  const activities = await inSlices(rows, ({ line, title }) => {
    try {
      return [{ event: decodeLine(line), title }]
    } catch {
      return []
    }
  })
  return activities.flat()
}
