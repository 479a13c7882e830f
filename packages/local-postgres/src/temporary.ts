import { chmodSync, lstatSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { mayEnter, serverAccount } from './account.ts'
import { LocalPostgresError } from './errors.ts'
import { heldBy, lockFolder } from './folder-lock.ts'
import { type LocalServer, type ServerOptions, startServer } from './server.ts'

const prefix = 'commitments-postgres-'

/**
 * Starts a server on a new cluster in a temporary folder, which `stop` removes. For tests: it is as durable as any other, and gone
 * afterwards. Folders that killed processes left behind are removed by the next one.
 */
export async function startTemporaryServer(options: Omit<ServerOptions, 'dataDirectory'> = {}): Promise<LocalServer> {
  const parent = temporaryFolder()
  removeLeftovers(parent)
  const directory = mkdtempSync(join(parent, prefix))
  chmodSync(directory, 0o711)
  try {
    return removedAtStop(await startServer({ ...options, dataDirectory: directory }))
  } catch (error) {
    rmSync(directory, { recursive: true, force: true })
    throw error
  }
}

/** A folder for work that leaves nothing behind. */
export interface WorkFolder {
  readonly directory: string
  remove(): void
}

/**
 * A temporary folder for a server and whatever belongs to it, for this process alone; below it, use folders of their own for servers. If this
 * process is killed, the next one that makes such a folder, or a temporary server, removes it.
 */
export async function openWorkFolder(): Promise<WorkFolder> {
  const parent = temporaryFolder()
  removeLeftovers(parent)
  const directory = mkdtempSync(join(parent, prefix))
  chmodSync(directory, 0o711)
  const lock = await lockFolder(directory)
  return {
    directory,
    remove: () => {
      lock.release()
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

/** The system's folder for temporary files, unless the server's account cannot enter it: then one that everybody can enter. */
function temporaryFolder(): string {
  const account = serverAccount('')
  const folder = [tmpdir(), '/tmp', '/var/tmp'].find((candidate) => account === null || mayEnter(account, candidate))
  if (!folder) throw new LocalPostgresError('No temporary folder is open to the account that runs Postgres.')
  return folder
}

function removedAtStop(server: LocalServer): LocalServer {
  return Object.create(server, { stop: { value: stopAndRemove, enumerable: true } }) as LocalServer
  async function stopAndRemove(): Promise<void> {
    await server.stop()
    rmSync(server.directory, { recursive: true, force: true })
  }
}

function removeLeftovers(parent: string): void {
  for (const name of readdirSync(parent)) {
    const folder = join(parent, name)
    if (name.startsWith(prefix) && isOurs(folder) && isAbandoned(folder))
      rmSync(folder, { recursive: true, force: true })
  }
}

/** Anybody can create a folder of this name in a shared place. */
function isOurs(folder: string): boolean {
  const found = lstatSync(folder, { throwIfNoEntry: false })
  return found !== undefined && found.isDirectory() && found.uid === process.getuid?.()
}

/** Without a living owner, and old enough that nobody is about to take it. */
function isAbandoned(folder: string): boolean {
  const age = Date.now() - (lstatSync(folder, { throwIfNoEntry: false })?.mtimeMs ?? Date.now())
  return age > 60_000 && heldBy(folder) === null
}
