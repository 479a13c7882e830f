import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { migrate } from '@commitments/event-store'
import { ensureDatabase, type LocalServer, startTemporaryServer } from '@commitments/local-postgres'
import { type Service, startService } from '../../scripts/start/supervisor.ts'

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))

/** The secret of the key that everything here calls with. */
export const secret = 'crash-secret-0123456789'

/** The product as it runs: two service processes that are started again when they die, over a Postgres server of their own. */
export interface System {
  readonly command: Service
  readonly projection: Service
  readonly server: LocalServer
  /** Address of the database, as its owner. */
  readonly databaseUrl: string
  stop(): Promise<void>
}

/** Starts everything. `say` is told when a service ends and is started again. */
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
    { name, script: scriptOf(name), environment: environmentOf(databaseUrl), say },
    new AbortController().signal,
  )
}

export type ServiceName = 'command' | 'projection'

export function scriptOf(name: ServiceName): string {
  return join(root, `services/${name}/src/main.ts`)
}

/** Nothing of the environment of the tests but what a process needs. */
export function environmentOf(databaseUrl: string): Record<string, string> {
  const { PATH = '', HOME = '/' } = process.env
  return {
    PATH,
    HOME,
    DATABASE_URL: databaseUrl,
    PORT: '0',
    // Faults are made on purpose here: what the services say of them would bury what the test says.
    LOG_LEVEL: 'fatal',
    API_KEYS: `crash:record+read+audit+admin:${secret}`,
    DATA_DIR: temporaryFolder(),
  }
}

/** For the key of the log and what was signed with it: of one database, and gone with this process. */
function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'commitments-crash-'))
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  return folder
}
