import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url)))))

/** The secret of the key that a service with {@link processEnvironment} knows. It may do everything. */
export const processKey = 'process-secret-0123456789'

export type ServiceName = 'command' | 'projection'

/** The script of a service as it runs in production, for a process of its own. Its database must be durable (see `openDatabase`). */
export function scriptOf(name: ServiceName): string {
  return join(root, `services/${name}/src/main.ts`)
}

/** What such a process needs, and nothing else of the environment of the tests. */
export function processEnvironment(databaseUrl: string): Record<string, string> {
  const { PATH = '', HOME = '/', NODE_COMPILE_CACHE } = process.env
  return {
    PATH,
    HOME,
    ...(NODE_COMPILE_CACHE && { NODE_COMPILE_CACHE }),
    DATABASE_URL: databaseUrl,
    PORT: '0',
    // Faults are made on purpose here: what the services say of them would bury what the test says.
    LOG_LEVEL: 'fatal',
    API_KEYS: `process:record+read+audit+admin:${processKey}`,
    DATA_DIR: temporaryFolder(),
  }
}

/** For the key of the log and what was signed with it: of one database, and gone with this process. */
function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'commitments-process-'))
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  return folder
}
