import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { eventually } from './eventually.ts'
import { temporaryFolder } from './folder.ts'
import { freePort, isInstalled } from './outside.ts'
import type { Cleanup } from './tcp-proxy.ts'

/** Why a test that needs etcd is left out; false where it is installed. */
export const withoutEtcd: string | false = isInstalled('etcd')
  ? false
  : 'left out: etcd is not installed (Debian: apt-get install etcd-server)'

export interface TestEtcd {
  /** `127.0.0.1:<port>` */
  readonly host: string
  /** Asks its JSON gateway. */
  ask(path: string, body: object, headers?: Record<string, string>): Promise<Record<string, unknown>>
  /** Sets a key, whatever it holds; null deletes it. */
  put(key: string, value: string | null): Promise<void>
  /** The keys with this beginning, and their values. */
  list(beginning: string): Promise<Map<string, string>>
  /** Ends it at once; what was answered is on the disk. */
  kill(): Promise<void>
  /** Starts it again with what it has on the disk, at the same address. */
  restart(): Promise<void>
}

/** A real etcd of one member, on a free port. @param options of its command line, such as those for TLS; `scheme` as they make it */
export async function startEtcd(t: Cleanup, options: readonly string[] = [], scheme = 'http'): Promise<TestEtcd> {
  const [port, peers] = [await freePort(), await freePort()]
  const host = `127.0.0.1:${port}`
  const folder = temporaryFolder(t)
  let child: ChildProcess | null = null
  const kill = async () => {
    if (child === null) return
    const ended = once(child, 'exit')
    child.kill('SIGKILL')
    await ended
    child = null
  }
  const launch = () =>
    spawn(
      'etcd',
      [
        ['--data-dir', folder],
        ['--listen-client-urls', `${scheme}://${host}`],
        ['--advertise-client-urls', `${scheme}://${host}`],
        ['--listen-peer-urls', `http://127.0.0.1:${peers}`],
        ['--initial-advertise-peer-urls', `http://127.0.0.1:${peers}`],
        ['--initial-cluster', `default=http://127.0.0.1:${peers}`],
        options,
      ].flat(),
      { stdio: 'ignore' },
    )
  const start = async () => {
    child = launch()
    if (scheme !== 'http') return
    const isUp = () => {
      // A connection of another test may have had the port for a moment; then etcd ends at once.
      if (typeof child?.exitCode === 'number') child = launch()
      return isHealthy(host)
    }
    await eventually(isUp, { within: 60_000, every: 100 })
  }
  t.after(kill)
  await start()
  const ask = async (path: string, body: object, headers = {}) => {
    const answer = await fetch(`${scheme}://${host}${path}`, { method: 'POST', headers, body: JSON.stringify(body) })
    return (await answer.json()) as Record<string, unknown>
  }
  return {
    host,
    ask,
    put: async (key, value) => {
      if (value === null) await ask('/v3/kv/deleterange', { key: encode(key) })
      else await ask('/v3/kv/put', { key: encode(key), value: encode(value) })
    },
    list: async (beginning) => {
      const end = beginning.slice(0, -1) + String.fromCharCode(beginning.charCodeAt(beginning.length - 1) + 1)
      const { kvs = [] } = await ask('/v3/kv/range', { key: encode(beginning), range_end: encode(end) })
      return new Map((kvs as { key: string; value: string }[]).map(({ key, value }) => [decode(key), decode(value)]))
    },
    kill,
    restart: async () => {
      await kill()
      await start()
    },
  }
}

async function isHealthy(host: string): Promise<boolean> {
  const answer = await fetch(`http://${host}/health`)
  return ((await answer.json()) as { health: unknown }).health === 'true'
}

function encode(text: string): string {
  return Buffer.from(text).toString('base64')
}

function decode(text: string): string {
  return Buffer.from(text, 'base64').toString()
}
