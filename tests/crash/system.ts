import { migrate } from '@commitments/event-store'
import { ensureDatabase, type LocalServer, startTemporaryServer } from '@commitments/local-postgres'
import { processEnvironment, type ServiceName, scriptOf } from '@commitments/test-kit'
import { type Service, startService } from '../../scripts/start/supervisor.ts'

/** The services, whatever server they use. */
export type Services = Omit<System, 'server'>

type OwnServer = Pick<LocalServer, 'url' | 'pid' | 'stop'>

/** The product as it runs: two service processes that are restarted when they end, over their own Postgres server. */
export interface System<Server extends OwnServer = LocalServer> {
  readonly command: Service
  readonly projection: Service
  readonly server: Server
  /** The database address as its owner. */
  readonly databaseUrl: string
  stop(): Promise<void>
}

/** Starts everything over a new temporary server, unless another one is given. `say` is called when a service ends and is restarted. */
export async function startSystem(say?: (line: string) => void): Promise<System>
export async function startSystem<Server extends OwnServer>(
  say: (line: string) => void,
  given: Server,
): Promise<System<Server>>
export async function startSystem(
  say: (line: string) => void = () => {},
  given?: OwnServer,
): Promise<System<OwnServer>> {
  const server = given ?? (await startTemporaryServer())
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
