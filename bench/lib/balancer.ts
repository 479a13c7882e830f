import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { freePort } from '@commitments/test-kit'
import { onEnd } from './cleanup.ts'
import { untilAnswers } from './processes.ts'
import { temporaryFolder } from './product.ts'

/** HAProxy as in docs/running/haproxy.cfg, with a port of its own for each group of servers: requests go to the servers of the group in turn. */
export async function startBalancer(groups: readonly (readonly number[])[]): Promise<number[]> {
  const ports: number[] = []
  for (const _ of groups) ports.push(await freePort())
  const file = join(temporaryFolder(), 'haproxy.cfg')
  writeFileSync(file, [defaults, ...groups.map((servers, at) => listener(at, ports[at] ?? 0, servers))].join('\n'))
  const child = spawn('haproxy', ['-db', '-f', file], { stdio: ['ignore', 'ignore', 'inherit'] })
  onEnd(() => endChild(child))
  for (const port of ports) await untilAnswers(child, port)
  return ports
}

const defaults = `global
    maxconn 4000
    nbthread 1
defaults
    mode http
    timeout connect 2s
    timeout client 75s
    timeout server 75s
    option httpchk GET /health/ready
    default-server check inter 1s fall 2 rise 1
`

function listener(at: number, port: number, servers: readonly number[]): string {
  const lines = servers.map((server, of) => `    server replica-${of + 1} 127.0.0.1:${server}`)
  return [`listen group-${at + 1}`, `    bind 127.0.0.1:${port}`, '    balance roundrobin', ...lines, ''].join('\n')
}

async function endChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return
  child.kill('SIGTERM')
  await once(child, 'exit')
}
