import { Readable } from 'node:stream'
import { ProposalId } from '@commitments/domain'
import { defineRoute, problem, type RouteDefinition } from '@commitments/http-kit'
import { fileBegin, fileEnd } from '@commitments/iati'
import { z } from 'zod'
import { judgeCourses } from '../iati/judge-courses.ts'
import { readCourses } from '../iati/read-courses.ts'
import { type Entry, entriesOf } from '../iati/read-page.ts'
import { createKnownOthers, type Reading, readVersions } from '../iati/relatives.ts'
import type { Service } from '../service.ts'
import { pastProblems, pastQuery, unknownAt } from './as-of.ts'
import { needsBody, readingAt, readMoment, tagOfMoment, untilFinished, xmlType } from './iati-moment.ts'
import { headOfFile } from './iati-pages.ts'
import { atLeast, conditional, headOf, notModified, readHeaders, waitProblems } from './reading.ts'

export function getProposalIatiRoute(service: Service): RouteDefinition {
  return defineRoute({
    method: 'GET',
    url: '/v1/proposals/:proposalId/iati',
    operationId: 'getProposalIati',
    tag: 'IATI',
    summary: 'A proposal as an activity of IATI 2.03',
    description:
      'The activity as it is in the activity file, in a file of its own: now, or at any moment. 409 `not-exportable` says which rules it fails, and which member of the record would mend each.',
    access: { scope: 'read' },
    params: z.strictObject({ proposalId: ProposalId }),
    query: z.strictObject({ ...pastQuery, ...atLeast }),
    responses: {
      200: {
        description: 'A file with one activity.',
        contentTypes: [xmlType],
        headers: [...readHeaders, 'Last-Modified'],
      },
      304: notModified,
    },
    problems: ['not-configured', 'not-exportable', 'unknown-proposal', ...pastProblems, ...waitProblems],
    work: 'page',
    handler: async ({ params: { proposalId }, query, raw }) => {
      const asked = await readMoment(service, query)
      const { seen, moment, headers } = asked
      const etag = tagOfMoment(service, asked, ['activity', proposalId])
      const isNeeded = needsBody(raw, etag)
      const known = createKnownOthers()
      const entry = await untilFinished(() =>
        readingAt(service, asked, known, (reading) => readEntry(reading, proposalId, isNeeded)),
      )
      if (entry === null) throw unknownAt(service, query, proposalId, seen)
      const { activity, failures } = entry
      if (failures.length > 0) throw notExportable(service, proposalId, failures, seen)
      const body =
        activity === null ? () => Readable.from([]) : `${fileBegin(headOfFile(moment))}${activity.xml}\n${fileEnd}`
      return conditional(service, raw, { ...seen, body, etag, headers, type: xmlType })
    },
  })
}

type Judgement = Pick<Entry, 'failures' | 'activity'>

/** Null if there is no such proposal at the moment. */
async function readEntry(reading: Reading, proposalId: string, isNeeded: boolean): Promise<Judgement | null> {
  const { source, renamings, timeZone } = reading
  const listed = await readVersions(source, [proposalId])
  for await (const courses of readCourses(source, listed, renamings, timeZone)) {
    const [entry] = isNeeded ? await entriesOf(reading, courses) : await judgeCourses(reading, courses)
    if (entry !== undefined) return { activity: null, ...entry }
  }
  return null
}

function notExportable(
  service: Service,
  proposalId: string,
  rules: Entry['failures'],
  seen: Parameters<typeof headOf>[1],
): Error {
  const named = rules.map(({ id, message }) => `${id}: ${message}`).join(' ')
  const detail = `${proposalId} cannot be published to IATI at that moment. ${named}`
  return problem('not-exportable', detail, { rules, headers: headOf(service, seen) })
}
