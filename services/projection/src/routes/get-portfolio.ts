import { Condition, Day, Ending, Kind, LanguageMap, ProposalId, Stage } from '@commitments/domain'
import { type Answer, defineRoute, type RouteDefinition } from '@commitments/http-kit'
import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import { overdueListed, readPortfolio } from '../lists/portfolio.ts'
import { readRecent } from '../lists/recent.ts'
import { currentSource, pastSource } from '../lists/source.ts'
import { ownMoneyListed } from '../lists/tree-money.ts'
import { inSnapshot } from '../projections/snapshot.ts'
import type { KeptPortfolio, Service } from '../service.ts'
import {
  asksForPast,
  checkBegun,
  type PastQuery,
  type PointQuery,
  pastProblems,
  pastQuery,
  readPast,
  resolve,
  storing,
} from './as-of.ts'
import { atLeast, conditional, notModified, readHeaders, reading, tagOf, waitFor, waitProblems } from './reading.ts'
import { BesideMoneySchema, TreeMoneySchema } from './related-schemas.ts'

const Count = z.int().min(0)

const Portfolio = z
  .object({
    day: Day.meta({ description: 'The day whose conditions are counted.' }),
    total: Count.meta({ description: 'The number of proposals, without those that were recorded by mistake.' }),
    byStage: z.partialRecord(Stage, Count),
    byEnding: z.partialRecord(z.union([Ending, z.literal('none')]), Count),
    byCondition: z.partialRecord(Condition, Count),
    byKind: z.partialRecord(Kind, Count),
    byField: z
      .record(z.string().max(80), Count)
      .meta({ description: 'A proposal with several fields counts for each of them.' }),
    money: TreeMoneySchema,
    ownMoneyBeside: z
      .object({ total: Count, proposals: z.array(ProposalId).max(ownMoneyListed), money: BesideMoneySchema })
      .meta({
        description:
          'Flagged: programmes that have such money of their own as well as in their parts (`related.programme` in the status ' +
          `shows it). Their own money is not in the totals, but here: the first ${ownMoneyListed} of these programmes by id, and the sum of all of them.`,
      }),
    overdue: z
      .object({
        total: Count,
        proposals: z
          .array(
            z.object({ proposalId: z.string().max(80), title: LanguageMap, stage: Stage, plannedEnd: Day.nullable() }),
          )
          .max(overdueListed),
      })
      .meta({
        description: `The first ${overdueListed} overdue proposals, the longest overdue first. The list with \`condition=overdue\` has them all.`,
      }),
  })
  .meta({ id: 'Portfolio', description: 'The whole ledger in numbers.' })

export function getPortfolioRoute(service: Service): RouteDefinition {
  return defineRoute({
    method: 'GET',
    url: '/v1/portfolio',
    operationId: 'getPortfolio',
    tag: 'Status',
    summary: 'Counts, money and overdue proposals',
    description:
      'In a busy ledger the portfolio is not recomputed for each event. `Log-Position` is the last position that the answer includes; `atLeast` waits for a position.',
    access: { scope: 'read' },
    query: z.strictObject({ ...pastQuery, ...atLeast }),
    responses: {
      200: { description: 'The portfolio.', schema: Portfolio, headers: readHeaders },
      304: notModified,
    },
    problems: ['before-beginning', ...pastProblems, ...waitProblems],
    work: ({ query }) => (asksForPast(query as PastQuery) ? 'page' : 'lookup'),
    handler: async ({ query, raw }) => {
      const position = query.atLeast ?? 0
      if (asksForPast(query)) return pastPortfolio(service, raw, query)
      await waitFor(service, position)
      const standing = { ...service.view, day: service.today() }
      return conditional(service, raw, await reading(() => readRecent(service.portfolio, standing, position)))
    },
  })
}

/** Works the portfolio out as of where the read model stands. */
export async function computePortfolio(service: Pick<Service, 'db' | 'today'>): Promise<KeptPortfolio> {
  const day = service.today()
  const { logId, generation, position, portfolio } = await inSnapshot(service.db, async (snapshot) => {
    const { logId, generation, position } = snapshot
    return { logId, generation, position, portfolio: await readPortfolio(currentSource(snapshot, day)) }
  })
  const body = JSON.stringify(portfolio)
  return { logId, generation, position, day, portfolio, body, etag: tagOf(logId, body) }
}

/** The portfolio at a point in time. */
async function pastPortfolio(service: Service, raw: FastifyRequest, wanted: PointQuery): Promise<Answer> {
  const { portfolio, snapshot, settled } = await readPast(service, wanted, async (snapshot) => {
    const { at, settled } = await resolve(service, snapshot, wanted)
    const source = pastSource(snapshot, at)
    const portfolio = await readPortfolio(source)
    if (portfolio.total === 0) await checkBegun(service, source)
    return { portfolio, snapshot, settled }
  })
  const { logId, position } = snapshot
  const body = JSON.stringify(portfolio)
  return conditional(service, raw, { body, etag: tagOf(logId, body), logId, position, headers: storing(settled) })
}
