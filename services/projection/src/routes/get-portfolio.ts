import { Condition, Day, Ending, Kind, LanguageMap, PartyId, ProposalId, Role, Stage } from '@commitments/domain'
import { type Answer, defineRoute, type RouteDefinition } from '@commitments/http-kit'
import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import { facetsListed } from '../lists/facets.ts'
import { type Filters, filterQuery, filtersOf } from '../lists/filters.ts'
import { overdueListed, readPortfolio } from '../lists/portfolio.ts'
import { createRecent, type Recent, readRecent } from '../lists/recent.ts'
import { currentSource, pastSource } from '../lists/source.ts'
import { ownMoneyListed } from '../lists/tree-money.ts'
import { inSnapshot } from '../projections/snapshot.ts'
import type { KeptPortfolio, Service } from '../service.ts'
import {
  asksForPast,
  checkBegun,
  type PointQuery,
  pastProblems,
  pastQuery,
  readPast,
  resolve,
  storing,
} from './as-of.ts'
import { mustHaveSeen, untilSeen } from './at-least.ts'
import { atLeast, conditional, notModified, readHeaders, reading, tagOf, waitProblems } from './reading.ts'
import { BesideMoneySchema, TreeMoneySchema } from './related-schemas.ts'

const Count = z.int().min(0)

const Portfolio = z
  .object({
    day: Day.meta({ description: 'The day whose conditions are counted.' }),
    timeZone: z
      .string()
      .max(60)
      .meta({
        description: 'The time zone of the ledger (IANA), which decides when a day begins.',
        examples: ['Asia/Ho_Chi_Minh'],
      }),
    total: Count.meta({
      description: 'The number of proposals that match the filters, without those that were recorded by mistake.',
    }),
    contested: Count.meta({
      description:
        'The number of proposals with an unresolved claim against a recorded fact: the list with `contested=true`.',
    }),
    byStage: z.partialRecord(Stage, Count),
    byEnding: z.partialRecord(z.union([Ending, z.literal('none')]), Count),
    byCondition: z.partialRecord(Condition, Count),
    byKind: z.partialRecord(Kind, Count),
    byField: z.record(z.string().max(80), Count).meta({
      description:
        'A proposal with several fields counts for each of them. Here and in the members below: if the request filters by some of these values, only those are counted.',
    }),
    byCountry: z.record(z.string().max(2), Count).meta({
      description: 'The number of proposals with a party from this country; with `role`: in that role.',
    }),
    byParty: z
      .array(
        z.object({
          party: PartyId,
          name: LanguageMap.nullable(),
          total: Count,
          roles: z.partialRecord(Role, Count),
        }),
      )
      .max(facetsListed)
      .meta({
        description: `The ${facetsListed} parties that take part in the most proposals, the most frequent first. \`total\` is that of the list with \`party\`, and each number in \`roles\` that of the list with \`party\` and \`role\`.`,
      }),
    byParent: z
      .array(z.object({ proposalId: ProposalId, title: LanguageMap.nullable(), total: Count }))
      .max(facetsListed)
      .meta({
        description: `The ${facetsListed} programmes that have the most of these proposals as direct parts. \`total\` is that of the list with \`parent\`. \`title\` is null if the programme itself is not recorded.`,
      }),
    byParentNone: Count.meta({
      description: 'The number of proposals that are part of no programme: the list with `parent=none`.',
    }),
    money: TreeMoneySchema,
    ownMoneyBeside: z
      .object({
        total: Count.meta({ description: 'How many such programmes there are.' }),
        proposals: z.array(ProposalId).max(ownMoneyListed).meta({ description: 'The first of them, by id.' }),
        money: BesideMoneySchema,
      })
      .meta({
        description:
          'Flagged: programmes that have such money of their own as well as in their parts (`related.programme` in the status ' +
          `shows it). Their own money is shown here and is not in the totals: the first ${ownMoneyListed} of these programmes by id, and the sum of all of them.`,
      }),
    overdue: z
      .object({
        total: Count.meta({ description: 'How many proposals are overdue.' }),
        proposals: z
          .array(
            z.object({ proposalId: z.string().max(80), title: LanguageMap, stage: Stage, plannedEnd: Day.nullable() }),
          )
          .max(overdueListed)
          .meta({ description: 'The longest overdue first.' }),
      })
      .meta({
        description: `The first ${overdueListed} overdue proposals, the longest overdue first. The list with \`condition=overdue\` has all of them.`,
      }),
  })
  .meta({ id: 'Portfolio', description: 'Figures of the whole ledger, or of the proposals that match some filters.' })

export function getPortfolioRoute(service: Service): RouteDefinition {
  return defineRoute({
    method: 'GET',
    url: '/v1/portfolio',
    operationId: 'getPortfolio',
    tag: 'Status',
    summary: 'Counts, money and overdue proposals',
    description:
      'Figures of the proposals that match the filters of the list. Each figure is the `total` of the list with the same filters, in which the filter of that figure replaces a filter of the same name (`byStage.funded`: `stage=funded`). ' +
      'Money counts within the proposals that match: each figure counts at the lowest level that carries it, also below programmes that do not match. So a part that does not match takes nothing away, and the money of two views that share a programme and its parts must not be added. In a busy ledger the portfolio is not recomputed for each event. `Log-Position` is the last position that the answer includes; `atLeast` waits for a position.',
    access: { scope: 'read' },
    query: z.strictObject({ ...filterQuery, ...pastQuery, ...atLeast }),
    responses: {
      200: { description: 'The portfolio.', schema: Portfolio, headers: readHeaders },
      304: notModified,
    },
    problems: ['before-beginning', ...pastProblems, ...waitProblems],
    work: ({ query }) => (Object.keys(query as object).some((name) => name !== 'atLeast') ? 'page' : 'lookup'),
    handler: async ({ query, raw }) => {
      const position = query.atLeast ?? 0
      const filters = filtersOf(query)
      if (asksForPast(query)) return pastPortfolio(service, raw, filters, query)
      const recent = () => readRecent(recentOf(service, filters), { ...service.view, day: service.today() }, position)
      const portfolio = await untilSeen(service, position, async () => {
        const read = await reading(recent)
        mustHaveSeen(position, read)
        return read
      })
      return conditional(service, raw, portfolio)
    },
  })
}

function recentOf(service: Service, filters: Filters): Recent<KeptPortfolio> {
  const { portfolios } = service
  const key = JSON.stringify(filters)
  const known = portfolios.get(key) ?? createRecent(() => computePortfolio(service, filters))
  portfolios.set(key, known)
  return known
}

/** Computes the portfolio at the position of the read model. */
async function computePortfolio(service: Service, filters: Filters): Promise<KeptPortfolio> {
  const { timeZone } = service
  const day = service.today()
  const { pasts } = service.view
  return inSnapshot(service.db, async (snapshot) => {
    const { logId, generation, position } = snapshot
    const body = JSON.stringify(await readPortfolio(currentSource(snapshot, day), filters, timeZone))
    return { logId, pasts, generation, position, day, body, etag: tagOf(logId, body) }
  })
}

/** The portfolio at a point in time. */
async function pastPortfolio(
  service: Service,
  raw: FastifyRequest,
  filters: Filters,
  wanted: PointQuery,
): Promise<Answer> {
  const { portfolio, snapshot, settled } = await readPast(service, wanted, async (snapshot) => {
    const { at, settled } = await resolve(service, snapshot, wanted)
    const source = pastSource(snapshot, at)
    const portfolio = await readPortfolio(source, filters, service.timeZone)
    if (portfolio.total === 0) await checkBegun(service, source)
    return { portfolio, snapshot, settled }
  })
  const { logId, position } = snapshot
  const body = JSON.stringify(portfolio)
  return conditional(service, raw, { body, etag: tagOf(logId, body), logId, position, headers: storing(settled) })
}
