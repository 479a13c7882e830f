/** The events of one proposal as they are in the log. */
import { ProposalId } from '@commitments/domain'
import { type Queryable, readBytes, readEvent, readStream } from '@commitments/event-store'
import { defineRoute, problem, queryInteger, type RouteDefinition } from '@commitments/http-kit'
import { z } from 'zod'
import { CloudEvent, cloudEvent, cloudEventOf } from '../live/cloud-events.ts'
import type { Service } from '../service.ts'
import { annotate } from '../streams/annotations.ts'
import { readCountingDays } from '../streams/counting-days.ts'
import { proofsBeside } from '../transparency/event-proofs.ts'
import { fromLog } from './at-least.ts'
import { readingTiles } from './covered.ts'
import { EventItem, EventPage, item, page } from './events.ts'
import {
  atLeast,
  conditional,
  headOf,
  linkToNext,
  notModified,
  readHeaders,
  type Seen,
  tagOf,
  unknownProposal,
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
      const { head, found } = await fromHistory(service, query.atLeast, async (client) => {
        const lines = await readStream(client, proposalId, { afterVersion: query.after, limit: query.limit + 1 })
        return { lines, ...(await besideOf(service, client, proposalId, lines.slice(0, query.limit), query.proof)) }
      })
      const { lines, days, proofs, annotated } = found
      if (lines.length === 0 && query.after === 0) throw unknownProposal(service, proposalId, head)
      const next = lines.length > annotated.length || isFull(lines) ? query.after + annotated.length : null
      const beside = annotated.map((_, index) => ({
        countsFrom: days.get(query.after + index + 1) ?? null,
        proof: proofs[index],
      }))
      const body = page(annotated, next, beside)
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
      const { head, found } = await fromHistory(service, query.atLeast, async (client) => {
        const line = await readEvent(client, proposalId, version)
        if (line === null) return { line, isKnown: (await readEvent(client, proposalId, 1)) !== null }
        return { line, ...(await besideOf(service, client, proposalId, [line], query.proof)) }
      })
      if (found.line === null) throw missingEvent(service, proposalId, version, head, found.isKnown)
      const { line, days, proofs, annotated } = found
      if (accepted === cloudEvent) {
        const wrapped = cloudEventOf(line, head.logId, service.cloudEvents)
        return conditional(service, raw, { body: wrapped, etag: tagOf(head.logId, wrapped), type: cloudEvent, ...head })
      }
      const [proof] = proofs
      const countsFrom = days.get(version) ?? null
      const body = annotated.map((one) => item(one, { countsFrom, proof })).join('')
      return conditional(service, raw, { body, etag: tagOf(head.logId, body), ...head })
    },
  })
}

/** History comes from the log itself, so it waits only if the log itself is behind the requested position. */
function fromHistory<T>(service: Service, atLeast: number | undefined, read: (client: Queryable) => Promise<T>) {
  return readingTiles(() => fromLog(service, atLeast ?? 0, read))
}

/** What is shown with lines of a proposal; no proofs if none were requested. */
async function besideOf(
  { timeZone, knownDays }: Service,
  client: Queryable,
  proposalId: string,
  lines: readonly string[],
  proof: 'true' | 'false',
) {
  return {
    days: await readCountingDays(client, proposalId, timeZone, knownDays),
    proofs: proof === 'true' ? await proofsBeside(client, lines) : [],
    annotated: await annotate(client, lines),
  }
}

/** Whether one read returned its maximum of bytes: then there may be more lines than it returned. */
function isFull(lines: readonly string[]): boolean {
  return lines.reduce((bytes, line) => bytes + Buffer.byteLength(line), 0) >= readBytes
}

function missingEvent(service: Service, proposalId: string, version: number, head: Seen, isKnown: boolean): Error {
  if (!isKnown) return unknownProposal(service, proposalId, head)
  const detail = `${proposalId} has no version ${version} yet.`
  return problem('not-found', detail, { headers: headOf(service, head) })
}
