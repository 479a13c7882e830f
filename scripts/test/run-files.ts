/**
 * Runs test files, each in a process of its own, several at a time, and writes their TAP to its output: `node scripts/test/run-files.ts
 * files…`. What takes longest begins first, so that no processor waits for one long file at the end.
 */
import { availableParallelism } from 'node:os'
import t from 'tap'
import { longest } from './longest.ts'

/** Most files wait for a part of their time: for a process, for the database, for a signature. Each may use thirty connections. */
const jobs = Math.min(availableParallelism() + 1, 8)

/** Seconds for a test that does not say otherwise, and for a file; a soak searches for longer. */
const timeout = process.env['SOAK'] === '1' ? 3_600 : 300
const env = { ...process.env, TAP_TIMEOUT: String(timeout) }

const files = process.argv.slice(2)
t.setTimeout(0)
t.jobs = jobs
t.plan(files.length)
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    t.endAll()
    process.exit(1)
  })
}
const order = new Map(longest.map((file, place) => [file, place]))
const placeOf = (file: string) => order.get(file) ?? longest.length
for (const file of files.toSorted((a, b) => placeOf(a) - placeOf(b))) {
  t.spawn(process.execPath, [file], { name: file, buffered: true, env, timeout: 1_000 * timeout })
}
