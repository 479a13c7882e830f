import { wordLanguages } from '@commitments/domain'
import { defineRoute, inSlices, invalid, type RouteDefinition } from '@commitments/http-kit'
import { z } from 'zod'
import { filterQuery } from '../lists/filters.ts'
import type { Source } from '../lists/source.ts'
import type { Service } from '../service.ts'
import { addProposal, calendarText, createCalendar } from '../subscriptions/calendar.ts'
import { type PointQuery, pastProblems, pastQuery, storing } from './as-of.ts'
import { type ListQuery, parseListQuery } from './list-query.ts'
import { readListPage } from './read-list.ts'
import { atLeast, conditional, notModified, readHeaders, tagOf, waitProblems } from './reading.ts'

const calendarType = 'text/calendar; charset=utf-8'

/** Proposals in memory at the same time. */
const rowsAtOnce = 200

/** The most entries of a calendar: it is sent as a whole, and a phone must be able to read it. */
const mostEntries = 1_000

export const languageQuery = {
  lang: z.enum(wordLanguages).default('en').meta({ description: 'The language of titles and texts.' }),
}

export function getCalendarRoute(service: Service): RouteDefinition {
  return defineRoute({
    method: 'GET',
    url: '/v1/calendar.ics',
    operationId: 'getCalendar',
    tag: 'Status',
    summary: 'Planned dates as a calendar to subscribe to',
    description:
      'Planned ends, open milestones and committee sessions as all-day entries (RFC 5545), with the filters of the list. A date that is not known to the day has its entry on the last possible day, and the entry says so; a date without a last possible day is omitted. Proposals that are delivered, closed or ended have no planned dates any more, but a session that took place stays. ' +
      `The UID of an entry stays the same when the date is rescheduled. At most ${mostEntries} entries: if there would be more, narrow the request with the filters.`,
    access: { scope: 'read' },
    query: z.strictObject({ ...filterQuery, ...languageQuery, ...pastQuery, ...atLeast }),
    responses: {
      200: { description: 'The calendar.', contentTypes: [calendarType], headers: readHeaders },
      304: notModified,
    },
    problems: ['before-beginning', ...pastProblems, ...waitProblems],
    work: 'page',
    handler: async ({ query, raw }) => {
      const { lang: language, ...asked } = query
      const list = parseListQuery(service, asked)
      const first = await readPage(service, list, asked)
      const { logId, position } = first.source.snapshot
      const of = { language, logId, publicUrl: service.cloudEvents.publicUrl }
      const calendar = createCalendar(of)
      const rest = { ...list, at: first.source.at, began: list.began ?? position }
      for (let page = first; ; page = await readPage(service, { ...rest, after: page.found.next }, {})) {
        await inSlices(page.found.rows, ({ proposal }) => addProposal(calendar, proposal, of))
        if (calendar.length() > mostEntries) throw tooManyEntries()
        if (page.found.next === null) break
      }
      const body = calendarText(calendar)
      const headers = storing(first.settled)
      return conditional(service, raw, { body, etag: tagOf(logId, body), logId, position, headers })
    },
  })
}

function readPage(service: Service, list: ListQuery, wanted: PointQuery) {
  return readListPage(service, list, wanted, rowsAtOnce, (page, _source: Source) => page)
}

function tooManyEntries(): Error {
  const message = `selects more than ${mostEntries} entries, and at most ${mostEntries} are accepted; narrow it, for example with \`party\`, \`field\` or \`kind\``
  return invalid([{ path: 'query', message }])
}
