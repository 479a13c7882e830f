import { type DestinationStream, type Logger, pino } from 'pino'
import { logOutput } from './log-output.ts'

/** What must not be written, even if somebody logs it by mistake. */
const secrets = [
  'authorization',
  'API_KEYS',
  'DATABASE_URL',
  'COMMAND_DATABASE_URL',
  'PROJECTION_DATABASE_URL',
  'secret',
  'password',
  'connectionString',
]

/**
 * Where it could stand: by itself, or in what is likely to be logged as a whole. Written out, since a wildcard makes
 * every line of the log three to four times as expensive.
 */
const holders = [
  '',
  'headers.',
  'req.headers.',
  'request.headers.',
  'config.',
  'options.',
  'pool.options.',
  'err.',
  'key.',
]

const secretPlaces = holders.flatMap((holder) => secrets.map((name) => holder + name))

/** node-postgres hangs the whole connection on its errors: a page of it in each line, with what it knows of the login. */
function withoutConnection(error: Error) {
  return pino.stdSerializers.err(
    'client' in error ? Object.defineProperty(error, 'client', { enumerable: false }) : error,
  )
}

/** The logger of a service: JSON lines on standard output, or on the given stream. */
export function createLogger(options: { name: string; level: string; stream?: DestinationStream }): Logger {
  const settings = {
    name: options.name,
    level: options.level,
    redact: { paths: secretPlaces, censor: '[redacted]' },
    serializers: { err: withoutConnection },
    timestamp: pino.stdTimeFunctions.isoTime,
  }
  return pino(settings, options.stream ?? logOutput())
}
