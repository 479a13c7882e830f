/** One message to one receiver, over HTTP. */
import { lookup as lookUp } from 'node:dns/promises'
import { Agent, type IncomingMessage, request } from 'node:http'
import { type BlockList, connect, isIP, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { connect as connectTls } from 'node:tls'
import { mayConnect } from './address.ts'
import type { Outcome } from './webhook-words.ts'

export interface Attempt {
  readonly outcome: Outcome
  /** Of the answer; null: there was none. */
  readonly status: number | null
  readonly milliseconds: number
  /** Seconds that the receiver asks to wait. */
  readonly retryAfter: number | null
}

export type Lookup = (host: string) => Promise<readonly string[]>

const usualLookup: Lookup = async (host) => (await lookUp(host, { all: true })).map(({ address }) => address)

interface ReceiverOptions {
  readonly url: string
  readonly networks: BlockList
  /** Milliseconds from the beginning to the head of the answer. */
  readonly patience: number
  readonly lookup?: Lookup | undefined
}

/** A receiver, to whom messages are sent one after the other, over one connection as long as that lasts. */
export interface Receiver {
  deliver(headers: Readonly<Record<string, string>>, body: string, stopping?: AbortSignal): Promise<Attempt>
  close(): void
}

export function openReceiver(options: ReceiverOptions): Receiver {
  const agent = new Agent({ keepAlive: true, maxSockets: 1, timeout: idleLimit })
  const state: Sending = { ...options, target: new URL(options.url), agent, signal: never }
  // Node asks this for each new connection, with the callback as a second argument that its types do not have.
  Object.assign(agent, {
    createConnection: (_options: object, done: (error: Error | null, socket?: Duplex) => void) => {
      void connectFor(state, done)
    },
  })
  return { deliver: (headers, body, stopping) => deliver(state, headers, body, stopping), close: () => agent.destroy() }
}

async function connectFor(state: Sending, done: (error: Error | null, socket?: Duplex) => void): Promise<void> {
  let socket: Duplex
  try {
    socket = await openConnection(state)
  } catch (error) {
    done(error as Error)
    return
  }
  done(null, socket)
}

interface Sending extends ReceiverOptions {
  readonly target: URL
  readonly agent: Agent
  /** Ends the message that is being sent. */
  signal: AbortSignal
}

const never = new AbortController().signal

/** Milliseconds for which a connection waits for the next message. */
const idleLimit = 30_000
/** Bytes of the body of an answer that are read, so that the connection can be used again. */
const answerLimit = 1_024
/** Milliseconds for those. */
const answerPatience = 1_000
/** Addresses of one name that are tried. */
const addressesAtMost = 4

/** Why there is no connection. */
class NoConnection extends Error {
  readonly outcome: Outcome

  constructor(outcome: Outcome, options?: ErrorOptions) {
    super(outcome, options)
    this.outcome = outcome
  }
}

async function deliver(
  state: Sending,
  headers: Readonly<Record<string, string>>,
  body: string,
  stopping: AbortSignal = never,
): Promise<Attempt> {
  const began = performance.now()
  state.signal = AbortSignal.any([AbortSignal.timeout(state.patience), stopping])
  const ended = (outcome: Outcome, rest: Partial<Attempt> = {}): Attempt => ({
    outcome,
    status: null,
    retryAfter: null,
    ...rest,
    milliseconds: Math.round(performance.now() - began),
  })
  try {
    const { statusCode = 0, headers: own } = await send(state, headers, body)
    const isTaken = statusCode >= 200 && statusCode < 300
    return ended(isTaken ? 'delivered' : 'status', { status: statusCode, retryAfter: secondsOf(own['retry-after']) })
  } catch (error) {
    if (error instanceof NoConnection) return ended(error.outcome)
    return ended(state.signal.aborted ? 'timeout' : 'broken')
  }
}

/** A receiver may close a connection just as it is used again: then once more over a new one. */
async function send(state: Sending, headers: Readonly<Record<string, string>>, body: string): Promise<IncomingMessage> {
  try {
    return await sendOnce(state, headers, body)
  } catch (error) {
    if (!(error instanceof Reused) || state.signal.aborted) throw error
    return await sendOnce(state, headers, body)
  }
}

class Reused extends Error {}

function sendOnce(
  { target, agent, signal }: Sending,
  headers: Readonly<Record<string, string>>,
  body: string,
): Promise<IncomingMessage> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
  const bytes = Buffer.from(body)
  const sent = request({
    agent,
    signal,
    method: 'POST',
    host: target.hostname,
    path: target.pathname + target.search,
    headers: { ...headers, host: target.host, 'content-length': bytes.length, 'user-agent': 'Commitments-Webhooks/1' },
  })
  const silent = () => reject(new Error('the connection ended without an answer'))
  sent.once('response', (answer) => {
    sent.off('close', silent)
    void drop(answer).then(() => resolve(answer))
  })
  // Nobody asked for another protocol (101). Without this listener Node closes the connection and tells nobody.
  sent.once('upgrade', (answer, socket) => {
    socket.destroy()
    resolve(answer)
  })
  sent.once('close', silent)
  sent.on('error', (error) => reject(sent.reusedSocket ? new Reused('', { cause: error }) : error))
  sent.end(bytes)
  return promise
}

/** The end of a short body is awaited, so that the connection can be used again; a longer one ends with it. */
async function drop(answer: IncomingMessage): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const cut = () => {
    answer.destroy()
    resolve()
  }
  const timer = setTimeout(cut, answerPatience)
  let size = 0
  answer.on('data', (chunk: Buffer) => {
    size += chunk.length
    if (size > answerLimit) cut()
  })
  for (const event of ['end', 'error', 'close']) answer.once(event, () => resolve())
  await promise
  clearTimeout(timer)
}

function secondsOf(header: string | undefined): number | null {
  if (header === undefined) return null
  const seconds = /^\d{1,9}$/.test(header) ? Number(header) : (Date.parse(header) - Date.now()) / 1000
  return Number.isFinite(seconds) ? Math.max(0, Math.ceil(seconds)) : null
}

/** @throws NoConnection */
async function openConnection({ target, networks, lookup = usualLookup, signal }: Sending): Promise<Duplex> {
  const host = target.hostname.replace(/^\[|\]$/g, '')
  const scheme = target.protocol === 'http:' ? 'http' : 'https'
  const port = Number(target.port || (scheme === 'http' ? 80 : 443))
  const found = isIP(host) === 0 ? await resolved(host, lookup, signal) : [host]
  const allowed = found.filter((address) => mayConnect(address, scheme, networks))
  if (allowed.length === 0) throw new NoConnection('refused-address')
  const socket = await firstConnection(allowed.slice(0, addressesAtMost), port, signal)
  return scheme === 'http' ? socket : secured(socket, host, signal)
}

async function resolved(host: string, lookup: Lookup, signal: AbortSignal): Promise<readonly string[]> {
  const addresses = await Promise.race([lookup(host).catch(() => []), aborted(signal)])
  if (addresses.length === 0) throw new NoConnection('dns')
  return addresses
}

function aborted(signal: AbortSignal): Promise<never> {
  const { promise, reject } = Promise.withResolvers<never>()
  const end = () => reject(new NoConnection('timeout'))
  if (signal.aborted) end()
  else signal.addEventListener('abort', end, { once: true })
  return promise
}

/** Milliseconds for one address, if there are others. */
const addressPatience = 4_000

async function firstConnection(addresses: readonly string[], port: number, signal: AbortSignal): Promise<Socket> {
  for (const [index, address] of addresses.entries()) {
    const isLast = index === addresses.length - 1
    const within = isLast ? signal : AbortSignal.any([signal, AbortSignal.timeout(addressPatience)])
    const socket = await connection(address, port, within)
    if (socket !== null) return socket
    if (signal.aborted) break
  }
  throw new NoConnection(signal.aborted ? 'timeout' : 'connect')
}

/** To a literal, so that no name is looked up again; null if it cannot be had. */
function connection(address: string, port: number, signal: AbortSignal): Promise<Socket | null> {
  const { promise, resolve } = Promise.withResolvers<Socket | null>()
  const socket = connect({ host: address, port, noDelay: true })
  // Only while it is made: later messages have a time of their own.
  const giveUp = () => socket.destroy()
  signal.addEventListener('abort', giveUp)
  if (signal.aborted) giveUp()
  socket.once('connect', () => resolve(socket))
  socket.on('error', () => resolve(null))
  socket.once('close', () => resolve(null))
  return promise.finally(() => signal.removeEventListener('abort', giveUp))
}

function secured(socket: Socket, host: string, signal: AbortSignal): Promise<Duplex> {
  const { promise, resolve, reject } = Promise.withResolvers<Duplex>()
  const secure = connectTls({
    socket,
    host,
    ...(isIP(host) === 0 && { servername: host }),
    ALPNProtocols: ['http/1.1'],
  })
  const giveUp = () => secure.destroy()
  signal.addEventListener('abort', giveUp)
  secure.once('secureConnect', () => resolve(secure))
  secure.on('error', (error) => reject(new NoConnection(signal.aborted ? 'timeout' : 'tls', { cause: error })))
  secure.once('close', () => reject(new NoConnection(signal.aborted ? 'timeout' : 'tls')))
  return promise.finally(() => signal.removeEventListener('abort', giveUp))
}
