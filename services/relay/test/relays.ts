/** Ledgers, relays and what their streams hold, for the tests of the relay. */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { type Client, createClient } from '@commitments/client'
import { eventually, proposed } from '@commitments/test-kit'
import { type Services, startServices } from '@commitments/test-kit/services'
import type { StoredMsg } from '@nats-io/jetstream'
import { pino } from 'pino'
import type { Test } from 'tap'
import { natsSink } from '../src/nats-sink.ts'
import { initialState, type RelayState, runRelay } from '../src/relay.ts'
import { messagesOf, type NatsServer, sizeOf } from './nats-server.ts'

export const apiKey = 'relay-secret-0123456789'
export const main = fileURLToPath(new URL('../src/main.ts', import.meta.url))

export interface Ledger {
  readonly client: Client
  readonly projectionUrl: string
  readonly services: Services
}

/** Both services over a new database. Every database of a test has the same Log-Id. */
export async function openLedger(t: Test, environment: Record<string, string> = {}): Promise<Ledger> {
  const API_KEYS = `relay:record+read+audit:${apiKey}`
  const services = await startServices(t, { environment: { API_KEYS, ...environment } })
  const [commandUrl, projectionUrl] = await Promise.all([services.command.listen(), services.projection.listen()])
  return { client: createClient({ commandUrl, projectionUrl, apiKey }), projectionUrl, services }
}

/** Records that many proposals, some at a time. */
export async function record({ client }: Ledger, from: number, count: number): Promise<void> {
  for (let begin = from; begin < from + count; begin += 20) {
    const ids = Array.from({ length: Math.min(20, from + count - begin) }, (_, index) => `p${begin + index}`)
    await Promise.all(ids.map((id) => client.recordEvent(id, proposed())))
  }
}

export interface RelayProcess {
  readonly child: ChildProcess
  /** Of its health and metrics. */
  readonly url: Promise<string>
  /** What it logged, once it has ended. */
  readonly said: Promise<string>
}

export function startProcess(
  t: Test,
  nats: NatsServer,
  { projectionUrl }: Pick<Ledger, 'projectionUrl'>,
  environment: Record<string, string> = {},
): RelayProcess {
  const child = fork(main, {
    silent: true,
    env: { PATH: process.env.PATH, PROJECTION_URL: projectionUrl, NATS_URL: nats.url, PORT: '0', ...environment },
  })
  t.teardown(() => child.kill('SIGKILL'))
  const said = text(child.stdout as NodeJS.ReadableStream & AsyncIterable<Buffer>)
  child.stderr?.resume()
  const url = once(child, 'message').then(([message]) => (message as { listening: string }).listening)
  return { child, url, said }
}

export async function kill({ child }: RelayProcess): Promise<void> {
  child.kill('SIGKILL')
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
}

export interface Relay {
  readonly state: RelayState
  /** Rejects when the relay stops for good. */
  readonly ended: Promise<void>
  stop(): Promise<void>
}

/** A relay in this process. */
export function startRelay(
  t: Test,
  nats: NatsServer,
  { projectionUrl: url }: Pick<Ledger, 'projectionUrl'>,
  { stream = 'COMMITMENTS', after, apiKey }: { stream?: string; after?: number; apiKey?: string } = {},
): Relay {
  const logger = pino({ level: 'silent' })
  const sink = natsSink({ servers: [nats.url], stream, subject: stream, credentials: undefined, logger })
  const ending = new AbortController()
  const state = initialState()
  const ended = runRelay({ feed: { url, apiKey }, sink, after, logger, signal: ending.signal, firstPause: 20 }, state)
  const stop = async () => {
    ending.abort()
    await ended.catch(() => {})
    await sink.close()
  }
  t.teardown(stop)
  ended.catch(() => {})
  return { state, ended, stop }
}

/** Everything that the stream holds, once it holds that many messages. */
export async function untilPublished(nats: NatsServer, count: number, stream?: string): Promise<StoredMsg[]> {
  await eventually(async () => (await sizeOf(nats, stream)) >= count, { within: 60_000 })
  return messagesOf(nats, stream)
}

/** The stream holds the log: each line once, in its order, byte for byte. */
export async function assertHoldsTheLog(t: Test, nats: NatsServer, { client }: Ledger, stream?: string): Promise<void> {
  const lines: string[] = []
  for await (const { line } of client.feed()) lines.push(line)
  const messages = await untilPublished(nats, lines.length, stream)
  t.ok(lines.length > 0)
  t.same(messages.map(lineOf), lines)
}

/** The line in a CloudEvent: its last member. */
function lineOf(message: StoredMsg): string {
  const body = message.string()
  return body.slice(body.indexOf(',"data":') + ',"data":'.length, -1)
}
