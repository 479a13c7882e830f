/** `npm run soak -- reference`: the reference architecture in containers, as docs/running/reference/compose.yml has it. */
import { execFileSync, spawnSync } from 'node:child_process'
import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { chmodSync, chownSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { eventually, processKey } from '@commitments/test-kit'
import { verify as audit } from '../../packages/audit-cli/src/index.ts'
import { type Load, startLoad } from '../../tests/crash/load.ts'
import { verify } from '../../tests/crash/verify.ts'
import { digest } from '../build/inputs.ts'

type Say = (line: string) => void

const root = join(import.meta.dirname, '../..')
/** What HAProxy leads to. */
const command = { url: 'http://127.0.0.1:8180' }
const projection = { url: 'http://127.0.0.1:8181' }
/** The one that signs, without HAProxy before it. */
const signer = { url: 'http://10.0.0.31:8081' }
const reader = { url: 'http://10.0.0.33:8081' }
const servers = ['pg-1', 'pg-2', 'pg-3'] as const

/** The user of the images. */
const imageUser = 1000

/** Starts everything, kills one container after another under load, and looks whether anything is missing. @returns the exit status */
export async function soakReference(say: Say): Promise<number> {
  const { status } = spawnSync('docker', ['compose', 'version'], { stdio: 'ignore' })
  if (status !== 0) {
    say('Left out: there is no `docker compose` here.')
    return 1
  }
  const folder = mkdtempSync(join(tmpdir(), 'reference-'))
  const databaseUrl = writeSettings(folder)
  const compose = composeIn(folder)
  try {
    compose('up', '--detach', '--quiet-pull')
    await eventually(
      async () => (await isReady(command)) && (await isReady(signer, '?for=signing')) && (await isReady(reader)),
      {
        within: 180_000,
      },
    )
    say('everything is ready')
    return await drill(compose, databaseUrl, say)
  } finally {
    compose('down', '--volumes', '--timeout', '5')
    rmSync(folder, { recursive: true })
  }
}

const password = () => randomBytes(24).toString('hex')

/** Passwords, the key of the log, and the key of the callers. @returns the address of the database as the user of the projection service, for this machine */
function writeSettings(folder: string): string {
  const reading = password()
  const { privateKey } = generateKeyPairSync('ed25519')
  const keys = [{ name: 'soak', scopes: ['record', 'correct', 'read', 'audit', 'admin'], sha256: digest(processKey) }]
  const files = {
    'api-keys.json': JSON.stringify(keys),
    'log-key.pem': privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  }
  for (const [name, text] of Object.entries(files)) {
    const file = join(folder, name)
    writeFileSync(file, text)
    chmodSync(file, 0o600)
    if (process.getuid?.() === 0) chownSync(file, imageUser, imageUser)
  }
  const passwords = ['POSTGRES', 'OWNER', 'COMMAND', 'REPLICATION', 'REWIND'].map(
    (name) => `${name}_PASSWORD=${password()}`,
  )
  const settings = [
    ...passwords,
    `PROJECTION_PASSWORD=${reading}`,
    `API_KEYS_FILE=${join(folder, 'api-keys.json')}`,
    `LOG_KEY_FILE=${join(folder, 'log-key.pem')}`,
  ]
  writeFileSync(join(folder, '.env'), `${settings.join('\n')}\n`, { mode: 0o600 })
  const hosts = '10.0.0.11,10.0.0.12,10.0.0.13'
  return `postgres://commitments_projection:${reading}@${hosts}/commitments?sslmode=no-verify&target_session_attrs=read-write`
}

type Run = (...words: string[]) => string

function composeIn(folder: string): Run {
  const file = 'docs/running/reference/compose.yml'
  const options = ['compose', '--project-directory', '.', '--env-file', join(folder, '.env'), '--file', file]
  return (...words) =>
    execFileSync('docker', [...options, ...words], { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
}

async function drill(compose: Run, databaseUrl: string, say: Say): Promise<number> {
  const load = startLoad({ command, projection } as Parameters<typeof startLoad>[0], { clients: 4, watchers: 1 })
  const reads = startReads()
  await sleep(5_000)
  const leader = memberWith(compose, 'Leader')
  const strike = async (container: string, what: string) => {
    const paused = await pauseAfter(load, () => compose('kill', container))
    say(`${what} (${container}) killed: nothing was recorded for ${(paused / 1000).toFixed(1)} s`)
    compose('start', container)
  }
  await strike(leader, 'the leader')
  await eventually(async () => standbysOf(compose) === 2, { within: 120_000 })
  say(`${leader} follows ${memberWith(compose, 'Leader')}`)
  await strike('command-1', 'a command service')
  await strike('projection-1', 'the signer')
  await eventually(() => isReady(signer, '?for=signing'), { within: 60_000 })
  await load.stop()
  await reads.stop()
  for (const [name, { answered, longest }] of reads.seen)
    say(`reads at the ${name}: ${answered} answered, none for ${(longest / 1000).toFixed(1)} s at most`)
  const answers = [...load.answers].map(([what, times]) => `${times} × ${what}`).join(', ')
  const services = { command, projection, databaseUrl } as Parameters<typeof verify>[0]
  const { events, faults } = await verify(services, load.acknowledged)
  const { outcome, sentence } = await audit({ source: projection.url, status: false })
  const wrong = [...load.unexpected, ...faults, ...(outcome === 'valid' ? [] : [sentence])]
  for (const one of wrong) say(`  WRONG: ${one}`)
  say(`${load.acknowledged.length} events acknowledged (${answers}), ${events} in the log; ${sentence}`)
  return wrong.length === 0 ? 0 : 2
}

/** The longest time without an acknowledged event, in milliseconds, from the fault until it goes on steadily, for two minutes at most. */
async function pauseAfter(load: Load, fault: () => unknown): Promise<number> {
  fault()
  let [seen, since, longest, steady] = [load.acknowledged.length, Date.now(), 0, 0]
  const until = since + 120_000
  while ((steady < 3 || Date.now() - since > 1_000) && Date.now() < until) {
    await sleep(100)
    longest = Math.max(longest, Date.now() - since)
    if (load.acknowledged.length === seen) {
      steady = 0
      continue
    }
    ;[seen, since, steady] = [load.acknowledged.length, Date.now(), steady + 1]
  }
  return longest
}

interface Reads {
  /** How often each was answered, and how long at most it was not, in milliseconds. */
  readonly seen: ReadonlyMap<string, { answered: number; longest: number }>
  stop(): Promise<void>
}

/** Reads all the time, at the entrance and at the reader itself. */
function startReads(): Reads {
  const seen = new Map<string, { answered: number; longest: number }>()
  const state = { stopping: false }
  const read = async (name: string, { url }: { url: string }) => {
    const own = { answered: 0, longest: 0 }
    seen.set(name, own)
    for (let last = Date.now(); !state.stopping; await sleep(200)) {
      if (await isAnswered(new URL('/v1/proposals?limit=5', url))) {
        own.answered += 1
        last = Date.now()
      } else own.longest = Math.max(own.longest, Date.now() - last)
    }
  }
  const running = [read('entrance', projection), read('reader', reader)]
  const stop = async () => {
    state.stopping = true
    await Promise.all(running)
  }
  return { seen, stop }
}

interface Member {
  readonly Member: string
  readonly Role: string
  readonly State: string
}

/** What Patroni says of its members, on whichever server answers. */
function members(compose: Run): readonly Member[] {
  for (const server of servers) {
    try {
      return JSON.parse(
        compose(
          'exec',
          '--no-TTY',
          server,
          'patronictl',
          '--config-file',
          '/etc/patroni.yml',
          'list',
          '--format',
          'json',
        ),
      ) as Member[]
    } catch {
      // Its container does not run.
    }
  }
  return []
}

function memberWith(compose: Run, role: string): string {
  const member = members(compose).find(({ Role }) => Role === role)
  if (!member) throw new Error(`Patroni has no member that is ${role}`)
  return member.Member
}

function standbysOf(compose: Run): number {
  return members(compose).filter(({ State }) => State === 'streaming').length
}

function isReady({ url }: { url: string }, question = ''): Promise<boolean> {
  return isAnswered(new URL(`/health/ready${question}`, url))
}

async function isAnswered(url: URL): Promise<boolean> {
  const answer = await fetch(url, { signal: AbortSignal.timeout(5_000) }).catch(() => null)
  await answer?.body?.cancel()
  return answer?.status === 200
}
