import { Readable } from 'node:stream'
import { Day, ProposalId } from '@commitments/domain'
import { defineRoute, inSlices, type RouteDefinition } from '@commitments/http-kit'
import { fileBegin, fileEnd, fileOf, type Warning, warningsOfFiles, warningsOfSettings } from '@commitments/iati'
import { z } from 'zod'
import type { Entry, IatiPage } from '../iati/read-page.ts'
import type { Service } from '../service.ts'
import { pastProblems, pastQuery } from './as-of.ts'
import { streamed } from './downloads.ts'
import { type AskedMoment, needsBody, readMoment, tagOfMoment } from './iati-moment.ts'
import { headOfFile, pagesOf } from './iati-pages.ts'
import { atLeast, conditional, notModified, readHeaders, waitProblems } from './reading.ts'

const text = z.string().max(100_000)
const count = z.int().min(0)
const counts = (description: string) => z.record(z.string(), count).meta({ description, maxProperties: 100 })

const WarningShape = z
  .object({
    id: z.string().max(100).meta({ description: 'What it is about, for programs.' }),
    message: text.meta({ description: 'What to know, or to do, in sentences.' }),
  })
  .meta({ id: 'IatiWarning', description: 'Something that the owner of the publication should know.' })

const ReportedProposal = z
  .object({
    proposalId: ProposalId,
    exported: z.boolean().meta({ description: 'Whether it is in the file.' }),
    rules: z
      .array(
        z.object({
          id: z.string().max(100).meta({
            description:
              'The rule of IATI that it fails, such as 6.11.1; `kind`, `void` and `participating-org` are ours.',
          }),
          message: text.meta({ description: 'What the rule asks for, as a sentence.' }),
          complete: text.nullable().meta({
            description: 'What would mend it: a member of the record, or of IATI_FILE; null if nothing would.',
          }),
        }),
      )
      .max(10)
      .meta({ description: 'The rules that it fails; none if it is exported.' }),
    omitted: z
      .array(
        z.object({
          version: z.int().min(1).nullable().meta({
            description: 'The version of the event that it comes from; null if it comes from no single event.',
          }),
          what: text.meta({ description: 'What of the record it is.' }),
          why: text.meta({ description: 'Why it is not in the activity, or only in words.' }),
        }),
      )
      .max(100_000)
      .meta({
        description:
          'What of the record is not in the activity, or only in words: the version of the event, what it is, and why.',
      }),
    warnings: z.array(WarningShape).max(10).meta({ description: 'What a reader of the activity could misunderstand.' }),
  })
  .meta({ id: 'IatiReportedProposal', description: 'A proposal about which there is something to say.' })

export const IatiReport = z
  .object({
    position: count.meta({ description: 'The position of the log that the publication shows.' }),
    asOf: Day.nullable().meta({ description: 'The requested day, if one was requested.' }),
    today: Day.meta({ description: 'The last day on which something that happened may be written.' }),
    proposals: z.array(ReportedProposal).max(100_000_000).meta({
      description:
        'Every proposal that is left out, and every one of which something is omitted or to be said, in the order of ids.',
    }),
    exported: count.meta({ description: 'How many proposals are published.' }),
    leftOut: count.meta({ description: 'How many proposals are not published.' }),
    byRule: counts('How many proposals fail each rule.'),
    notExpressible: counts(
      'How many events of each type IATI has nothing for; pieces of evidence without an address; relations that it does not have.',
    ),
    files: z
      .array(
        z.object({
          file: z.int().min(1).meta({ description: 'The number of the file, from 1: the `file` of its request.' }),
          activities: count.meta({ description: 'How many proposals are in it.' }),
          bytes: count.meta({ description: 'Its length, uncompressed.' }),
        }),
      )
      .max(1_000)
      .meta({ description: 'The files, with their activities and bytes.' }),
    warnings: z.array(WarningShape).max(10).meta({ description: 'What concerns the publication as a whole.' }),
  })
  .meta({ id: 'IatiReport', description: 'What is published, what is left out, and what would mend it.' })

export function getIatiReportRoute(service: Service): RouteDefinition {
  return defineRoute({
    method: 'GET',
    url: '/v1/iati/report',
    operationId: 'getIatiReport',
    tag: 'IATI',
    summary: 'What the activity file leaves out, and what would mend it',
    description:
      'For each proposal that is left out: the rules of IATI that it fails, and the member of the record (or of the settings) that would mend it. For each that is published: what of it could not be written. Then the totals, and the sizes of the files. It is the list of what the keeper of the record can complete. The answer is written as it is read; the totals come last.',
    access: { scope: 'read' },
    query: z.strictObject({ ...pastQuery, ...atLeast }),
    responses: {
      200: { description: 'The report.', schema: IatiReport, headers: [...readHeaders, 'Last-Modified'] },
      304: notModified,
    },
    problems: ['not-configured', 'too-many-downloads', ...pastProblems, ...waitProblems],
    work: 'memory',
    handler: async (request) => {
      const { query, raw, reply } = request
      const asked = await request.inTurn('page', () => readMoment(service, query))
      const etag = tagOfMoment(service, asked, 'report')
      const pages = pagesOf(service, asked, { file: null, kinds: null }, (work) =>
        request.inTurn('page', work, { patient: true }),
      )
      // Read before the answer begins, so that an unavailable database is a problem document and not a broken stream.
      const first = needsBody(raw, etag) ? await pages.next() : null
      return conditional(service, raw, {
        ...asked.seen,
        etag,
        headers: asked.headers,
        type: 'application/json',
        body: () => (first === null ? Readable.from([]) : streamed(service, reply, reportParts(asked, first, pages))),
      })
    },
  })
}

/** As JSON, page by page: a million proposals do not fit into memory. */
async function* reportParts(
  asked: AskedMoment,
  first: IteratorResult<IatiPage, undefined>,
  rest: AsyncGenerator<IatiPage, undefined>,
): AsyncGenerator<string> {
  const { at, limit } = asked.moment
  const totals = createTotals(asked)
  yield `{"position":${at.known},"asOf":${JSON.stringify(at.asOf)},"today":${JSON.stringify(limit)},"proposals":[`
  let isFirst = true
  for (let next = first; !next.done; next = await rest.next()) {
    const all = await inSlices(next.value.entries, (entry) =>
      reported(add(totals, entry)).map((one) => JSON.stringify(one)),
    )
    const said = all.flat()
    if (said.length === 0) continue
    yield `${isFirst ? '' : ','}${said.join(',')}`
    isFirst = false
  }
  yield `],${JSON.stringify(summary(totals, asked)).slice(1)}`
}

/** Nothing, if there is nothing to say about it. */
function reported({ proposalId, failures, activity, isParked }: Entry) {
  const { omissions = [], warnings = [] } = activity?.draft ?? {}
  if (failures.length === 0 && omissions.length === 0 && warnings.length === 0 && !isParked) return []
  const all = isParked ? [...warnings, parked] : warnings
  return [{ proposalId, exported: activity !== null, rules: failures, omitted: omissions, warnings: all }]
}

const parked: Warning = {
  id: 'parked',
  message:
    'An event of it cannot be applied; what comes from it on is not in the activity. See /v1/proposals for where it is parked.',
}

interface Totals {
  exported: number
  leftOut: number
  readonly byRule: Map<string, number>
  readonly notExpressible: Map<string, number>
  readonly files: { file: number; activities: number; bytes: number }[]
}

function createTotals({ iati, moment }: AskedMoment): Totals {
  const frame = Buffer.byteLength(fileBegin(headOfFile(moment)) + fileEnd)
  const files = Array.from({ length: iati.settings.files }, (_, index) => ({
    file: index + 1,
    activities: 0,
    bytes: frame,
  }))
  return { exported: 0, leftOut: 0, byRule: new Map(), notExpressible: new Map(), files }
}

function add(totals: Totals, entry: Entry): Entry {
  const { proposalId, failures, activity } = entry
  for (const { id } of failures) increase(totals.byRule, id)
  if (activity === null) {
    totals.leftOut += 1
    return entry
  }
  totals.exported += 1
  for (const [what, times] of activity.draft.notExpressible) increase(totals.notExpressible, what, times)
  const file = totals.files[fileOf(proposalId, totals.files.length) - 1]
  if (file !== undefined) {
    file.activities += 1
    file.bytes += Buffer.byteLength(activity.xml) + 1
  }
  return entry
}

function increase(counts: Map<string, number>, what: string, times = 1): void {
  counts.set(what, (counts.get(what) ?? 0) + times)
}

function summary({ exported, leftOut, byRule, notExpressible, files }: Totals, { iati }: AskedMoment) {
  return {
    exported,
    leftOut,
    byRule: Object.fromEntries(byRule),
    notExpressible: Object.fromEntries(notExpressible),
    // A file without activities is not made.
    files: files.map((one) => (one.activities === 0 ? { ...one, bytes: 0 } : one)),
    warnings: [...warningsOfSettings(iati.settings), ...warningsOfFiles(files.map(({ bytes }) => bytes))],
  }
}
