/** The way of all lines of log of this process to its standard output. */
import { printable } from '@commitments/domain'
import { type DestinationStream, destination } from 'pino'

type Destination = ReturnType<typeof destination>

interface Output {
  readonly destination: Destination
  /** Lines of this turn of the event loop. */
  lines: string
}

/** What pino asks of a destination; `flushSync` is called after a fatal line, and at the exit. */
export interface LogOutput extends DestinationStream {
  flushSync(): void
}

let standardOutput: LogOutput | null = null

/**
 * A write each line would cost more than the rest of the line: they go out together, a fifth of a second late at most. What is left is
 * written when the process exits, by itself or by an error; only a killed one (SIGKILL) takes the lines of that fifth with it.
 */
export function logOutput(): LogOutput {
  if (standardOutput === null) {
    standardOutput = gather(destination({ sync: false, minLength: 8_192, periodicFlush: 200 }))
    process.on('exit', standardOutput.flushSync)
  }
  return standardOutput
}

/** The lines of one turn are handed on as one text: the destination measures all that it holds anew for each text that it is given. */
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

function handOn(output: Output): void {
  const { lines } = output
  output.lines = ''
  if (lines !== '') output.destination.write(printable(lines))
}
