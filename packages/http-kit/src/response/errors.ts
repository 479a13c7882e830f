/** Turns every error in an app into a problem document. */
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { type Problem, Problem as ProblemClass, problem, problemDocument } from '../problems/problem.ts'
import { brokenOff } from '../request/body.ts'
import { headersOfForbidden } from '../request/challenge.ts'
import type { AppContext } from '../route/app-context.ts'
import { problemCodesOf } from '../route/route.ts'

export const problemType = 'application/problem+json'

/** Seconds, for temporary problems that do not name a time. */
const defaultRetryAfter: Readonly<Record<number, string>> = { 429: '10', 503: '1' }

/** Answers with the problem for an error. An error that is not meant for the caller is logged and answered as `internal`. */
export function sendError(
  context: AppContext,
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  if (isCallerGone(error, request, reply)) {
    request.log.info({ requestId: request.id, err: error }, 'the caller went away')
    return sendProblem(context, brokenOff(), request, reply)
  }
  const found = asProblem(error)
  if (found !== null && isExpected(context, found, request)) return sendProblem(context, found, request, reply)
  request.log.error(
    { requestId: request.id, method: request.method, route: request.routeOptions.url, err: error },
    'request failed',
  )
  return sendProblem(context, internalProblem(), request, reply)
}

/** Whether the error only says that the connection ended during the request or its answer: that is not our fault. */
function isCallerGone(error: unknown, { raw }: FastifyRequest, reply: FastifyReply): boolean {
  if (!raw.destroyed && !reply.raw.destroyed) return false
  const { code } = (error ?? {}) as NodeJS.ErrnoException
  return error === raw.errored || code === 'ERR_STREAM_PREMATURE_CLOSE'
}

/** For tests, a code that the OpenAPI document does not promise is our mistake; callers still get it as an answer. */
function isExpected(context: AppContext, { code }: Problem, { definition, log }: FastifyRequest): boolean {
  if (context.types[code] === undefined) return false
  // Without a definition: plug-ins, and errors before a route was found. A timeout is not documented for each route.
  if (!context.strictAnswers || !definition || code === 'request-timeout') return true
  const promised = problemCodesOf(definition).includes(code)
  if (!promised) log.error(`${definition.operationId} answered with the problem ${code}, which it does not declare.`)
  return promised
}

function internalProblem(): Problem {
  return problem('internal', 'The service failed; its log has the cause under this `requestId`.')
}

function sendProblem(context: AppContext, from: Problem, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const document = problemDocument(context.types, from, {
    instance: pathOf(request.raw.url),
    requestId: request.id,
    publicUrl: context.publicUrl,
  })
  const retryAfter = defaultRetryAfter[document.status]
  if (context.life.closing) reply.header('connection', 'close')
  if (retryAfter !== undefined) reply.header('retry-after', retryAfter)
  reply.headers(headersOfForbidden(context, from))
  reply.code(document.status).headers(from.headers).header('cache-control', 'no-store').type(problemType)
  // As bytes: Fastify would add a charset to a text, and the media type has no such parameter.
  return reply.send(Buffer.from(JSON.stringify(document)))
}

/** The path without its query, which may have content that must not be repeated. */
export function pathOf(url: string | undefined): string {
  return (url ?? '').split('?', 1)[0] ?? ''
}

function asProblem(error: unknown): Problem | null {
  if (error instanceof ProblemClass) return error
  const { code, statusCode } = (error ?? {}) as Partial<FastifyError>
  const known = code === undefined ? undefined : fastifyErrors[code]
  if (known !== undefined) return known()
  return statusCode !== undefined && statusCode >= 400 && statusCode < 500 ? fromStatus(statusCode) : null
}

/** Errors that Fastify raises itself before our checks see the request. */
const fastifyErrors: Readonly<Record<string, () => Problem>> = {
  FST_ERR_BAD_URL: () => problem('malformed', 'The URL has an invalid percent escape.'),
  FST_ERR_MAX_PARAM_LENGTH: () => problem('uri-too-long', 'A part of the path is longer than any possible name.'),
  FST_ERR_CTP_INVALID_MEDIA_TYPE: () => problem('unsupported-media-type', 'The `Content-Type` is not supported here.'),
  FST_ERR_CTP_BODY_TOO_LARGE: () => problem('too-large', 'The body is larger than this call reads.'),
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: () =>
    problem('malformed', 'The length of the body differs from `Content-Length`.'),
  FST_ERR_NOT_FOUND: () => problem('not-found', 'Nothing is here.'),
}

/** Plug-ins (static files) mark errors of the caller only with a status. */
function fromStatus(status: number): Problem {
  if (status === 404) return problem('not-found', 'Nothing is here.')
  if (status === 413) return problem('too-large', 'The request is too large.')
  return problem('malformed', 'The request cannot be read.')
}
