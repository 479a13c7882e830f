import { connect, type Socket } from 'node:net'

/** One answer. `head` is the status line and the headers as they came; `body` is there where it was asked for, and of an error (4xx, 5xx). */
export interface Answer {
  status: number
  head: string
  bodyBytes: number
  body: Buffer | null
}

/**
 * A keep-alive HTTP/1.1 connection that carries one request at a time. Made for load: requests are written as they are given, and answers
 * are read no further than needed to find their end. On a machine that the generator shares with the server under test, whatever a full
 * client would spend is taken from what is measured.
 */
export interface Connection {
  request(bytes: string | Buffer, keepBody?: boolean): Promise<Answer>
  close(): void
}

interface Waiting {
  keepBody: boolean
  resolve: (answer: Answer) => void
  reject: (error: Error) => void
}

interface State {
  socket: Socket
  received: Buffer
  waiting: Waiting | null
}

const endOfHead = Buffer.from('\r\n\r\n')
const nothing = Buffer.alloc(0)
/** What every connection is read into: a read is dealt with before the next one, and memory of its own for each costs more than the rest. */
const arrived = Buffer.alloc(64 * 1024)

/** Connects to `port` of this machine, from an address of it. */
export async function openConnection(port: number, localAddress = '127.0.0.1'): Promise<Connection> {
  const onread = { buffer: arrived, callback: (bytes: number) => receive(state, arrived.subarray(0, bytes)) }
  const socket = connect({ port, host: '127.0.0.1', localAddress, noDelay: true, onread })
  const state: State = { socket, received: nothing, waiting: null }
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve)
    socket.once('error', reject)
  })
  socket.on('error', (error) => fail(state, error))
  socket.on('close', () => fail(state, new Error('the server closed the connection')))
  return { request: (bytes, keepBody = false) => request(state, bytes, keepBody), close: () => socket.destroy() }
}

function request(state: State, bytes: string | Buffer, keepBody: boolean): Promise<Answer> {
  if (state.waiting) throw new Error('a connection carries one request at a time')
  return new Promise((resolve, reject) => {
    state.waiting = { keepBody, resolve, reject }
    state.socket.write(bytes)
  })
}

function fail(state: State, error: Error): void {
  state.waiting?.reject(error)
  state.waiting = null
}

/** Answers true: the socket is to go on reading. */
function receive(state: State, bytes: Buffer): true {
  const received = state.received.length === 0 ? bytes : Buffer.concat([state.received, bytes])
  const used = takeAnswer(state, received)
  state.received = used === received.length ? nothing : Buffer.from(received.subarray(used))
  return true
}

/** How many of the bytes the answer took; 0 where it is not there as a whole. */
function takeAnswer(state: State, received: Buffer): number {
  const headEnd = received.indexOf(endOfHead)
  if (headEnd === -1 || !state.waiting) return 0
  const head = received.toString('latin1', 0, headEnd + 2)
  const status = Number(head.slice(9, 12))
  const bodyBytes = bodyLength(status, head)
  if (Number.isNaN(bodyBytes)) {
    fail(state, new Error(`an answer without Content-Length:\n${head}`))
    return 0
  }
  const bodyStart = headEnd + endOfHead.length
  const end = bodyStart + bodyBytes
  if (received.length < end) return 0
  const { keepBody, resolve } = state.waiting
  const body = keepBody || status >= 400 ? Buffer.from(received.subarray(bodyStart, end)) : null
  state.waiting = null
  resolve({ status, head, bodyBytes, body })
  return end
}

function bodyLength(status: number, head: string): number {
  if (status === 304 || status === 204) return 0
  return Number(headerOf(head, 'content-length') ?? Number.NaN)
}

/** The value of a header, by its name in small letters; null where it is not in the head. */
export function headerOf(head: string, name: string): string | null {
  // Nearly all servers write names in small letters; a search that ignores case takes longer.
  const at = head.indexOf(`\r\n${name}: `)
  if (at === -1) return new RegExp(`\r\n${name}: *([^\r]*)\r\n`, 'i').exec(head)?.[1] ?? null
  const start = at + name.length + 4
  return head.slice(start, head.indexOf('\r', start))
}
