import { connect, type Socket } from 'node:net'

/** One answer. `head` is the status line and the headers as they came; `body` is there only where it was asked for. */
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

/** Connects to `port` of this machine. */
export async function openConnection(port: number): Promise<Connection> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true })
  const state: State = { socket, received: nothing, waiting: null }
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve)
    socket.once('error', reject)
  })
  socket.on('data', (bytes: Buffer) => receive(state, bytes))
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

function receive(state: State, bytes: Buffer): void {
  state.received = state.received.length === 0 ? bytes : Buffer.concat([state.received, bytes])
  const headEnd = state.received.indexOf(endOfHead)
  if (headEnd === -1 || !state.waiting) return
  const head = state.received.toString('latin1', 0, headEnd + 2)
  const status = Number(head.slice(9, 12))
  const bodyBytes = bodyLength(status, head)
  if (Number.isNaN(bodyBytes)) return fail(state, new Error(`an answer without Content-Length:\n${head}`))
  const end = headEnd + endOfHead.length + bodyBytes
  if (state.received.length < end) return
  const { keepBody, resolve } = state.waiting
  const body = keepBody ? Buffer.from(state.received.subarray(headEnd + endOfHead.length, end)) : null
  state.received = state.received.length === end ? nothing : state.received.subarray(end)
  state.waiting = null
  resolve({ status, head, bodyBytes, body })
}

function bodyLength(status: number, head: string): number {
  if (status === 304 || status === 204) return 0
  return Number(/\r\ncontent-length: *(\d+)\r\n/i.exec(head)?.[1] ?? Number.NaN)
}
