/** From a checked request to its answer, in the turn that its work needs. */
import type { Socket } from 'node:net'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { closingOf, takenOf } from '../limits/connections.ts'
import { countUntaken, type Gate, type Work } from '../limits/gate.ts'
import { inTurn } from '../limits/turn.ts'
import { readInput } from '../request/input.ts'
import { sendResult } from '../response/answer.ts'
import type { AppContext } from '../route/app-context.ts'
import type { HandlerResult } from '../route/responses.ts'
import type { RouteDefinition } from '../route/route.ts'
import { RouteRequest } from '../route/route-request.ts'

/** What awaits this continues after Node has made all calls that are due in this phase of the turn, in the order of waiting. */
const afterAllBodiesParsed = Promise.resolve()

/** From the input to the answer. It begins after the bodies that arrived together have all been parsed (batch-by-turns.ts). */
export async function runHandler(
  context: AppContext,
  route: RouteDefinition,
  raw: FastifyRequest,
  reply: FastifyReply,
): Promise<void> {
  await afterAllBodiesParsed
  // Only callers that can read may learn how far the log is; all others learn nothing about it, whatever the answer.
  if (context.readAccess === 'key' && route.access !== 'public') reply.headers(context.headersForAll())
  try {
    const request = new RouteRequest(raw, reply, readInput(route, raw), context.gates)
    const work = workOf(route, request)
    if (work === 'memory') send(context, context.gates.lookup, route, request, await route.handler(request))
    else send(context, context.gates[work], route, request, await inItsTurn(context, work, route, request))
  } catch (error) {
    reply.send(
      error instanceof Error ? error : new Error('A handler threw something that is no error.', { cause: error }),
    )
  }
}

/** The work that the route declares for the request; by default the most. */
function workOf({ work = 'page' }: RouteDefinition, request: RouteRequest): Work {
  return typeof work === 'function' ? work(request) : work
}

async function inItsTurn(
  { gates }: AppContext,
  work: Exclude<Work, 'memory'>,
  route: RouteDefinition,
  request: RouteRequest,
): Promise<HandlerResult> {
  if (work === 'page') await pagesBefore(request)
  return inTurn(gates[work], request.asking, () => route.handler(request))
}

/** Sends an answer, and counts a large one until it is taken. */
function send(
  context: AppContext,
  gate: Gate,
  route: RouteDefinition,
  request: RouteRequest,
  result: HandlerResult,
): void {
  const { socket } = request.raw.raw
  const bytes = sendResult(context, route, request.reply, result)
  if (bytes === 0) return
  const taken = countUntaken(gate, {
    caller: request.asking.caller,
    bytes,
    taken: () => takenOf(socket),
    cut: () => socket.destroy(),
  })
  whenOver(request, taken)
}

/** Calls `act` when the answer was taken or its connection has closed, and leaves no listeners on a connection that stays open. */
function whenOver({ raw, reply }: RouteRequest, act: () => void): void {
  const closing = closingOf(raw.raw.socket)
  const over = () => {
    closing.removeEventListener('abort', over)
    act()
  }
  reply.raw.once('close', over)
  // An answer behind others on its connection never started when the connection closes.
  if (closing.aborted) over()
  else closing.addEventListener('abort', over, { once: true })
}

/** When the latest requested page of a connection was taken. */
const latestPages = new WeakMap<Socket, Promise<void>>()

/** Answers of a connection are taken one after the other. A page that is made earlier would only be kept in memory. */
async function pagesBefore(request: RouteRequest): Promise<void> {
  const { socket } = request.raw.raw
  const before = latestPages.get(socket)
  const { promise, resolve } = Promise.withResolvers<void>()
  latestPages.set(socket, promise)
  whenOver(request, resolve)
  await before
}
