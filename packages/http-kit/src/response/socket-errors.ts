/** Answers bytes that never become a request: Node gives up on the socket, and we still send a problem document. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import { requestId } from '../headers/request-identity.ts'
import { type Problem, problem, problemDocument } from '../problems/problem.ts'
import { isStreamed } from '../request/body.ts'
import type { AppContext } from '../route/app-context.ts'
import { pathOf, problemType } from './errors.ts'

type ClientError = Error & { code?: string }

/** Connections that are already ending: further errors on them are ignored. */
const ending = new WeakSet<Socket>()

/**
 * For Fastify's `clientErrorHandler`: bytes that are not a request, or that came too late. Earlier requests may have been executed, and a
 * client takes the first answer that it reads as the answer to its first request. So all answers that are due are sent first, and only then
 * this one.
 */
export function answerOnSocket(context: AppContext, error: ClientError, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed || ending.has(socket)) return
  ending.add(socket)
  const id = requestId({ headers: {} })
  context.logger.info(
    { requestId: id, reason: error.code, address: socket.remoteAddress },
    'a request could not be read',
  )
  answerInTurn(socket, rawAnswer(context, problemOf(error), id))
}

/** The answer that Node is currently writing on the connection. */
type CurrentAnswer = ServerResponse & { readonly req: IncomingMessage }

function answerInTurn(socket: Socket, answer: string): void {
  // oxlint-disable-next-line no-underscore-dangle -- Node's own handler of such errors asks the same; there is no public way.
  const current = (socket as Socket & { _httpMessage?: CurrentAnswer | null })._httpMessage
  if (!current) {
    if (socket.writable) socket.write(answer)
    socket.destroySoon()
  } else if (current.req.complete) {
    // Node moves on to the next answer when one is finished, before it notifies us.
    current.once('finish', () => answerInTurn(socket, answer))
  } else {
    // The body of this same request is incomplete. Nothing was done yet, unless the body is processed while it arrives.
    const begun = current.headersSent || isStreamed(current.req)
    if (!begun && socket.writable) socket.write(answer)
    socket.destroySoon()
  }
}

function problemOf({ code }: ClientError): Problem {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') {
    return problem('request-timeout', 'The request did not arrive in time.')
  }
  if (code === 'HPE_HEADER_OVERFLOW') {
    return problem('headers-too-large', 'Request line and headers together are larger than 16 KiB.')
  }
  if (code === 'HPE_CHUNK_EXTENSIONS_OVERFLOW') {
    return problem('too-large', 'The chunk extensions of the body are too large.')
  }
  return problem('malformed', 'The bytes sent are not an HTTP/1.1 request.')
}

function rawAnswer(context: AppContext, from: Problem, id: string): string {
  const document = problemDocument(context.types, from, { requestId: id, publicUrl: context.publicUrl })
  const body = JSON.stringify(document)
  const head = [
    `HTTP/1.1 ${document.status} ${STATUS_CODES[document.status]}`,
    `Content-Type: ${problemType}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Cache-Control: no-store',
    `X-Request-Id: ${id}`,
    'Connection: close',
  ]
  return `${head.join('\r\n')}\r\n\r\n${body}`
}

/** For the server's `checkExpectation` event: an `Expect` other than `100-continue`. */
export function answerExpectation(context: AppContext, request: IncomingMessage, response: ServerResponse): void {
  const id = requestId(request)
  const from = problem('expectation-failed', 'The only supported expectation is `100-continue`.')
  const document = problemDocument(context.types, from, {
    instance: pathOf(request.url),
    requestId: id,
    publicUrl: context.publicUrl,
  })
  const body = JSON.stringify(document)
  response.writeHead(document.status, {
    'content-type': problemType,
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
    'x-request-id': id,
    connection: 'close',
  })
  response.end(body)
}
