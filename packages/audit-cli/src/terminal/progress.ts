import cliProgress from 'cli-progress'
import type { Progress } from '../verify/options.ts'

/** Progress bars on a terminal; nothing without one, so that logs and pipes stay clean. */
export function terminalProgress(stream: NodeJS.WriteStream): Progress | undefined {
  if (!stream.isTTY) return undefined
  const state: { bar: cliProgress.SingleBar | null } = { bar: null }
  return {
    begin: (what, total) => {
      state.bar = barOf(stream, what, total)
    },
    at: (done) => state.bar?.update(done),
    end: () => {
      state.bar?.stop()
      state.bar = null
    },
  }
}

function barOf(stream: NodeJS.WriteStream, what: string, total: number | null): cliProgress.SingleBar {
  const format =
    total === null ? `${what}: {value}` : `${what} [{bar}] {percentage}% | {value} of {total} | {eta_formatted} left`
  const options = { stream, format, clearOnComplete: true, hideCursor: true, fps: 10 }
  const bar = new cliProgress.SingleBar(options, cliProgress.Presets.shades_classic)
  bar.start(total ?? 0, 0)
  return bar
}
