import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url)))))

/** The secret of the key that a service with {@link processEnvironment} accepts. It has every scope. */
export const processKey = 'process-secret-0123456789'

export type ServiceName = 'command' | 'projection'

/** The script of a service as it runs in production, for a separate process. Its database must be durable (see `openDatabase`). */
export function scriptOf(name: ServiceName): string {
  return join(root, `services/${name}/src/main.ts`)
}

/** What such a process needs, and nothing else of the tests' environment. */
export function processEnvironment(databaseUrl: string): Record<string, string> {
  const { PATH = '', HOME = '/', NODE_COMPILE_CACHE } = process.env
  return {
    PATH,
    HOME,
    ...(NODE_COMPILE_CACHE && { NODE_COMPILE_CACHE }),
    DATABASE_URL: databaseUrl,
    PORT: '0',
    // These tests cause faults on purpose; the services' messages would bury those of the test.
    LOG_LEVEL: 'fatal',
    API_KEYS: `process:record+read+audit+admin:${processKey}`,
    DATA_DIR: temporaryFolder(),
    XDG_STATE_HOME: temporaryFolder(),
  }
}

const folders: string[] = []

/** For the log's key and what was signed with it: for one database, and removed with this process. */
function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'commitments-process-'))
  if (folders.push(folder) === 1) process.once('exit', removeFolders)
  return folder
}

function removeFolders(): void {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
}
