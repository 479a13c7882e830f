/** What one connection may ask of the service at once, and for how long it may do nothing. */
import { createServer, type IncomingMessage, type Server, type ServerOptions, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { noteArrival } from '../event-loop/arrivals.ts'

export interface ConnectionLimits {
  /** Connections at the same time; further ones are closed at once. */
  readonly connections: number
  /** Requests of one connection in work at once: the others are held, and nothing more is read from it. */
  readonly atOnce: number
  /** Requests that are held, of all connections: a connection whose request would be one more is cut off. */
  readonly held: number
  /** Milliseconds after which a reader of any answer that has taken nothing of it is cut off; `pressed` where there is more than `untaken`. */
  readonly stalled: number
  readonly pressed: number
  /** Bytes that lie ready for all connections together. Large answers lie elsewhere (gate.ts): of them a portion is here at a time. */
  readonly untaken: number
  /** Milliseconds after which a connection is closed that was kept alive and on which no request was completed. */
  readonly idle: number
  /** Of a body that nobody wants, as one that was refused: bytes, and milliseconds, that are still read. */
  readonly unwanted: { readonly bytes: number; readonly milliseconds: number }
  /** Milliseconds between two looks at the connections. */
  readonly lookEvery: number
}

/**
 * Clients that pipeline send some requests ahead, not thousands. A held request is 1.5 KB of heap, and a read from a socket brings 64 KB of heads.
 * Node announces 72 s of keep-alive (Fastify's default) and gives a head 60 s: nobody who goes by that meets the limit for idle connections.
 * Clients read an answer only when they have sent all: a body that was refused is read up to a size at which that is not meant seriously any more.
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
  /** When the last request was done, or the connection was made. */
  idleSince: number
  /** Bytes that the other side had taken when we last looked and it was another number, and when that was. */
  taken: number
  takenAt: number
}

interface Connections {
  readonly limits: ConnectionLimits
  readonly handle: Handler
  readonly all: Map<Socket, Connection>
  held: number
}

/** A server that keeps every connection within the limits. For Fastify's `serverFactory`. */
export function limitedServer(handle: Handler, options: ServerOptions, limits: ConnectionLimits): Server {
  const connections: Connections = { limits, handle, all: new Map(), held: 0 }
  const server = createServer(options, (request, response) => admit(connections, request, response))
  server.maxConnections = limits.connections
  server.on('connection', (socket) => open(connections, socket))
  const looking = setInterval(() => look(connections), limits.lookEvery).unref()
  server.on('close', () => clearInterval(looking))
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
  // Closed, with requests of its last bytes still coming out of the parser.
  if (connection === undefined) return
  if (connection.inWork < connections.limits.atOnce) begin(connections, connection, request, response)
  else hold(connections, connection, request, response)
}

function begin(connections: Connections, connection: Connection, request: IncomingMessage, response: ServerResponse) {
  connection.inWork += 1
  response.once('close', () => end(connections, connection))
  if (hasBody(request)) {
    // Before Node's own listener, which would read and drop without an end.
    response.prependListener('finish', () => dropRest(request, connections.limits.unwanted))
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

/** Reads what still comes of a request that is answered, within bounds. */
function dropRest(request: IncomingMessage, { bytes, milliseconds }: ConnectionLimits['unwanted']): void {
  const { socket } = request
  if (request.complete || socket.destroyed) return
  const cut = () => socket.destroy()
  const timer = setTimeout(cut, milliseconds)
  let size = 0
  request.on('data', (chunk: Buffer) => {
    size += chunk.length
    if (size > bytes) cut()
  })
  request.once('close', () => clearTimeout(timer))
  // Now, and not in a later turn: what is being read already Node leaves alone.
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

/** Aborted when the connection closes. One for each connection, made when somebody asks. */
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

/** Contract: a reader of a stream that takes nothing for so many milliseconds is cut off. */
export const usualStallLimitMs = 30_000

/**
 * Passes values on to a reader and notices when it stops taking them: between a value and the wish for the next lies
 * nothing but the reader, its network and a few kilobytes of buffers. Time that the source takes does not count.
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
