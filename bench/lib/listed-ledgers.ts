import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { migrate } from '@commitments/event-store'
import { commandFlags, projectionFlags } from '../../scripts/start/node-flags.ts'
import { benchFile, type RunningServer, startServer } from './processes.ts'
import { newKey, secret, temporaryFolder } from './product.ts'

/** Ledgers of one database that one pair of services serves, each at the path of its name. */
export interface ListedLedgers {
  readonly url: string
  readonly names: readonly string[]
  /** What both services need. */
  readonly environment: Readonly<Record<string, string>>
}

const quiet = { info: () => undefined, warn: () => undefined }

/** Migrates a schema for each, and writes the file that names them, with a key of the log and of webhooks for each. */
export async function listLedgers(url: string, count: number): Promise<ListedLedgers> {
  const names = Array.from({ length: count }, (_, index) => `idle_${index + 1}`)
  for (const ledger of names) await migrate(url, { ledger, logger: quiet })
  const folder = temporaryFolder()
  const file = join(folder, 'ledgers.json')
  writeFileSync(file, JSON.stringify(names.map((name) => entryOf(folder, name))), { mode: 0o600 })
  const folders = { DATA_DIR: join(folder, 'data'), LOG_STATE_DIR: join(folder, 'state') }
  for (const one of Object.values(folders)) mkdirSync(one)
  return { url, names, environment: { DATABASE_URL: url, LEDGERS: file, API_KEYS: keyOf('process'), ...folders } }
}

function entryOf(folder: string, name: string) {
  const [logKey, webhookKey] = [join(folder, `${name}.pem`), join(folder, `${name}.webhooks`)]
  writeFileSync(logKey, newKey(), { mode: 0o600 })
  writeFileSync(webhookKey, keyOf(name).padEnd(40, '.'), { mode: 0o600 })
  return {
    name,
    LEDGER_SCHEMA: name,
    COMMAND_PUBLIC_URL: `http://record.example/${name}`,
    PROJECTION_PUBLIC_URL: `http://read.example/${name}`,
    API_KEYS: keyOf(name),
    LOG_KEY_FILE: logKey,
    WEBHOOK_KEY_FILE: webhookKey,
  }
}

/** Two ledgers cannot have the same key. */
const keyOf = (name: string) => `bench:record+read+audit+admin:${secretOf(name)}`

export function secretOf(name: string): string {
  return `${secret}-${name}`
}

export interface RunningPair {
  readonly command: RunningServer
  readonly projection: RunningServer
  /** Seconds until each had tried all of its ledgers. */
  readonly startedIn: { readonly command: number; readonly projection: number }
}

/** Both services at once, as they are restarted; with a heap that bears the ledgers. */
export async function startPair({ environment, names }: ListedLedgers): Promise<RunningPair> {
  const heap = `--max-old-space-size=${256 + 8 * names.length}`
  const started = (name: 'command' | 'projection', flags: readonly string[]) => {
    const began = performance.now()
    const file = benchFile(`../services/${name}/src/main.ts`)
    const starting = startServer(`the ${name} service`, file, environment, [...flags, heap])
    return starting.then((server) => ({ server, seconds: (performance.now() - began) / 1000 }))
  }
  const [command, projection] = await Promise.all([
    started('command', commandFlags),
    started('projection', projectionFlags),
  ])
  await Promise.all([command, projection].map(({ server }) => untilAllServed(server, names.length)))
  const startedIn = { command: command.seconds, projection: projection.seconds }
  return { command: command.server, projection: projection.server, startedIn }
}

async function untilAllServed({ name, port }: RunningServer, count: number): Promise<void> {
  const wanted = `${count} of ${count} ledgers are ready`
  let found = ''
  for (const deadline = Date.now() + 1_800_000; Date.now() < deadline; ) {
    const answer = await fetch(`http://127.0.0.1:${port}/health/ready`)
    const { checks } = (await answer.json()) as { checks: { name: string; detail: string }[] }
    found = checks.find((one) => one.name === 'ledgers')?.detail ?? ''
    if (found === wanted) return
    await new Promise((resolve) => setTimeout(resolve, 500))
  }
  throw new Error(`${name} says: ${found}`)
}
