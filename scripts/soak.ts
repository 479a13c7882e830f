import { spawnSync } from 'node:child_process'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Load, startLoad } from '../tests/crash/load.ts'
import { type System, startSystem } from '../tests/crash/system.ts'
import { verify } from '../tests/crash/verify.ts'
import { type Random, randomFrom } from '../tests/failover/plan.ts'
import { Misused, runCommand } from './command.ts'
import { soakFailover } from './soak/failover.ts'
import { soakPatroni } from './soak/patroni.ts'
import { soakReference } from './soak/reference.ts'
import { soakWall } from './soak/wall.ts'

const usage =
  'Usage: npm run soak [-- minutes [seed]]\n' +
  '       npm run soak -- failover [trials [seed]]\n' +
  '       npm run soak -- patroni [trials [seed]]\n' +
  '       npm run soak -- reference\n' +
  '       npm run soak -- wall [minutes]\n' +
  'Alone: runs the random searches of npm test, with their full counts and new seeds; then the crash test for longer (by default for ten\n' +
  'minutes), with random faults, which depend on the seed.\n' +
  'failover: two embedded servers, a base backup, synchronous or asynchronous; the primary is killed and the standby promoted under load (by\n' +
  'default ten times). Afterwards every acknowledged line stands byte for byte at its position, or its loss was noticed by the services, the\n' +
  'signer and an auditor. Trial n has the seed + n - 1.\n' +
  'patroni: the same with three servers of a Patroni cluster behind HAProxy, where Patroni, etcd and HAProxy are installed (by default two\n' +
  'trials). It says what is missing.\n' +
  'reference: the reference architecture in containers (docs/running/reference/compose.yml), where there is `docker compose`: the containers of\n' +
  'the leader, of a command service and of the signer are killed under load.\n' +
  'wall: the page for a screen on a wall in a real browser, at fifty times the usual rate of events (by default for two hours): its memory\n' +
  'stays flat. npm test does it for two minutes.\n' +
  'The seed is printed; the same seed gives the same plan.\n' +
  'Exit codes: 0 nothing was lost, doubled or wrong; 1 it could not be run; 2 something is wrong, and it is printed.'

/** Everything that is compared at once is kept in memory until then. */
const roundSeconds = 30

interface Fault {
  readonly name: string
  strike(system: System, random: Random): Promise<void>
}

const faults: readonly Fault[] = [
  { name: 'kill -9 of the command service', strike: async ({ command }) => send(command.pid, 'SIGKILL') },
  { name: 'kill -9 of the projection service', strike: async ({ projection }) => send(projection.pid, 'SIGKILL') },
  { name: 'SIGTERM to the command service', strike: async ({ command }) => send(command.pid, 'SIGTERM') },
  { name: 'SIGTERM to the projection service', strike: async ({ projection }) => send(projection.pid, 'SIGTERM') },
  { name: 'the command service stands still', strike: ({ command }, random) => halt(command.pid, random) },
  { name: 'the projection service stands still', strike: ({ projection }, random) => halt(projection.pid, random) },
  { name: 'kill -9 of Postgres', strike: killPostgres },
  { name: 'kill -9 of everything', strike: killEverything },
]

/** A process that is being restarted has no number to which a signal could be sent: then there is no fault this time. */
function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

async function halt(pid: number, random: Random): Promise<void> {
  send(pid, 'SIGSTOP')
  await sleep(3_000 * random())
  send(pid, 'SIGCONT')
}

async function killPostgres({ server }: System, random: Random): Promise<void> {
  await server.kill()
  await sleep(2_000 * random())
  await server.restart()
}

async function killEverything(system: System, random: Random): Promise<void> {
  send(system.command.pid, 'SIGKILL')
  send(system.projection.pid, 'SIGKILL')
  await killPostgres(system, random)
}

async function main(given: string[]): Promise<number> {
  const [kind, ...rest] = given
  if (kind === 'failover') return soakFailover(rest, say)
  if (kind === 'patroni') return soakPatroni(rest, say)
  if (kind === 'reference') return soakReference(say)
  if (kind === 'wall') return soakWall(rest)
  return soakCrashes(given)
}

async function soakCrashes([minutesText = '10', seedText]: string[]): Promise<number> {
  const minutes = Number(minutesText)
  const seed = seedText === undefined ? Math.trunc(Math.random() * 2 ** 31) : Number(seedText)
  if (!(minutes > 0) || !Number.isSafeInteger(seed))
    throw new Misused(`${minutesText} ${seedText ?? ''} is not a number of minutes, with or without a seed.`)
  if (!searchFurther()) return 2
  say(`${minutes} minutes, seed ${seed}`)
  const system = await startSystem((line) => say(line))
  try {
    return await soak(system, Date.now() + minutes * 60_000, randomFrom(seed))
  } finally {
    await system.stop()
  }
}

/** The test files with random searches, as `npm test -- files` runs them. */
function searchFurther(): boolean {
  const root = join(import.meta.dirname, '..')
  const files = globSync('{packages/*/test,services/*/test,tests}/**/*.test.ts', { cwd: root }).filter((file) =>
    /\b(?:holds|search|searchRuns|searchSeed)\(/.test(readFileSync(join(root, file), 'utf8')),
  )
  say(`${files.length} test files search at random`)
  const { status } = spawnSync(process.execPath, [join(root, 'scripts/test.mjs'), ...files], {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, SOAK: '1' },
  })
  return status === 0
}

async function soak(system: System, until: number, random: Random): Promise<number> {
  let verified = 0
  for (let round = 1; Date.now() < until; round += 1) {
    const load = startLoad(system, { name: `r${round}` })
    await strikeAll(system, Math.min(until, Date.now() + roundSeconds * 1_000), random, load)
    await load.stop()
    const { events, faults } = await verify(system, load.acknowledged, verified)
    const wrong = [...load.unexpected, ...faults]
    for (const one of wrong) process.stdout.write(`  ${one}\n`)
    if (wrong.length > 0) return 2
    verified += events
    const answers = [...load.answers].map(([what, times]) => `${times} × ${what}`).join(', ')
    say(`round ${round} holds: ${events} events (${verified} in all), answers ${answers}`)
  }
  return 0
}

async function strikeAll(system: System, until: number, random: Random, load: Load): Promise<void> {
  while (Date.now() < until && load.unexpected.length === 0) {
    await sleep(500 + 4_000 * random())
    const fault = faults[Math.floor(random() * faults.length)]
    if (!fault) continue
    say(`${load.acknowledged.length} events; ${fault.name}`)
    await fault.strike(system, random)
  }
}

function say(line: string): void {
  process.stdout.write(`${new Date().toISOString().slice(11, 19)} ${line}\n`)
}

await runCommand(usage, (given) => main(given))
