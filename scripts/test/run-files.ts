/**
 * Runs test files, several at a time, and writes their TAP to its output: `node scripts/test/run-files.ts files…`. Each file has a separate
 * process, except in the packages of `pure`. The longest files begin first, so that no processor waits for one long file at the end.
 */
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { longest } from './longest.ts'

/** Most files spend part of their time waiting: for a process, for the database, for a signature. Each may use thirty connections. */
const jobs = Math.min(availableParallelism() + 1, 8)

/** Default time limit, in seconds, for a test and for a file; a soak searches for longer, or runs as long as it is told. */
const minutes = Number(process.env['SOAK_MINUTES'] ?? 0)
const timeout = (process.env['SOAK'] === '1' ? 3_600 : 600) + 60 * minutes
const env = { ...process.env, TAP_TIMEOUT: String(timeout) }

/** Their tests only compute: all files of such a package share a process, and load tap and the sources once. */
const pure = ['packages/domain/', 'packages/transparency/']
const together = join(import.meta.dirname, 'together.ts')

interface Run {
  readonly name: string
  readonly parameters: readonly string[]
}

function runs(files: readonly string[]): Run[] {
  const alone = files.filter((file) => !pure.some((house) => file.startsWith(house)))
  const shared = pure.flatMap((house) => {
    const own = files.filter((file) => file.startsWith(house))
    return own.length === 0 ? [] : [{ name: `${house} (${own.length} files)`, parameters: [together, ...own] }]
  })
  return [...shared, ...alone.map((file) => ({ name: file, parameters: [file] }))]
}

const all = runs(process.argv.slice(2))
t.setTimeout(0)
t.jobs = jobs
t.plan(all.length)
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    t.endAll()
    process.exit(1)
  })
}
const order = new Map(longest.map((file, place) => [file, place]))
const placeOf = (file: string) => order.get(file) ?? longest.length
for (const { name, parameters } of all.toSorted((a, b) => placeOf(a.name) - placeOf(b.name))) {
  t.spawn(process.execPath, [...parameters], { name, buffered: true, env, timeout: 1_000 * timeout })
}
