/** The log of a service: what is written, and how it reaches standard output. */
import { printable } from '@commitments/domain'
import { type DestinationStream, destination, type Logger, pino } from 'pino'

/** Members that must not be written, even if somebody logs them by mistake. */
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
 * Where they can be: at the top, or inside what is likely to be logged as a whole. The paths are written out, because a wildcard makes
 * every log line three to four times as expensive.
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

/** node-postgres attaches the whole connection to its errors: a page of it in each line, including what it knows about the login. */
function withoutConnection(error: Error) {
  return pino.stdSerializers.err(
    'client' in error ? Object.defineProperty(error, 'client', { enumerable: false }) : error,
  )
}

const time = { at: 0, member: '' }

/** The lines of a turn mostly have the same millisecond, and writing it takes as long as the rest of a line. */
function timeOfLine(): string {
  const now = Date.now()
  if (now !== time.at) {
    time.at = now
    time.member = `,"time":"${new Date(now).toISOString()}"`
  }
  return time.member
}

/** The logger of a service: JSON lines on standard output, or on the given stream. */
export function createLogger(options: { name: string; level: string; stream?: DestinationStream }): Logger {
  const settings = {
    name: options.name,
    level: options.level,
    redact: { paths: secretPlaces, censor: '[redacted]' },
    serializers: { err: withoutConnection },
    timestamp: timeOfLine,
  }
  return pino(settings, options.stream ?? logOutput())
}

// The path of all log lines of this process to its standard output.

/** A destination that takes bytes; its types know only texts. */
type Destination = Omit<ReturnType<typeof destination>, 'write'> & { write(bytes: Buffer): boolean }

interface Output {
  readonly destination: Destination
  /** Lines of this turn of the event loop. */
  lines: string
}

/** What pino requires of a destination; `flushSync` is called after a fatal line, and at the exit. */
interface LogOutput extends DestinationStream {
  flushSync(): void
}

let standardOutput: LogOutput | null = null

/**
 * One write for each line would cost more than the rest of the line. So lines are written together, at most a fifth of a second late. The
 * rest is written when the process exits, by itself or by an error; only a killed process (SIGKILL) loses the lines of that fifth.
 */
function logOutput(): LogOutput {
  if (standardOutput === null) {
    standardOutput = gather(
      destination({
        sync: false,
        minLength: 8_192,
        periodicFlush: 200,
        contentMode: 'buffer',
      }) as unknown as Destination,
    )
    process.on('exit', standardOutput.flushSync)
  }
  return standardOutput
}

/** The lines of one turn are passed on as one text, because the destination measures its whole content again for each text. */
function gather(to: Destination): LogOutput {
  const output: Output = { destination: to, lines: '' }
  return {
    write(line) {
      if (output.lines === '') setImmediate(handOn, output)
      output.lines += line
    },
    flushSync() {
      handOn(output)
      output.destination.flushSync()
    },
  }
}

/** Lines are encoded once, here: the destination would encode a text to write it, and again to see how much of it was written. */
function handOn(output: Output): void {
  const { lines } = output
  output.lines = ''
  if (lines === '') return
  const bytes = Buffer.from(lines)
  output.destination.write(isAscii(lines, bytes) ? bytes : Buffer.from(printable(lines)))
}

/** Whether the lines have nothing that needs an escape: in JSON, controls below the space are escaped already. Counting is faster than searching. */
function isAscii(lines: string, { length }: Buffer): boolean {
  return length === lines.length && !lines.includes('\x7f')
}
