import { Day, LanguageMap, PartyId, ProposalId, Role, roles } from '@commitments/domain'
import {
  type Answer,
  decodeCursor,
  defineRoute,
  encodeCursor,
  queryInteger,
  type RouteDefinition,
} from '@commitments/http-kit'
import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import { filterQuery } from '../lists/filters.ts'
import { readParties } from '../lists/parties.ts'
import { currentSource, pastSource, type Source } from '../lists/source.ts'
import type { Service } from '../service.ts'
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
import { inSnapshotOf } from './at-least.ts'
import { atLeast, conditional, notModified, readHeaders, tagOf, waitProblems } from './reading.ts'

const Count = z.int().min(0)
const usualLimit = 100
const mostParties = 500
const Cursor = z.strictObject({ after: PartyId })

const KnownParty = z
  .object({
    party: PartyId,
    names: z.record(z.string().max(80), z.string().max(1_000)).meta({
      description:
        'The name in force, by language. It comes from the renamings that count; in a language without a renaming it is the name that most proposals record.',
    }),
    countries: z
      .array(z.string().max(2))
      .max(300)
      .meta({ description: 'Every country that a proposal records for it (ISO 3166-1).' }),
    roles: z.partialRecord(Role, Count).meta({ description: 'The number of proposals in which it has each role.' }),
    total: Count.meta({
      description: 'The number of proposals in which it takes part, without those that were recorded by mistake.',
    }),
    renamings: z
      .array(
        z.object({
          name: LanguageMap,
          countsFrom: Day.meta({ description: 'The day from which the name holds.' }),
          proposalId: ProposalId,
          version: z.int().min(1).meta({ description: 'The version of the `party-renamed` event in that proposal.' }),
        }),
      )
      .meta({ description: 'Its renamings in the order in which they count, each with the event that recorded it.' }),
  })
  .meta({
    id: 'KnownParty',
    description: 'An organisation that takes part in proposals of the ledger, or an unnamed group of them.',
  })

const PartyList = z
  .object({
    parties: z.array(KnownParty).max(mostParties).meta({ description: 'The parties of this page, by id.' }),
    total: Count.meta({ description: 'The number of parties that match, on all pages.' }),
    next: z.string().max(200).nullable().meta({ description: 'The `cursor` of the next page; null on the last page.' }),
  })
  .meta({ id: 'PartyList', description: 'A page of the parties of the ledger, in the order of their ids.' })

const Query = z.strictObject({
  q: filterQuery.q.meta({
    description:
      'Each of these words must be in the id of the party, or in a name that it has or had. The words are compared as in `q` of the list of proposals.',
    examples: ['khoa hoc'],
  }),
  country: filterQuery.country.meta({
    description: 'A proposal records this country for the party (ISO 3166-1). Repeatable; matches any of the values.',
  }),
  role: filterQuery.role.meta({
    description: `The party has this role in at least one proposal (${roles.join(', ')}). Repeatable; matches any of the values.`,
  }),
  limit: queryInteger(1, mostParties)
    .optional()
    .meta({ description: `The maximum number of parties on a page; the default is ${usualLimit}.` }),
  cursor: z
    .string()
    .min(1)
    .max(200)
    .optional()
    .meta({ description: 'The `next` of the page before. Repeat the other parameters.' }),
  ...pastQuery,
  ...atLeast,
})
type PartiesQuery = z.output<typeof Query>

export function listPartiesRoute(service: Service): RouteDefinition {
  return defineRoute({
    method: 'GET',
    url: '/v1/parties',
    operationId: 'listParties',
    tag: 'Status',
    summary: 'Parties of all proposals, with their names in force',
    description:
      'Each organisation that takes part in a proposal: its names, countries, roles and counts, now or at any moment. A `party-renamed` event is recorded once, on any proposal of the organisation. It changes the name in all proposals, from the day from which the event counts.',
    access: { scope: 'read' },
    query: Query,
    responses: { 200: { description: 'A page.', schema: PartyList, headers: readHeaders }, 304: notModified },
    problems: ['before-beginning', ...pastProblems, ...waitProblems],
    handler: ({ query, raw }) => {
      const answer = (source: Source, settled: boolean) => answerOf(service, raw, query, source, settled)
      return asksForPast(query) ? fromPast(service, query, answer) : fromNow(service, query, answer)
    },
  })
}

type From = (source: Source, settled: boolean) => Promise<Answer>

function fromNow(service: Service, { atLeast = 0 }: PointQuery, answer: From): Promise<Answer> {
  return inSnapshotOf(service, atLeast, (snapshot) => answer(currentSource(snapshot, service.today()), true))
}

function fromPast(service: Service, wanted: PointQuery, answer: From): Promise<Answer> {
  return readPast(service, wanted, async (snapshot) => {
    const { at, settled } = await resolve(service, snapshot, wanted)
    const source = pastSource(snapshot, at)
    await checkBegun(service, source)
    return answer(source, settled)
  })
}

async function answerOf(
  service: Service,
  raw: FastifyRequest,
  query: PartiesQuery,
  source: Source,
  settled: boolean,
): Promise<Answer> {
  const { limit = usualLimit, cursor } = query
  const after = cursor === undefined ? '' : decodeCursor(Cursor, cursor).after
  const all = await readParties(source, query)
  const rest = all.filter(({ party }) => party > after)
  const parties = rest.slice(0, limit)
  const last = rest.length > limit ? parties.at(-1) : undefined
  const next = last === undefined ? null : encodeCursor({ after: last.party })
  const body = JSON.stringify({ parties, total: all.length, next })
  const { logId, position } = source.snapshot
  return conditional(service, raw, { body, etag: tagOf(logId, body), logId, position, headers: storing(settled) })
}
