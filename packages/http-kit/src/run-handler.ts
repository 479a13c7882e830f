/** From a request that was checked to its answer, in the turn that its work needs. */
import type { Socket } from 'node:net'
import { sendResult } from './answer.ts'
import { closingOf, takenOf } from './connections.ts'
import { countUntaken, type Work } from './gate.ts'
import type { Kit } from './kit.ts'
import type { HandlerResult, RouteDefinition } from './route.ts'
import type { RouteRequest } from './route-request.ts'
import { inTurn } from './turn.ts'

/** What the route says of the request, and the most where it says nothing. */
export function workOf({ work = 'page' }: RouteDefinition, request: RouteRequest): Work {
  return typeof work === 'function' ? work(request) : work
}

/** Waits for a turn, lets the handler do its work in it, and counts its answer, where it is large, until it is taken. */
export async function answerInTurn(
  kit: Kit,
  work: Exclude<Work, 'memory'>,
  route: RouteDefinition,
  request: RouteRequest,
): Promise<void> {
  if (work === 'page') await pagesBefore(request)
  const result = await inTurn(kit.gates[work], request.asking, () => route.handler(request))
  sendCounted(kit, work, route, request, result)
}

/** Sends an answer, and counts it, where it is large, until it is taken. */
export function sendCounted(
  kit: Kit,
  work: Exclude<Work, 'memory'>,
  route: RouteDefinition,
  request: RouteRequest,
  result: HandlerResult,
): void {
  const { socket } = request.raw.raw
  const bytes = sendResult(kit, route, request.reply, result)
  if (bytes === 0) return
  const taken = countUntaken(kit.gates[work], {
    caller: request.asking.caller,
    bytes,
    taken: () => takenOf(socket),
    cut: () => socket.destroy(),
  })
  whenOver(request, taken)
}

/** Acts when the answer was taken or its connection has closed, and leaves nothing behind on a connection that stays open. */
function whenOver({ raw, reply }: RouteRequest, act: () => void): void {
  const closing = closingOf(raw.raw.socket)
  const over = () => {
    closing.removeEventListener('abort', over)
    act()
  }
  reply.raw.once('close', over)
  // One that stands behind others on its connection never began when that closes.
  if (closing.aborted) over()
  else closing.addEventListener('abort', over, { once: true })
}

/** When the latest page that was asked for on a connection was taken. */
const latestPages = new WeakMap<Socket, Promise<void>>()

/** Answers of a connection are taken one after the other: while one page is, the next would only be kept for it. */
async function pagesBefore(request: RouteRequest): Promise<void> {
  const { socket } = request.raw.raw
  const before = latestPages.get(socket)
  const { promise, resolve } = Promise.withResolvers<void>()
  latestPages.set(socket, promise)
  whenOver(request, resolve)
  await before
}
