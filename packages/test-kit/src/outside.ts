import { spawnSync } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { createServer } from 'node:net'

/** Below those that Linux gives to connections, and to servers that leave the choice to it. */
const ports = { from: 11_000, to: 32_768 }

const given = new Set<number>()

/**
 * A port on loopback that was free just now, for a program that cannot choose one itself. It is none of those that the system gives out: a test that
 * runs at the same time would get it before that program has begun to listen. A process gets each port once.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(ports.from, ports.to)
    if (given.has(port) || !(await isFree(port))) continue
    given.add(port)
    return port
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, '127.0.0.1')
  try {
    await once(server, 'listening')
  } catch {
    return false
  }
  server.close()
  await once(server, 'close')
  return true
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
