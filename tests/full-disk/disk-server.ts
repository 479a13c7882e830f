/**
 * A server of Postgres on a small file system of its own, as a process whose mounts nobody else sees: started by `unshare --mount`, so that nothing is
 * left behind however it ends. It tells its parent the address, and does what the parent says: `fill`, `free`, `restart`, `stop`.
 */
import { spawnSync } from 'node:child_process'
import { closeSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { openWorkFolder, startServer } from '@commitments/local-postgres'

const work = await openWorkFolder()
const disk = join(work.directory, 'disk')
mkdirSync(disk)
const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=256m,mode=711', 'tmpfs', disk], { encoding: 'utf8' })
if (mounted.status !== 0) throw new Error(mounted.stderr)
const server = await startServer({ dataDirectory: join(disk, 'server') })
const filler = join(disk, 'filler')

const doing: Record<string, () => unknown> = {
  fill: () => fill(filler),
  free: () => rmSync(filler),
  restart: () => server.restart(),
  stop,
}

process.on('message', (message: string) => void obey(message))
process.on('disconnect', () => process.exit(1))
process.send?.({ url: server.url, pid: server.pid })

async function obey(message: string): Promise<void> {
  await doing[message]?.()
  process.send?.({ done: message })
}

function fill(file: string): void {
  const descriptor = openSync(file, 'w')
  for (const size of [1 << 20, 1 << 12]) writeUntilFull(descriptor, Buffer.alloc(size))
  closeSync(descriptor)
}

function writeUntilFull(descriptor: number, bytes: Buffer): void {
  try {
    for (;;) writeSync(descriptor, bytes)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
  }
}

async function stop(): Promise<void> {
  await server.stop()
  spawnSync('umount', [disk])
  work.remove()
}
