import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'

/** What a fixture needs from a test: a place for what must be closed afterwards. */
export interface Cleanup {
  after(close: () => unknown): unknown
}

/** A wire between a client and Postgres (or anything that speaks TCP) that can simulate faults. Closed after the test. */
export interface TcpProxy {
  /** The port on 127.0.0.1 for the client. */
  readonly port: number
  /** How many connections are open now. */
  readonly connections: number
  /** The same address, through this proxy. */
  through(url: string): string
  /** Resets every open connection. New ones are let through. */
  cut(): void
  /** Resets every open connection, and each new one, until `resume`: the server is not available. */
  refuse(): void
  /** Lets nothing pass in either direction until `resume`. Connections stay open and nothing is lost; new ones hang. */
  stall(): void
  /** Ends `stall` and `refuse`. */
  resume(): void
  /**
   * Closes the server's end of every open connection without telling the client: what the client sends vanishes. New ones are let through.
   */
  halfOpen(): void
  /**
   * Waits for a request that `matches` (any request by default), lets it through, keeps the server's whole answer and then resets the
   * connection: executed, and nobody knows. Resolves once the answer has been lost.
   */
  loseAnswer(matches?: (request: Buffer) => boolean): Promise<void>
  close(): Promise<void>
}

interface Link {
  readonly client: Socket
  readonly server: Socket
  /** Set while this link's answer is being lost. */
  losing: (() => void) | null
  /** The end of the answer so far. */
  lastBytes: Buffer
}

interface Target {
  readonly port: number
  readonly host?: string
}

interface State {
  readonly listener: Server
  readonly targets: readonly Target[]
  /** How many connections were accepted so far. */
  accepted: number
  readonly links: Set<Link>
  /** Ends of connections whose other end is closed. */
  readonly abandoned: Set<Socket>
  mode: 'open' | 'stalled' | 'refusing'
  trap: { matches: (request: Buffer) => boolean; lost: () => void } | null
}

/** Starts a proxy to the port of the target (or to its port and host); with several, each connection goes to the next of them in turn. */
export async function tcpProxy(t: Cleanup, ...targets: readonly [Target, ...Target[]]): Promise<TcpProxy> {
  const state: State = {
    listener: createServer(),
    targets,
    accepted: 0,
    links: new Set(),
    abandoned: new Set(),
    mode: 'open',
    trap: null,
  }
  state.listener.on('connection', (client) => accept(state, client))
  state.listener.listen(0, '127.0.0.1')
  await once(state.listener, 'listening')
  const proxy = handle(state)
  t.after(() => proxy.close())
  return proxy
}

function handle(state: State): TcpProxy {
  const { port } = state.listener.address() as AddressInfo
  return {
    port,
    get connections() {
      return state.links.size
    },
    through: (url) => through(url, port),
    cut: () => cut(state),
    refuse: () => refuse(state),
    stall: () => stall(state),
    resume: () => resume(state),
    halfOpen: () => halfOpen(state),
    loseAnswer: (matches = () => true) => loseAnswer(state, matches),
    close: () => close(state),
  }
}

function through(url: string, port: number): string {
  const other = new URL(url)
  other.hostname = '127.0.0.1'
  other.port = String(port)
  return other.href
}

function accept(state: State, client: Socket): void {
  if (state.mode === 'refusing') return void client.resetAndDestroy()
  const { port, host = '127.0.0.1' } = state.targets[state.accepted++ % state.targets.length] as Target
  const link: Link = { client, server: connect({ port, host }), losing: null, lastBytes: Buffer.alloc(0) }
  state.links.add(link)
  client.on('data', (bytes) => fromClient(state, link, bytes))
  link.server.on('data', (bytes) => fromServer(state, link, bytes))
  join(state, link, client, link.server)
  join(state, link, link.server, client)
  if (state.mode === 'stalled') pause(link)
}

/** Passes the end of one side on to the other. */
function join(state: State, link: Link, from: Socket, to: Socket): void {
  from.setNoDelay(true)
  // The reason does not matter to the other side: it only sees the connection close.
  from.on('error', () => to.destroy())
  from.on('end', () => to.end())
  from.on('close', () => {
    if (state.links.delete(link)) to.destroy()
  })
}

function fromClient(state: State, link: Link, bytes: Buffer): void {
  const { trap } = state
  if (trap?.matches(bytes)) {
    link.losing = trap.lost
    state.trap = null
  }
  pass(state, bytes, link.client, link.server)
}

function fromServer(state: State, link: Link, bytes: Buffer): void {
  if (!link.losing) return pass(state, bytes, link.server, link.client)
  link.lastBytes = Buffer.concat([link.lastBytes, bytes]).subarray(-6)
  if (!isWholeAnswer(link.lastBytes)) return
  const lost = link.losing
  reset(state, link)
  lost()
}

/** Keeps at most a socket's buffer in memory, whichever side is faster. */
function pass(state: State, bytes: Buffer, from: Socket, to: Socket): void {
  if (to.destroyed || to.write(bytes)) return
  from.pause()
  to.once('drain', () => {
    if (state.mode !== 'stalled') from.resume()
  })
}

/** Postgres ends its answer with ReadyForQuery ('Z', length 5, state), which is sent after the commit. */
function isWholeAnswer(lastBytes: Buffer): boolean {
  return lastBytes.length === 6 && lastBytes[0] === 0x5a && lastBytes.readUInt32BE(1) === 5
}

function reset(state: State, link: Link): void {
  state.links.delete(link)
  link.client.resetAndDestroy()
  link.server.destroy()
}

function cut(state: State): void {
  for (const link of state.links) reset(state, link)
}

function refuse(state: State): void {
  state.mode = 'refusing'
  cut(state)
}

function stall(state: State): void {
  state.mode = 'stalled'
  for (const link of state.links) pause(link)
}

function pause({ client, server }: Link): void {
  client.pause()
  server.pause()
}

function resume(state: State): void {
  state.mode = 'open'
  for (const { client, server } of state.links) {
    client.resume()
    server.resume()
  }
}

function halfOpen(state: State): void {
  for (const link of state.links) {
    state.links.delete(link)
    state.abandoned.add(link.client)
    link.client.removeAllListeners('data')
    link.client.resume()
    link.server.removeAllListeners('end')
    link.server.destroy()
  }
}

function loseAnswer(state: State, matches: (request: Buffer) => boolean): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  state.trap = { matches, lost: resolve }
  return promise
}

async function close(state: State): Promise<void> {
  cut(state)
  for (const socket of state.abandoned) socket.destroy()
  if (!state.listener.listening) return
  state.listener.close()
  await once(state.listener, 'close')
}
