import { withNamesInForce } from '@commitments/domain'
import { type Answer, defineRoute, invalid, queryList, type RouteDefinition } from '@commitments/http-kit'
import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import { statusBody } from '../answers/read-status.ts'
import { countAll, type Listed } from '../lists/list.ts'
import { readRelated } from '../lists/read-related.ts'
import { relatedIn } from '../lists/related.ts'
import { readRenamings } from '../lists/renamings.ts'
import type { Source } from '../lists/source.ts'
import type { Service } from '../service.ts'
import { type PointQuery, pastProblems, storing } from './as-of.ts'
import { csvAnswer } from './csv.ts'
import { ProposalStatus } from './get-proposal.ts'
import { type ListQuery as Asked, cursorLength, cursorOf, parseListQuery, Query, usualLimit } from './list-query.ts'
import { pageAnswer, pageBody } from './page-body.ts'
import { readListPage } from './read-list.ts'
import { notModified, readHeaders, waitProblems } from './reading.ts'
import { downloadOf } from './whole-list.ts'

const csv = 'text/csv'
const json = 'application/json'
const types: Readonly<Record<string, string>> = { csv, json }

type Member = keyof typeof ProposalStatus.shape
const members = Object.keys(ProposalStatus.shape) as [Member, ...Member[]]

const ListQuery = Query.extend({
  fields: queryList(z.enum(members), members.length)
    .optional()
    .meta({
      description:
        'Only these members of each status, as JSON. Repeatable; repeat it with `cursor`. `total` and `next` are always present.',
      examples: [['proposalId', 'title', 'stage']],
    }),
  format: z.enum(['json', 'csv']).optional().meta({
    description: 'The form of the answer. It takes precedence over `Accept`, so that a plain link can lead to the CSV.',
  }),
})

const SparseStatus = ProposalStatus.partial().meta({
  id: 'SparseStatus',
  description: 'The members of a status that `fields` names.',
})

const ListedProposal = z.union([ProposalStatus, SparseStatus]).meta({
  id: 'ListedProposal',
  description: 'The status of a proposal: all of it, or the members that `fields` names.',
})

const ProposalList = z
  .object({
    total: z.int().min(0).meta({
      description:
        'The number of proposals that match, on all pages. It is counted for the first page, and stays the same on the pages that follow it.',
    }),
    proposals: z
      .array(ListedProposal)
      .max(500)
      .meta({ description: 'The proposals of this page, in the requested order.' }),
    next: z
      .string()
      .max(cursorLength)
      .nullable()
      .meta({ description: 'The `cursor` of the next page; null on the last page.' }),
  })
  .meta({ id: 'ProposalList', description: 'A page of proposals.' })

export function listProposalsRoute(service: Service): RouteDefinition {
  return defineRoute({
    method: 'GET',
    url: '/v1/proposals',
    operationId: 'listProposals',
    tag: 'Status',
    summary: 'Proposals, filtered and sorted',
    description:
      'The answer is a page as JSON, or the whole list as `text/csv` (or with `format=csv`) for spreadsheets, with names and labels in `lang`: UTF-8 with a byte order mark, CR LF, and ' +
      'an apostrophe before a cell that a spreadsheet would run as a formula. A client that follows `next` to the end gets each proposal that matches the filters once, in every order, even while events are recorded: a proposal that is renamed, postponed or updated meanwhile keeps the place that it had when the first page was read. Only a list by id includes proposals that are new since then. All filters together may have at most 4,000 bytes, and 400 pairs of a party or country with a role. The header `Link` is omitted if it would be longer than 2,000 characters; `next` always leads to the same page.',
    access: { scope: 'read' },
    query: ListQuery,
    chosenType: (query) => types[(query as { format?: string }).format ?? ''],
    responses: {
      200: {
        description: 'A page, or the whole list as CSV.',
        schema: ProposalList,
        contentTypes: [json, csv],
        headers: [...readHeaders, 'Link'],
      },
      304: notModified,
    },
    problems: ['too-many-downloads', 'before-beginning', ...pastProblems, ...waitProblems],
    handler: async (request) => {
      const { query, accepted, raw } = request
      if (accepted === csv) checkWhole(query)
      const list = parseListQuery(service, query)
      if (accepted === csv) return csvAnswer(service, downloadOf(request), list, query)
      return listPage(service, raw, list, query)
    },
  })
}

/** @throws the problem `invalid` if CSV is requested for only a part of the rows or members */
function checkWhole({ limit, fields }: z.output<typeof ListQuery>): void {
  if (limit !== undefined)
    throw invalid([{ path: 'query.limit', message: 'must be omitted for text/csv, which has every row' }])
  if (fields !== undefined)
    throw invalid([{ path: 'query.fields', message: 'must be omitted for text/csv, which has columns of its own' }])
}

async function listPage(
  service: Service,
  raw: FastifyRequest,
  list: Asked,
  wanted: PointQuery & { readonly limit?: number | undefined; readonly fields?: readonly Member[] | undefined },
): Promise<Answer> {
  const { limit = usualLimit, fields } = wanted
  const { source, settled, found } = await readListPage(service, list, wanted, limit, async (page, source) => ({
    total: list.total ?? (await countAll(source, list.filters)),
    ...(await pageBody(page, (rows) => servedOf(service, source, rows, fields))),
  }))
  const { logId, position } = source.snapshot
  const { total } = found
  const next = found.next === null ? null : cursorOf(list, source, total, found.next)
  return pageAnswer(service, raw, found, { total, next, limit, fields, logId, position, headers: storing(settled) })
}

async function servedOf(
  { timeZone }: Service,
  source: Source,
  rows: readonly Listed[],
  fields: readonly Member[] = members,
) {
  const ids = rows.map(({ proposalId }) => proposalId)
  const related = fields.includes('related') ? await readRelated(source, ids) : null
  const renamings = await readRenamings(source)
  const wanted: ReadonlySet<string> = new Set(fields)
  return ({ proposalId, proposal, parked }: Listed) => {
    const status = withNamesInForce(statusBody(proposal, parked, source.day, timeZone), renamings)
    const whole = related === null ? status : { ...status, related: relatedIn(related, proposalId) }
    return fields === members ? whole : Object.fromEntries(Object.entries(whole).filter(([name]) => wanted.has(name)))
  }
}
