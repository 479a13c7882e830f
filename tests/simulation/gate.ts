/**
 * The real database, with a gate before it: each statement of a simulated process waits there until the scheduler says that it goes on, and how
 * it fares. A process that is killed leaves what it had sent to the server, as a real one does.
 */
import type { Socket } from 'node:net'
import type { LedgerRole } from '@commitments/event-store'
import { openPool, TookTooLong } from '@commitments/event-store'
import type { Pool, PoolClient, QueryConfig } from 'pg'

/** `never sent`: the connection is cut before; `answer lost`: it is cut after the server has answered, and so after a commit. */
export type Fate = 'carried out' | 'never sent' | 'answer lost'

/** A statement, or a request for a connection, that waits for its turn. */
export interface Waiting {
  readonly what: string
  strike(fate: Fate): void
}

/** A statement that was sent. */
export interface Running {
  readonly what: string
  /** The server's process for it; null for a request for a connection. */
  readonly pid: number | null
  /** Whether its process waits for the answer. */
  isAwaited: boolean
  isDone: boolean
  /** The process stops waiting, and the server goes on. */
  giveUp(): void
}

/** One life of a process, as the database sees it. */
export interface Gate {
  readonly name: string
  readonly real: Pool
  readonly clients: Set<PoolClient>
  readonly waiting: Waiting[]
  readonly running: Set<Running>
  /** Calls that will never be answered, because the process is dead. */
  readonly orphaned: Set<(reason: Error) => void>
  state: 'alive' | 'dead' | 'buried'
}

export function openGate(url: string, name: string, role: LedgerRole): Gate {
  const real = openPool(url, { ledger: 'commitments', role, max: 4, applicationName: name })
  const clients = new Set<PoolClient>()
  real.on('connect', (client) => clients.add(client))
  real.on('remove', (client) => clients.delete(client))
  return { name, real, clients, waiting: [], running: new Set(), orphaned: new Set(), state: 'alive' }
}

/** What the process takes for its pool. */
export function poolBehind(gate: Gate): Pool {
  const connect = () => pass(gate, 'connect', null, async () => clientBehind(gate, await gate.real.connect()))
  const query = async (statement: QueryConfig) => {
    const client = await connect()
    try {
      const result = await client.query(statement)
      client.release()
      return result
    } catch (error) {
      client.release(true)
      throw error
    }
  }
  return { connect, query } as unknown as Pool
}

function clientBehind(gate: Gate, client: PoolClient): PoolClient {
  const query = (statement: QueryConfig | string) => {
    const text = typeof statement === 'string' ? statement : (statement.name ?? statement.text)
    return pass(gate, text.trim().slice(0, 40), client, () => client.query(statement))
  }
  return { query, release: (error?: boolean) => client.release(error) } as unknown as PoolClient
}

function pass<Answer>(
  gate: Gate,
  what: string,
  client: PoolClient | null,
  send: () => Promise<Answer>,
): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>()
  if (gate.state === 'buried') reject(lost())
  else if (gate.state === 'dead') gate.orphaned.add(reject)
  else {
    const entry: Waiting = {
      what,
      strike: (fate) => {
        gate.waiting.splice(gate.waiting.indexOf(entry), 1)
        carryOut({ gate, what, client, send, resolve, reject }, fate)
      },
    }
    gate.waiting.push(entry)
    gate.orphaned.add(reject)
    void promise.catch(() => undefined).finally(() => gate.orphaned.delete(reject))
  }
  return promise
}

interface Call<Answer> {
  readonly gate: Gate
  readonly what: string
  readonly client: PoolClient | null
  readonly send: () => Promise<Answer>
  resolve(answer: Answer): void
  reject(reason: unknown): void
}

function carryOut<Answer>(call: Call<Answer>, fate: Fate): void {
  const { gate, what, client, send, resolve, reject } = call
  if (fate === 'never sent' && client === null) return reject(refused())
  if (fate === 'never sent') cut(client)
  const running: Running = {
    what,
    pid: client === null ? null : (client as unknown as { processID: number }).processID,
    isAwaited: true,
    isDone: false,
    giveUp() {
      running.isAwaited = false
      reject(new TookTooLong('No answer in time.'))
    },
  }
  gate.running.add(running)
  const ends = (answer: () => void) => {
    running.isDone = true
    // What a dead process had sent is only done when the server says so.
    if (gate.state !== 'alive' || !running.isAwaited) return
    gate.running.delete(running)
    if (fate !== 'answer lost') return answer()
    cut(client)
    reject(lost())
  }
  send().then(
    (answer) => ends(() => resolve(answer)),
    (error: unknown) => ends(() => reject(error)),
  )
}

function cut(client: PoolClient | null): void {
  const { connection } = (client ?? {}) as { connection?: { stream: Socket } }
  connection?.stream.destroy()
}

/** kill -9: its connections are closed, and it neither sends nor hears anything any more. */
export function kill(gate: Gate): void {
  gate.state = 'dead'
  gate.waiting.length = 0
  for (const running of gate.running) running.isAwaited = false
  for (const client of gate.clients) cut(client)
}

/** Lets the calls of a dead process fail, so that nothing of it stays in memory. */
export function bury(gate: Gate): void {
  if (gate.state === 'buried') return
  gate.state = 'buried'
  for (const reject of gate.orphaned) reject(lost())
  // Not waited for: a connection that was given to a dead process never comes back.
  void gate.real.end()
}

function lost(): Error {
  return new Error('Connection terminated unexpectedly')
}

/** As the system says it. */
function refused(): Error {
  return Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED', syscall: 'connect' })
}
