import { Readable } from 'node:stream'
import { type Answer, defineRoute, problem, queryInteger, type RouteDefinition } from '@commitments/http-kit'
import { fileBegin, fileEnd } from '@commitments/iati'
import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { IatiPage } from '../iati/read-page.ts'
import type { Service } from '../service.ts'
import { pastProblems, pastQuery } from './as-of.ts'
import { streamed } from './downloads.ts'
import {
  type AskedMoment,
  configuredIati,
  fileAsked,
  momentQuery,
  needsBody,
  readMoment,
  tagOfMoment,
  xmlType,
} from './iati-moment.ts'
import { hasActivity, headOfFile, pagesOf, type Turn } from './iati-pages.ts'
import { atLeast, conditional, headOf, notModified, readHeaders, waitProblems } from './reading.ts'

export function listIatiActivitiesRoute(service: Service): RouteDefinition {
  return defineRoute({
    method: 'GET',
    url: '/v1/iati/activities.xml',
    operationId: 'listIatiActivities',
    tag: 'IATI',
    summary: 'The ledger as an activity file of IATI 2.03',
    description:
      'Every proposal that can be published validly, as an activity, in the order of ids: now, or at any moment. Register this address with IATI. What is left out, and why, is in `/v1/iati/report`. The same moment gives the same bytes, so `ETag` and `Last-Modified` change only with the content, and with the settings of the publication. A large ledger is divided into several files; an activity is in the same file as long as their number stays. `HEAD` gives the headers without making the file.',
    access: { scope: 'read' },
    query: z.strictObject({
      file: queryInteger(1, 1_000)
        .optional()
        .meta({ description: 'The number of the file, from 1. It may be absent only if there is one.', examples: [1] }),
      ...pastQuery,
      ...atLeast,
    }),
    responses: {
      200: {
        description: 'The file.',
        contentTypes: [xmlType],
        headers: [...readHeaders, 'Last-Modified', 'Content-Disposition'],
      },
      304: notModified,
    },
    problems: ['not-configured', 'nothing-to-export', 'too-many-downloads', ...pastProblems, ...waitProblems],
    work: 'memory',
    handler: async (request) => {
      const { query, raw, reply } = request
      const file = fileAsked(configuredIati(service), query.file)
      const turn: Turn = (work) => request.inTurn('page', work, { patient: true })
      const asked = await request.inTurn('page', () => readMoment(service, query))
      return activitiesAnswer(service, raw, asked, file, (pages) => streamed(service, reply, pages), turn)
    },
  })
}

async function activitiesAnswer(
  service: Service,
  raw: FastifyRequest,
  asked: AskedMoment,
  file: number,
  streamOf: (parts: AsyncIterable<string>) => Readable,
  turn: Turn,
): Promise<Answer> {
  const { iati, moment, seen, headers } = asked
  const { files, kinds } = iati.settings
  const etag = tagOfMoment(service, asked, ['activities', file])
  const which = { file: files === 1 ? null : { number: file, of: files }, kinds }
  if (iati.holding.get(etag) === false) throw nothingToExport(service, asked)
  // Read before the answer begins: it may be that there is nothing to answer with. Then HEAD and GET both say so.
  const isNeeded = needsBody(raw, etag)
  const first = isNeeded ? await firstPage(pagesOf(service, asked, which, turn)) : null
  const isThere = isNeeded
    ? first !== null
    : (iati.holding.get(etag) ?? (await hasActivity(service, asked, which, turn)))
  iati.holding.set(etag, isThere)
  if (!isThere) throw nothingToExport(service, asked)
  const name = files === 1 ? 'activities.xml' : `activities-${file}.xml`
  return conditional(service, raw, {
    ...seen,
    etag,
    headers: { ...headers, 'content-disposition': `inline; filename="${name}"` },
    type: xmlType,
    body: () => (first === null ? Readable.from([]) : streamOf(partsOf(moment, first))),
  })
}

function nothingToExport(service: Service, { moment, seen }: AskedMoment): Error {
  const report = `/v1/iati/report${momentQuery(moment.at)}`
  const detail = `No proposal of this file can be published at that moment, and a file of IATI must have an activity. ${report} says which rules they fail, and what would mend them.`
  return problem('nothing-to-export', detail, { report, headers: headOf(service, seen) })
}

interface Begun {
  readonly page: IatiPage
  readonly rest: AsyncGenerator<IatiPage, undefined>
}

/** The first page with an activity; null if there is none. */
async function firstPage(pages: AsyncGenerator<IatiPage, undefined>): Promise<Begun | null> {
  for (;;) {
    const next = await pages.next()
    if (next.done === true) return null
    if (next.value.entries.some(({ activity }) => activity !== null)) return { page: next.value, rest: pages }
  }
}

async function* partsOf(moment: AskedMoment['moment'], { page, rest }: Begun): AsyncGenerator<string> {
  yield fileBegin(headOfFile(moment))
  yield* activitiesOf(page)
  for await (const next of rest) yield* activitiesOf(next)
  yield fileEnd
}

/** Characters that are sent at once: enough for a write, and little enough to be encoded in one go. */
const pieceOfPage = 256 * 1024

function* activitiesOf({ entries }: IatiPage): Generator<string> {
  let piece = ''
  for (const { activity } of entries) {
    if (activity === null) continue
    piece += `${activity.xml}\n`
    if (piece.length < pieceOfPage) continue
    yield piece
    piece = ''
  }
  if (piece !== '') yield piece
}
