import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'

/** A port on loopback that was free just now, for a program that cannot choose one itself. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

/** Whether a program of the system answers to the option that prints its version. */
export function isInstalled(program: string, versionOption = '--version'): boolean {
  return spawnSync(program, [versionOption]).status === 0
}

/** The first of these programs that is installed; undefined if none is. Servers are often in a folder that is not searched. */
export function installedAs(...programs: readonly string[]): string | undefined {
  return programs.find((program) => isInstalled(program))
}

/** Programs of Node: the one that runs this test, and those of the system. */
export function availableNodes(): string[] {
  return [process.execPath, '/usr/bin/node', '/usr/local/bin/node'].filter((path) => existsSync(path))
}
