import { type DestinationStream, destination, type Logger, pino } from 'pino'

/** Places where a secret could get into a line by mistake of ours. */
const secretPlaces = [
  'authorization',
  '*.authorization',
  'headers.authorization',
  'req.headers.authorization',
  'request.headers.authorization',
  'API_KEYS',
  '*.API_KEYS',
  'secret',
  '*.secret',
  'password',
  '*.password',
  'connectionString',
  '*.connectionString',
]

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
  // Not waited for: lines that come while one is being written go out together. What is left is written at the exit.
  return pino(settings, options.stream ?? destination({ sync: false }))
}
