/** Limits what one connection can ask of the service at once, and for how long it can do nothing. */
import { createServer, type IncomingMessage, type Server, type ServerOptions, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { noteArrival } from '../event-loop/arrivals.ts'

export interface ConnectionLimits {
  /** Connections at the same time; further ones are closed at once. */
  readonly connections: number
  /** Requests of one connection that are in work at once. Further ones are held, and nothing more is read from it. */
  readonly atOnce: number
  /** Requests that are held, for all connections together. A connection that exceeds this is closed. */
  readonly held: number
  /** Milliseconds after which a reader of any answer that has taken nothing is disconnected; `pressed` if there is more than `untaken`. */
  readonly stalled: number
  readonly pressed: number
  /**
   * Bytes that lie ready for all connections together. Large answers are elsewhere (gate.ts), and only one portion of them is here at a
   * time.
   */
  readonly untaken: number
  /** Milliseconds after which a kept-alive connection without a completed request is closed. */
  readonly idle: number
  /** How much of an unwanted body, such as a refused one, is still read: bytes and milliseconds. */
  readonly unwanted: { readonly bytes: number; readonly milliseconds: number }
  /** Milliseconds between two looks at the connections. */
  readonly lookEvery: number
}

/**
 * Clients that pipeline send some requests ahead, not thousands. A held request is 1.5 KB of heap, and a read from a socket brings 64 KB of
 * heads. Node announces 72 s of keep-alive (Fastify's default) and allows a head 60 s, so clients that follow this never meet the limit for
 * idle connections. Clients read an answer only when they have sent everything. So a refused body is read up to a size beyond which no
 * client is serious.
 */
export const connectionLimits: ConnectionLimits = {
  connections: 4_000,
  atOnce: 16,
  held: 8_192,
  stalled: 30_000,
  pressed: 2_000,
  untaken: 48 * 1024 * 1024,
  idle: 140_000,
  unwanted: { bytes: 8 * 1024 * 1024, milliseconds: 10_000 },
  lookEvery: 1_000,
}

type Handler = (request: IncomingMessage, response: ServerResponse) => void

interface Connection {
  readonly socket: Socket
  inWork: number
  held: [IncomingMessage, ServerResponse][]
  /** When the last request was done, or when the connection was opened. */
  idleSince: number
  /** How many bytes the other side had taken when that number last changed, and when we saw it. */
  taken: number
  takenAt: number
}

interface Connections {
  readonly limits: ConnectionLimits
  readonly handle: Handler
  readonly all: Map<Socket, Connection>
  held: number
}

/** A server that keeps every connection within the limits; for Fastify's `serverFactory`. */
export function limitedServer(handle: Handler, options: ServerOptions, limits: ConnectionLimits): Server {
  const connections: Connections = { limits, handle, all: new Map(), held: 0 }
  const server = createServer(options, (request, response) => admit(connections, request, response))
  server.maxConnections = limits.connections
  server.on('connection', (socket) => open(connections, socket))
  // The server of an app behind another never listens, and is never closed.
  server.on('listening', () => {
    const looking = setInterval(() => look(connections), limits.lookEvery).unref()
    server.once('close', () => clearInterval(looking))
  })
  return server
}

function open(connections: Connections, socket: Socket): Connection {
  noteArrival()
  const now = performance.now()
  const connection: Connection = { socket, inWork: 0, held: [], idleSince: now, taken: 0, takenAt: now }
  connections.all.set(socket, connection)
  socket.once('close', () => {
    connections.all.delete(socket)
    connections.held -= connection.held.length
    connection.held = []
  })
  return connection
}

function admit(connections: Connections, request: IncomingMessage, response: ServerResponse): void {
  const connection = connections.all.get(request.socket)
  // Already closed, but requests of its last bytes still come out of the parser.
  if (connection === undefined) return
  if (connection.inWork < connections.limits.atOnce) begin(connections, connection, request, response)
  else hold(connections, connection, request, response)
}

function begin(connections: Connections, connection: Connection, request: IncomingMessage, response: ServerResponse) {
  connection.inWork += 1
  response.on('close', () => end(connections, connection))
  if (hasBody(request)) {
    // Before Node's own listener, which would read and drop without limit.
    response.prependListener('finish', () => {
      if (request.complete || request.socket.destroyed) return
      if (isCloseWishedBy(request) && !response.hasHeader('connection')) closeAfter(request)
      dropRest(request, connections.limits.unwanted)
    })
  }
  connections.handle(request, response)
}

function hold(connections: Connections, connection: Connection, request: IncomingMessage, response: ServerResponse) {
  if (connections.held >= connections.limits.held) {
    connection.socket.destroy()
    return
  }
  connections.held += 1
  connection.held.push([request, response])
  connection.socket.pause()
}

function end(connections: Connections, connection: Connection): void {
  connection.inWork -= 1
  connection.idleSince = performance.now()
  while (connection.held.length > 0 && connection.inWork < connections.limits.atOnce) {
    const [request, response] = connection.held.shift() as [IncomingMessage, ServerResponse]
    connections.held -= 1
    if (connection.held.length === 0) connection.socket.resume()
    begin(connections, connection, request, response)
  }
}

function hasBody({ headers }: IncomingMessage): boolean {
  const length = headers['content-length']
  return headers['transfer-encoding'] !== undefined || (length !== undefined && length !== '0')
}

function isCloseWishedBy({ headers, httpVersion }: IncomingMessage): boolean {
  return httpVersion === '1.0' || headers.connection?.toLowerCase() === 'close'
}

/**
 * Node closes the connection with the answer if the client wishes that it is closed: a client that has still to send would lose the answer. Our own
 * answers that close it mean it.
 */
function closeAfter(request: IncomingMessage): void {
  const { socket } = request
  // Node's own listener calls it, after this one.
  socket.destroySoon = () => {}
  request.once('close', () => {
    Reflect.deleteProperty(socket, 'destroySoon')
    socket.destroySoon()
  })
}

/** Reads the rest of a request that is already answered, within bounds. */
function dropRest(request: IncomingMessage, { bytes, milliseconds }: ConnectionLimits['unwanted']): void {
  const { socket } = request
  const cut = () => socket.destroy()
  const timer = setTimeout(cut, milliseconds)
  let size = 0
  request.on('data', (chunk: Buffer) => {
    size += chunk.length
    if (size > bytes) cut()
  })
  request.once('close', () => clearTimeout(timer))
  // Now, not in a later turn: Node leaves a stream alone that is already being read.
  request.read(0)
}

function look({ all, limits }: Connections): void {
  const now = performance.now()
  let untaken = 0
  for (const { socket } of all.values()) untaken += socket.writableLength
  const patience = untaken > limits.untaken ? limits.pressed : limits.stalled
  for (const connection of all.values()) {
    if (isStalled(connection, now, patience) || isIdle(connection, now, limits.idle)) connection.socket.destroy()
  }
}

function isStalled(connection: Connection, now: number, limit: number): boolean {
  const { socket } = connection
  const taken = takenOf(socket)
  if (socket.writableLength === 0 || taken !== connection.taken) {
    connection.taken = taken
    connection.takenAt = now
  }
  return now - connection.takenAt > limit
}

/** Bytes that the other side has taken so far. The socket of an injected request counts none. */
export function takenOf(socket: Socket): number {
  return (socket.bytesWritten ?? 0) - socket.writableLength
}

function isIdle({ inWork, idleSince }: Connection, now: number, limit: number): boolean {
  return inWork === 0 && now - idleSince > limit
}

/** Aborted when the connection closes. One for each connection, created on demand. */
export function closingOf(socket: Socket): AbortSignal {
  const known = closings.get(socket)
  if (known !== undefined) return known
  const closing = new AbortController()
  if (socket.destroyed) closing.abort()
  else socket.once('close', () => closing.abort())
  closings.set(socket, closing.signal)
  return closing.signal
}

const closings = new WeakMap<Socket, AbortSignal>()

/** Contract: a reader of a stream that takes nothing for so many milliseconds is disconnected. */
export const usualStallLimitMs = 30_000

/**
 * Passes values on to a reader and notices when it stops taking them. Between a value and the request for the next there is only the
 * reader, its network and a few kilobytes of buffers. The time of the source does not count.
 *
 * @param cut called once, when nothing was taken for `limitMs`; it must make the reader's side fail
 */
export async function* endWhenStalled<Value>(
  values: AsyncIterable<Value>,
  limitMs: number,
  cut: () => void,
): AsyncGenerator<Value> {
  for await (const value of values) {
    const timer = setTimeout(cut, limitMs)
    try {
      yield value
    } finally {
      clearTimeout(timer)
    }
  }
}
