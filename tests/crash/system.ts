import { migrate } from '@commitments/event-store'
import { ensureDatabase, type LocalServer, startTemporaryServer } from '@commitments/local-postgres'
import { processEnvironment, type ServiceName, scriptOf } from '@commitments/test-kit'
import { type Service, startService } from '../../scripts/start/supervisor.ts'

/** The product as it runs: two service processes that are restarted when they end, over their own Postgres server. */
export interface System {
  readonly command: Service
  readonly projection: Service
  readonly server: LocalServer
  /** The database address as its owner. */
  readonly databaseUrl: string
  stop(): Promise<void>
}

/** Starts everything. `say` is called when a service ends and is restarted. */
export async function startSystem(say: (line: string) => void = () => {}): Promise<System> {
  const server = await startTemporaryServer()
  const services: Service[] = []
  const stop = async () => {
    for (const service of services) await service.stop()
    await server.stop()
  }
  try {
    const databaseUrl = await ensureDatabase(server.url, 'commitments')
    await migrate(databaseUrl, { ledger: 'commitments' })
    const begin = (name: ServiceName) => startOne(name, databaseUrl, say)
    const [command, projection] = await Promise.all([begin('command'), begin('projection')])
    services.push(command, projection)
    return { command, projection, server, databaseUrl, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

function startOne(name: ServiceName, databaseUrl: string, say: (line: string) => void): Promise<Service> {
  return startService(
    { name, script: scriptOf(name), environment: processEnvironment(databaseUrl), say },
    new AbortController().signal,
  )
}
