import { type DestinationStream, type Logger, pino } from 'pino'

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

/** The logger of a service: JSON lines on standard output, or on the given stream. */
export function createLogger(options: { name: string; level: string; stream?: DestinationStream }): Logger {
  const settings = {
    name: options.name,
    level: options.level,
    redact: { paths: secretPlaces, censor: '[redacted]' },
    timestamp: pino.stdTimeFunctions.isoTime,
  }
  return options.stream === undefined ? pino(settings) : pino(settings, options.stream)
}
