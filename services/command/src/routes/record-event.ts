import { EventBody, exampleBodies, ProposalId, parseEventBody, RecordedEvent } from '@commitments/domain'
import {
  type Answer,
  defineRoute,
  entityTag,
  hasRight,
  parseStructuredString,
  type RouteDefinition,
} from '@commitments/http-kit'
import { z } from 'zod'
import type { CommandConfig } from '../config.ts'
import { type DryRunResult, dryRun } from '../recorder/decide.ts'
import { type Recorder, record } from '../recorder/recorder.ts'
import type { RecordRequest, RecordResult } from '../recorder/requests.ts'
import { orProblem, problemOf, writeProblems } from './answers.ts'
import { eventLimit, preconditionOf, requestOf, whoSigns, whoSpeaks } from './conditions.ts'
import { StatusIfReadable, statusThen } from './status-then.ts'

const Query = z.strictObject({
  dryRun: z.enum(['true', 'false'], { error: 'must be `true` or `false`' }).optional().meta({
    description:
      '`true`: the service checks everything, says what the status would be, and records nothing. Without it the event is recorded.',
    // A trial from the documentation must not stay in the log forever.
    example: 'true',
  }),
})

/** An unused proposal id, so that the first body that "Try it out" offers is accepted unchanged. */
const NewProposalId = ProposalId.meta({
  description: 'The id of the proposal. Its proposer chooses it; it never changes.',
  examples: ['trial-proposal'],
})

export const RecordHeaders = z.object({
  'idempotency-key': z.string().optional().meta({
    description:
      'A name that you choose for this request: a structured-field string of 1 to 255 characters, in double quotes, such as `"7f9c2ba4-e88f-11ef-9cd2-0242ac120002"`.',
  }),
  'if-match': z.string().optional().meta({
    description:
      'The version that the proposal must have, such as `"2"`: the `version` of the status that you decided on, or the `ETag` of an answer to a write. The `ETag` of a status is not a version.',
  }),
  'if-none-match': z.string().optional().meta({ description: 'Only `*` is accepted: the proposal must not exist.' }),
  traceparent: z.string().optional().meta({ description: 'W3C Trace Context; kept in the event.' }),
})

const DryRun = z
  .strictObject({
    dryRun: z.literal(true).meta({ description: 'Nothing was recorded.' }),
    proposalId: ProposalId,
    version: z.int().min(1).meta({ description: 'The version of the proposal that the event would become.' }),
    type: z.string().meta({ description: 'The type of the event.' }),
    status: StatusIfReadable,
  })
  .meta({
    id: 'DryRun',
    description: 'The event would be recorded, as this version of the proposal.',
    examples: [{ dryRun: true, proposalId: 'jcm10', version: 2, type: 'agreed' }],
  })

export interface RecordParts {
  readonly recorder: Recorder
  readonly logId: () => string
  /** The address of the projection service; empty if it is not known: then both services are assumed to have one address. */
  readonly readAt: string
  readonly readAccess: CommandConfig['READ_ACCESS']
}

/** `POST /v1/proposals/{proposalId}/events`: records one event or, as a dry run, says what would happen. */
export function recordEventRoute({ recorder, logId, readAt, readAccess }: RecordParts): RouteDefinition {
  return defineRoute({
    method: 'POST',
    url: '/v1/proposals/:proposalId/events',
    operationId: 'recordEvent',
    tag: 'Record',
    summary: 'Record one event of a proposal',
    description:
      '`proposed` creates the proposal; every other event needs it to exist. Send an `Idempotency-Key` with each write: a repeated request then always gets the same answer and records nothing. With `If-Match` and the version that you decided on, the event is recorded only if the proposal still has that version. ' +
      `${whoSpeaks}\n\n${whoSigns}`,
    access: { scope: 'record' },
    params: z.strictObject({ proposalId: NewProposalId }),
    query: Query,
    headers: RecordHeaders,
    body: {
      parse: 'json',
      schema: EventBody,
      read: parseEventBody,
      contentTypes: ['application/json'],
      limit: eventLimit,
      examples: exampleBodies,
    },
    responses: {
      200: { description: 'Dry run: the event would be recorded.', schema: DryRun },
      201: {
        description: 'The event is in the log, durably. The body is exactly the recorded line.',
        schema: RecordedEvent,
        headers: ['Location', 'ETag', 'Log-Position', 'Log-Id', 'Idempotency-Replayed'],
      },
    },
    problems: writeProblems,
    // A recording has its own queue.
    work: ({ query }) => ((query as z.output<typeof Query>).dryRun === 'true' ? 'lookup' : 'memory'),
    async handler(call) {
      const { body, caller, headers } = call
      const request = requestOf(
        caller,
        { proposalId: call.params.proposalId, ...body },
        {
          idempotencyKey: parseStructuredString('idempotency-key', headers['idempotency-key']),
          precondition: preconditionOf(headers['if-match'], headers['if-none-match']),
          traceparent: call.traceparent,
        },
      )
      if (call.query.dryRun === 'true') {
        const result = await orProblem(dryRun(recorder, request))
        return answerDryRun(request, result, hasRight(caller, 'read', readAccess) ? recorder.timeZone : null)
      }
      const result = await orProblem(record(recorder, request, sizeOf(call.raw.headers['content-length'])))
      if (result.outcome !== 'recorded') throw problemOf(result, request.precondition)
      call.note({ proposalId: result.proposalId, version: result.version, position: result.position })
      return answerRecorded(result, logId(), readAt)
    },
  })
}

/** Rough size of a request in the queue; chunked bodies do not announce their size. */
function sizeOf(contentLength: string | undefined): number {
  return contentLength === undefined ? 4096 : Number(contentLength)
}

function answerRecorded(result: Extract<RecordResult, { outcome: 'recorded' }>, logId: string, readAt: string): Answer {
  return {
    status: 201,
    headers: {
      Location: `${readAt}/v1/proposals/${result.proposalId}/events/${result.version}`,
      ETag: entityTag(String(result.version)),
      'Log-Position': String(result.position),
      'Log-Id': logId,
      ...(result.replayed ? { 'Idempotency-Replayed': 'true' } : {}),
    },
    type: 'application/json',
    body: result.line,
  }
}

/** @param timeZone of the status; null: the caller may not read it */
function answerDryRun(request: RecordRequest, result: DryRunResult, timeZone: string | null): Answer {
  if (result.outcome !== 'acceptable') throw problemOf(result, request.precondition)
  const { proposalId, type } = request.body
  const { version, proposal, now } = result
  const status = timeZone === null ? {} : { status: statusThen(proposal, now, timeZone) }
  return { status: 200, body: { dryRun: true, proposalId, version, type, ...status } }
}
