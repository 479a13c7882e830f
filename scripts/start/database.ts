import { setTimeout as sleep } from 'node:timers/promises'
import { type LedgerRole, roleName } from '@commitments/event-store'
import { ensureDatabase, type LocalServer, letLogIn, startServer } from '@commitments/local-postgres'
import { databaseName, serverFolder } from '../owner-address.ts'

export interface Database {
  /** Address as the owner of the ledger, who runs the migrations. */
  readonly url: string
  readonly server: LocalServer
  /** Address as an existing role of the ledger, for a service. */
  urlOf(ledger: string, role: LedgerRole): Promise<string>
  stop(): Promise<void>
}

/** Starts the embedded server below the data folder, and keeps it running until `stop`. */
export async function startDatabase(dataDirectory: string, say: (line: string) => void): Promise<Database> {
  const server = await startServer({ dataDirectory: serverFolder(dataDirectory), notice: say })
  const stopping = new AbortController()
  const watching = keepRunning(server, stopping.signal, say)
  try {
    const url = await ensureDatabase(server.url, databaseName)
    return {
      url,
      server,
      urlOf: (ledger, role) => letLogIn(server.url, roleName(ledger, role), databaseName),
      stop: () => stop(server, stopping, watching),
    }
  } catch (error) {
    await stop(server, stopping, watching)
    throw error
  }
}

async function stop(server: LocalServer, stopping: AbortController, watching: Promise<void>): Promise<void> {
  stopping.abort()
  await server.stop()
  await watching
}

/** The services connect again by themselves; nothing that was acknowledged is lost by a crash. */
async function keepRunning(server: LocalServer, stopping: AbortSignal, say: (line: string) => void): Promise<void> {
  for (;;) {
    await server.exited()
    if (stopping.aborted) return
    say('Postgres ended unexpectedly; starting it again.')
    await restart(server, stopping, say)
  }
}

async function restart(server: LocalServer, stopping: AbortSignal, say: (line: string) => void): Promise<void> {
  try {
    await server.restart()
  } catch (error) {
    say(error instanceof Error ? error.message : String(error))
    await sleep(1_000, undefined, { signal: stopping }).catch(() => {})
  }
}
