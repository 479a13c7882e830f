import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Client } from '@commitments/client'
import { migrate } from '@commitments/event-store'
import { ConfigError, createLogger, type Environment, heldVariable } from '@commitments/http-kit'
import { LocalPostgresError, lockFolder, makeOpenFolder } from '@commitments/local-postgres'
import { remark, say } from '../terminal.ts'
import { buildServed } from './build.ts'
import { type Configuration, readConfiguration } from './configuration.ts'
import { type Database, startDatabase } from './database.ts'
import { type Keys, prepareKeys } from './keys.ts'
import { commandFlags, projectionFlags } from './node-flags.ts'
import { importer, importPortfolio, isOurs, type Targets, untilProjected } from './portfolio.ts'
import { assertPortFree } from './ports.ts'
import { StartRefused } from './refusals.ts'
import { restartOnChange } from './restart-on-change.ts'
import { aborted, signalled } from './signals.ts'
import { type Service, startService } from './supervisor.ts'
import { describeRunning } from './terminal.ts'
import { readVerifierKey } from './verifier-key.ts'

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))
/** In the order in which they are recorded: a later file depends on the earlier ones. */
const portfolioFiles = ['data/portfolio.ndjson', 'data/portfolio-later.ndjson']

/** What to end, in the reverse order of starting. */
type Endings = (() => unknown)[]

/**
 * Starts everything, prints the addresses, and runs until it is told to end: then the services finish what they accepted, and Postgres
 * stops after them. Returns the exit status.
 *
 * @param options.watch restarts the services whenever their sources change.
 */
export async function main(environment: Environment, { watch = false } = {}): Promise<number> {
  const signal = signalled()
  const endings: Endings = []
  try {
    await bringUp(environment, endings, signal, watch)
    await aborted(signal)
    return 0
  } catch (error) {
    return signal.aborted ? 0 : report(error)
  } finally {
    for (const end of endings.reverse()) await end()
  }
}

async function bringUp(environment: Environment, endings: Endings, signal: AbortSignal, watch: boolean): Promise<void> {
  const configuration = readConfiguration(environment)
  const dataDirectory = makeDataDirectory(configuration.DATA_DIR)
  const lock = await lockFolder(dataDirectory)
  endings.push(() => lock.release())
  await assertPortFree(configuration.HOST, configuration.COMMAND_PORT, 'COMMAND_PORT')
  await assertPortFree(configuration.HOST, configuration.PROJECTION_PORT, 'PROJECTION_PORT')
  const [addresses] = await Promise.all([openDatabase(configuration, dataDirectory, endings), makeServed()])
  signal.throwIfAborted()
  const keys = prepareKeys(configuration, dataDirectory)
  const [command, projection] = await startServices(
    environment,
    configuration,
    { addresses, keys, dataDirectory },
    endings,
    signal,
  )
  await fill({ command: command.url, projection: projection.url, secret: keys.importerSecret }, configuration, signal)
  for (const service of [command, projection]) service.tellFilled()
  const verifierKey = await readVerifierKey(projection.url, keys.importerSecret, signal)
  if (watch) endings.push(restartOnChange(root, { command, projection }, say))
  describeRunning({ command: command.url, projection: projection.url, key: keys.own, verifierKey })
}

/** The services run without the board as well: `/` then says how to build it. */
async function makeServed(): Promise<void> {
  if (!(await buildServed(root)))
    say('Board and auditor’s command could not be built (see above); everything else starts all the same.')
}

/** Others may enter it, because Postgres may have to run as another account; each secret in it is protected separately. */
function makeDataDirectory(wished: string): string {
  const directory = resolve(wished)
  makeOpenFolder(directory)
  return directory
}

/** The environment variables about the database, for each service. */
type Addresses = Readonly<Record<ServiceName, Record<string, string>>>
type ServiceName = 'command' | 'projection'

async function openDatabase(
  { DATABASE_URL, LEDGER_SCHEMA: ledger, LOG_LEVEL: level }: Configuration,
  dataDirectory: string,
  endings: Endings,
): Promise<Addresses> {
  const logger = createLogger({ name: 'commitments-migrate', level })
  if (DATABASE_URL !== undefined) {
    await migrate(DATABASE_URL, { ledger, logger })
    return { command: { DATABASE_URL }, projection: { DATABASE_URL } }
  }
  const database = await startEmbedded(dataDirectory, endings)
  await migrate(database.url, { ledger, logger })
  // Each service knows the password of its own role, and no other.
  return {
    command: { COMMAND_DATABASE_URL: await database.urlOf(ledger, 'command') },
    projection: { PROJECTION_DATABASE_URL: await database.urlOf(ledger, 'projection') },
  }
}

async function startEmbedded(dataDirectory: string, endings: Endings): Promise<Database> {
  say('Starting Postgres …')
  const database = await startDatabase(dataDirectory, say)
  endings.push(async () => {
    say('Stopping Postgres …')
    await database.stop()
  })
  say(`Postgres runs on 127.0.0.1:${database.server.port}; its files lie in ${database.server.directory}.`)
  return database
}

interface Surroundings {
  addresses: Addresses
  keys: Keys
  dataDirectory: string
}

/** Pages of either service may call the other, under both names of this machine, in addition to the configured origins. */
function withOwnOrigins({ ALLOWED_ORIGINS = '' }: Environment, ports: readonly number[]): Environment {
  const known = ports.filter((port) => port !== 0)
  if (known.length === 0 || ALLOWED_ORIGINS.trim() === '*') return {}
  const own = known.flatMap((port) => [`http://127.0.0.1:${port}`, `http://localhost:${port}`])
  return { ALLOWED_ORIGINS: [...(ALLOWED_ORIGINS.trim() === '' ? [] : [ALLOWED_ORIGINS]), ...own].join(',') }
}

async function startServices(
  environment: Environment,
  configuration: Configuration,
  { addresses, keys, dataDirectory }: Surroundings,
  endings: Endings,
  signal: AbortSignal,
): Promise<[Service, Service]> {
  say('Starting the services …')
  const { LOG_LEVEL, COMMAND_PORT, PROJECTION_PORT } = configuration
  const shared = {
    ...(PROJECTION_PORT === 0 ? {} : { PROJECTION_PUBLIC_URL: addressOf(configuration.HOST, PROJECTION_PORT) }),
    // The address at which the board records.
    ...(COMMAND_PORT === 0 ? {} : { COMMAND_PUBLIC_URL: addressOf(configuration.HOST, COMMAND_PORT) }),
    // Whoever brings a database has a record of their own, and publishes it in their own name.
    ...(configuration.DATABASE_URL === undefined ? { IATI_FILE: join(root, 'data/iati.json') } : {}),
    ...environment,
    ...withOwnOrigins(environment, [COMMAND_PORT, PROJECTION_PORT]),
    ...keys.environment,
    LOG_LEVEL,
    // The key of the transparency log is created there, and the signed checkpoints are kept next to it.
    DATA_DIR: dataDirectory,
    // Each service compiles the same sources at every start; keeping the result saves most of the time of a restart.
    NODE_COMPILE_CACHE: join(dataDirectory, 'compile-cache'),
    // Running, but not ready until the portfolio is recorded and projected.
    [heldVariable]: 'yes',
  }
  const begin = async (name: ServiceName, port: number) => {
    const script = join(root, `services/${name}/src/main.ts`)
    const flags = name === 'projection' ? projectionFlags : commandFlags
    const environment = { ...shared, ...addresses[name], PORT: String(port) }
    const service = await startService({ name, script, flags, environment, say }, signal)
    endings.push(() => service.stop())
    return service
  }
  const both = await Promise.allSettled([begin('command', COMMAND_PORT), begin('projection', PROJECTION_PORT)])
  for (const one of both) if (one.status === 'rejected') throw one.reason
  return both.map((one) => (one as PromiseFulfilledResult<Service>).value) as [Service, Service]
}

/** The address of a service for callers on this machine. */
function addressOf(host: string, port: number): string {
  if (host === '0.0.0.0' || host === '::') return `http://localhost:${port}`
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`
}

async function fill(targets: Targets, configuration: Configuration, signal: AbortSignal): Promise<void> {
  const client = importer(targets)
  if (configuration.DATABASE_URL !== undefined && !(await isOurs(client, signal))) {
    say('The ledger already has its own record, so the portfolio was not added.')
    return
  }
  say('Recording the portfolio …')
  const position = await importAll(client, signal)
  await untilProjected(client, position, signal, (reached) => say(`Projecting: ${reached} of ${position} …`))
}

/** Imports each file separately, all of it or nothing. Returns the position of the last event. */
async function importAll(client: Client, signal: AbortSignal): Promise<number> {
  let last = 0
  for (const file of portfolioFiles) {
    const { recorded, replayed, proposals, position } = await importPortfolio(join(root, file), client, signal)
    say(`${file}: ${recorded} events of ${proposals} proposals recorded, ${replayed} were there already.`)
    last = Math.max(last, position)
  }
  return last
}

function report(error: unknown): number {
  const expected = error instanceof StartRefused || error instanceof LocalPostgresError || error instanceof ConfigError
  remark(expected ? error.message : error)
  return 1
}
