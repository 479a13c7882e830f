/** The events of one proposal as they are in the log. */
import { ProposalId } from '@commitments/domain'
import { readBytes, readEvent, readHead, readStream } from '@commitments/event-store'
import { defineRoute, problem, queryInteger, type RouteDefinition } from '@commitments/http-kit'
import { z } from 'zod'
import { CloudEvent, cloudEvent, cloudEventOf } from '../live/cloud-events.ts'
import type { Service } from '../service.ts'
import { annotate } from '../streams/annotations.ts'
import { type CountingDays, readCountingDays } from '../streams/counting-days.ts'
import { proofsBeside } from '../transparency/event-proofs.ts'
import { readingTiles } from './covered.ts'
import { EventItem, EventPage, item, page } from './events.ts'
import {
  atLeast,
  conditional,
  headOf,
  linkToNext,
  notModified,
  readHeaders,
  reading,
  type Seen,
  tagOf,
  unknownProposal,
  waitFor,
  waitProblems,
} from './reading.ts'

const Version = queryInteger(1, 2_147_483_647)

const withProof = {
  proof: z.enum(['true', 'false']).default('false').meta({
    description: '`true`: each event comes with a proof that it is in the transparency log.',
  }),
}

export function listProposalEventsRoute(service: Service): RouteDefinition {
  return defineRoute({
    method: 'GET',
    url: '/v1/proposals/:proposalId/events',
    operationId: 'listProposalEvents',
    tag: 'History',
    summary: 'The history of a proposal',
    description:
      'Lists every event of the proposal in order, exactly as recorded, each with the corrections and retractions that hold for it, and the day from which it counts (`countsFrom`). A page may be shorter than `limit` if its events are long. `next` is the `after` of the next page, and null on the last page.',
    access: { scope: 'audit' },
    params: z.strictObject({ proposalId: ProposalId }),
    query: z.strictObject({
      ...atLeast,
      after: queryInteger(0, 2_147_483_647).default(0).meta({ description: 'Begin after this version.' }),
      limit: queryInteger(1, 1000).default(100).meta({ description: 'The maximum number of events on a page.' }),
      ...withProof,
    }),
    responses: {
      200: { description: 'A page of the history.', schema: EventPage, headers: [...readHeaders, 'Link'] },
      304: notModified,
    },
    problems: ['unknown-proposal', 'log-not-ready', ...waitProblems],
    handler: async ({ params: { proposalId }, query, raw }) => {
      const head = await seen(service, query.atLeast)
      const lines = await reading(() =>
        readStream(service.pool, proposalId, { afterVersion: query.after, limit: query.limit + 1 }),
      )
      if (lines.length === 0 && query.after === 0) throw unknownProposal(service, proposalId, head)
      const shown = lines.slice(0, query.limit)
      const next = lines.length > shown.length || isFull(lines) ? query.after + shown.length : null
      const proofs = await proofsOf(service, query.proof, shown)
      const days = await daysOf(service, proposalId)
      const beside = shown.map((_, index) => ({
        countsFrom: days.get(query.after + index + 1) ?? null,
        proof: proofs[index],
      }))
      const body = page(await reading(() => annotate(service.pool, shown)), next, beside)
      const asked = query.proof === 'true' ? '&proof=true' : ''
      const target = `/v1/proposals/${proposalId}/events?after=${next}&limit=${query.limit}${asked}`
      const headers = next === null ? {} : linkToNext(target)
      return conditional(service, raw, { body, etag: tagOf(head.logId, body), ...head, headers })
    },
  })
}

export function getProposalEventRoute(service: Service): RouteDefinition {
  return defineRoute({
    method: 'GET',
    url: '/v1/proposals/:proposalId/events/:version',
    operationId: 'getProposalEvent',
    tag: 'History',
    summary: 'One event of a proposal',
    description:
      'The event that made this version of the proposal, exactly as recorded, with the corrections and retractions that hold for it. ' +
      'As `application/cloudevents+json`: in the envelope of CloudEvents 1.0, without later corrections.',
    access: { scope: 'audit' },
    params: z.strictObject({ proposalId: ProposalId, version: Version }),
    query: z.strictObject({ ...atLeast, ...withProof }),
    responses: {
      200: {
        description: 'The event.',
        schema: EventItem,
        schemas: { [cloudEvent]: CloudEvent },
        contentTypes: ['application/json', cloudEvent],
        headers: readHeaders,
      },
      304: notModified,
    },
    problems: ['unknown-proposal', 'not-found', 'log-not-ready', ...waitProblems],
    work: 'lookup',
    handler: async ({ params: { proposalId, version }, query, accepted, raw }) => {
      const head = await seen(service, query.atLeast)
      const line = await reading(() => readEvent(service.pool, proposalId, version))
      if (line === null) throw await missingEvent(service, proposalId, version, head)
      if (accepted === cloudEvent) {
        const wrapped = cloudEventOf(line, head.logId, service.cloudEvents)
        return conditional(service, raw, { body: wrapped, etag: tagOf(head.logId, wrapped), type: cloudEvent, ...head })
      }
      const [proof] = await proofsOf(service, query.proof, [line])
      const countsFrom = (await daysOf(service, proposalId)).get(version) ?? null
      const annotated = await reading(() => annotate(service.pool, [line]))
      const body = annotated.map((one) => item(one, { countsFrom, proof })).join('')
      return conditional(service, raw, { body, etag: tagOf(head.logId, body), ...head })
    },
  })
}

function daysOf({ pool, timeZone, knownDays }: Service, proposalId: string): Promise<CountingDays> {
  return reading(() => readCountingDays(pool, proposalId, timeZone, knownDays))
}

/** None if none were requested. */
async function proofsOf({ pool }: Service, asked: 'true' | 'false', lines: readonly string[]): Promise<string[]> {
  return asked === 'true' ? readingTiles(() => proofsBeside(pool, lines)) : []
}

/**
 * The end of the log before anything is read from it, so that what is read has seen at least that. History comes from the log itself, so it
 * waits only if the log itself is behind the requested position.
 */
async function seen(service: Service, atLeast = 0): Promise<Seen> {
  const head = await reading(() => readHead(service.pool))
  if (head.position >= atLeast) return head
  await waitFor(service, atLeast)
  return reading(() => readHead(service.pool))
}

/** Whether one read returned its maximum of bytes: then there may be more lines than it returned. */
function isFull(lines: readonly string[]): boolean {
  return lines.reduce((bytes, line) => bytes + Buffer.byteLength(line), 0) >= readBytes
}

async function missingEvent(service: Service, proposalId: string, version: number, head: Seen): Promise<Error> {
  const first = await reading(() => readEvent(service.pool, proposalId, 1))
  if (first === null) return unknownProposal(service, proposalId, head)
  const detail = `${proposalId} has no version ${version} yet.`
  return problem('not-found', detail, { headers: headOf(service, head) })
}
