/**
 * `npm run relay [-- --after=<position>]`: publishes the log to NATS JetStream, and continues with each new event. `--after` is for a stream
 * that does not tell where it ends. Exit code 78: it cannot continue until somebody decides, and the log says what.
 */
import { parseArgs } from 'node:util'
import { ConfigError, createLogger, type Environment, readTogether, runMain, runService } from '@commitments/http-kit'
import { buildRelayApp } from './app.ts'
import { readConfig } from './config.ts'
import { natsSink } from './nats-sink.ts'
import { initialState, runRelay } from './relay.ts'
import { RelayStopped } from './sink.ts'

/** `EX_CONFIG` of BSD's sysexits.h: starting again does not help. */
const undecided = 78

const howTo = 'npm run relay [-- --after=<position>]'
const usage =
  `Usage: ${howTo}\nPublishes the log to NATS JetStream, and continues with each new event. --after is for a stream that does not tell where it ends.\n` +
  'Configuration: the environment (docs/relay.md). Exit code 78: it cannot continue until somebody decides, and the log says what.'

await runMain(start, usage)

/** The only function of the relay that reads its environment. */
async function start(environment: Environment) {
  const { config, after } = readTogether({
    config: () => readConfig(environment),
    after: () => ({ position: readAfter(process.argv.slice(2)) }),
  })
  const logger = createLogger({ name: 'relay', level: config.LOG_LEVEL })
  const { NATS_URL: servers, NATS_STREAM: stream, NATS_SUBJECT: subject, NATS_CREDENTIALS_FILE: credentials } = config
  const sink = natsSink({ servers, stream, subject, credentials, logger })
  const feed = { url: config.PROJECTION_URL, apiKey: config.RELAY_API_KEY_FILE }
  const state = initialState()
  const ending = new AbortController()
  const app = await buildRelayApp(state, logger)
  const service = await runService({ app, host: config.HOST, port: config.PORT, logger, close })
  const relay = runRelay({ feed, sink, after: after.position, logger, signal: ending.signal }, state)
  relay.catch(async (error: unknown) => {
    const reason = error instanceof RelayStopped ? error.reason : undefined
    logger.fatal({ err: error, reason }, 'the relay cannot continue')
    await service.stop('the relay cannot continue').catch(() => {})
    process.exit(reason === undefined ? 1 : undecided)
  })
  return service

  async function close(): Promise<void> {
    ending.abort()
    await relay.catch(() => {})
    await sink.close()
  }
}

function readAfter(given: readonly string[]): number | undefined {
  try {
    const { values } = parseArgs({ args: [...given], options: { after: { type: 'string' } } })
    if (values.after === undefined) return undefined
    if (/^\d{1,15}$/.test(values.after)) return Number(values.after)
  } catch {
    // The same sentence tells how it is written.
  }
  throw new ConfigError([`usage: ${howTo}, with a position of the log`])
}
