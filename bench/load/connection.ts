import { connect, type Socket } from 'node:net'

/** One answer. `head` is the status line and the headers as received; `body` is there if it was requested, and for errors (4xx, 5xx). */
export interface Answer {
  status: number
  head: string
  bodyBytes: number
  body: Buffer | null
}

/**
 * A keep-alive HTTP/1.1 connection that carries one request at a time. It is made for load: requests are written unchanged, and answers are
 * only read as far as needed to find their end. The generator shares the machine with the server under test, so the time that a full client
 * would use would distort the measurement.
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
/**
 * The buffer into which every connection is read: each read is processed before the next one, and a separate buffer for each would cost
 * more than everything else.
 */
const arrived = Buffer.alloc(64 * 1024)

/** Connects to `port` of this machine, from one of its addresses. */
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

/** Returns true: the socket continues to read. */
function receive(state: State, bytes: Buffer): true {
  const received = state.received.length === 0 ? bytes : Buffer.concat([state.received, bytes])
  const used = takeAnswer(state, received)
  state.received = used === received.length ? nothing : Buffer.from(received.subarray(used))
  return true
}

/** The number of bytes that the answer took; 0 if it is incomplete. */
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

/** The value of a header, by its lower-case name; null if it is not in the head. */
export function headerOf(head: string, name: string): string | null {
  // Nearly all servers write names in lower case; a case-insensitive search takes longer.
  const at = head.indexOf(`\r\n${name}: `)
  if (at === -1) return new RegExp(`\r\n${name}: *([^\r]*)\r\n`, 'i').exec(head)?.[1] ?? null
  const start = at + name.length + 4
  return head.slice(start, head.indexOf('\r', start))
}
