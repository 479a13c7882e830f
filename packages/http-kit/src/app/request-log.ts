/**
 * One line for each request, when it is done. Nothing is built for a line that the level leaves out, and no child logger is made for a
 * request: its id is a field of the line.
 */
import { type FastifyReply, type FastifyRequest, LogController } from 'fastify'
import type { Logger } from 'pino'
import { hasToken } from '../keys/key-entries.ts'
import { addressOf } from '../limits/address.ts'
import { routePattern } from '../route/route-pattern.ts'

export class RequestLog extends LogController {
  readonly #lines: Logger

  constructor(logger: Logger) {
    super()
    // The fields of our own lines are chosen one by one, so they need no search for secrets.
    this.#lines = logger.child({}, { redact: [] })
  }

  override incomingRequest(): void {
    // The line at the end says everything that this one would say.
  }

  override requestCompleted(error: Error | null | undefined, request: FastifyRequest, reply: FastifyReply): void {
    if (error) request.log.warn({ ...describe(request, reply), err: error }, 'request broke off')
    else if (this.#lines.isLevelEnabled('info')) this.#lines.info(describe(request, reply), 'request completed')
  }

  override streamError(error: Error, request: FastifyRequest): void {
    const premature = (error as NodeJS.ErrnoException).code === 'ERR_STREAM_PREMATURE_CLOSE'
    const message = premature ? 'the reader went away' : 'the answer broke off after its head had been sent'
    request.log[premature ? 'info' : 'error']({ requestId: request.id, err: error }, message)
  }
}

/** A caller that only reads, and may do so, leaves no address behind. */
function isWrite({ method }: FastifyRequest): boolean {
  return method !== 'GET' && method !== 'HEAD'
}

function describe(request: FastifyRequest, reply: FastifyReply): Record<string, unknown> {
  return {
    requestId: request.id,
    method: request.method,
    route: routePattern(request),
    status: reply.statusCode,
    milliseconds: Math.round(reply.elapsedTime * 1000) / 1000,
    ...(request.caller === null ? {} : { [hasToken(request.caller) ? 'caller' : 'key']: request.caller.name }),
    ...(reply.statusCode >= 400 || isWrite(request) ? { address: addressOf(request) } : {}),
    ...request.notes,
  }
}
