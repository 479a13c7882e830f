/** A NATS server with JetStream for a test, in a process of its own, which can be killed and started again with what it stored. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { eventually, freePort, installedAs, temporaryFolder } from '@commitments/test-kit'
import { type JetStreamManager, jetstreamManager, type StoredMsg } from '@nats-io/jetstream'
import { connect, type NatsConnection } from '@nats-io/transport-node'
import type { Test } from 'tap'

const program = installedAs('nats-server', '/usr/sbin/nats-server')

export const skip =
  program === undefined ? 'left out: nats-server is not installed (Debian: apt-get install nats-server)' : false

export interface NatsServer {
  readonly url: string
  kill(): Promise<void>
  start(): Promise<void>
}

export async function startNats(t: Test): Promise<NatsServer> {
  const folder = temporaryFolder(t)
  const port = await freePort()
  const url = `nats://127.0.0.1:${port}`
  let child: ChildProcess | null = null
  const server: NatsServer = {
    url,
    async kill() {
      if (child === null || child.exitCode !== null) return
      child.kill('SIGKILL')
      await once(child, 'exit')
      child = null
    },
    async start() {
      child = spawn(program as string, ['-a', '127.0.0.1', '-p', String(port), '-js', '-sd', folder], {
        stdio: 'ignore',
      })
      await eventually(async () => (await connect({ servers: url, timeout: 1_000 })).close(), { within: 20_000 })
    },
  }
  t.teardown(() => server.kill())
  await server.start()
  return server
}

/** A connection of the test's own. */
export async function openConnection(t: Test, { url }: NatsServer): Promise<NatsConnection> {
  const connection = await connect({ servers: url })
  t.teardown(() => connection.close())
  return connection
}

/** Everything that a stream holds, in its order. */
export async function messagesOf(server: NatsServer, stream = 'COMMITMENTS'): Promise<StoredMsg[]> {
  return withManager(server, async (manager) => {
    const { state } = await manager.streams.info(stream)
    const sequences = Array.from({ length: state.messages }, (_, index) => state.first_seq + index)
    const messages = await Promise.all(sequences.map((seq) => manager.streams.getMessage(stream, { seq })))
    return messages.filter((message) => message !== null)
  })
}

/** The number of messages that were ever stored; 0 if there is no stream. */
export function sizeOf(server: NatsServer, stream = 'COMMITMENTS'): Promise<number> {
  return withManager(server, async (manager) => {
    const info = await manager.streams.info(stream).catch(() => null)
    return info?.state.last_seq ?? 0
  })
}

async function withManager<Value>(
  server: NatsServer,
  work: (manager: JetStreamManager) => Promise<Value>,
): Promise<Value> {
  const connection = await eventually(() => connect({ servers: server.url }), { within: 20_000 })
  try {
    return await work(await jetstreamManager(connection))
  } finally {
    await connection.close()
  }
}
