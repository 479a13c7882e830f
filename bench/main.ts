// npm run bench: measures the product and its rivals, one row of the table after another, and prints the table.
import { endAll, endOnSignals, isEnding } from './lib/cleanup.ts'
import type { Bench } from './lib/context.ts'
import { startDatabaseServer } from './lib/database.ts'
import { describeMachine } from './lib/machine.ts'
import { type Options, parseOptions, type RowName, usage } from './lib/options.ts'
import { keepKeysIn } from './lib/product.ts'
import { formatNotes, formatTable, type Row } from './lib/report.ts'
import { saveResults } from './lib/results.ts'
import { measureAppends } from './rows/appends.ts'
import { measureBesideReaders } from './rows/beside.ts'
import { measureBesideWriters } from './rows/beside-writers.ts'
import { measureBulk } from './rows/bulk.ts'
import { measureFeed } from './rows/feed.ts'
import { measureGate } from './rows/gate.ts'
import { measureGrowth } from './rows/growth.ts'
import { measureIati } from './rows/iati.ts'
import { measureLags } from './rows/lag.ts'
import { measureLedgers } from './rows/ledgers.ts'
import { measureMemory } from './rows/memory.ts'
import { measureMoments } from './rows/moments.ts'
import { measureReads } from './rows/reads.ts'
import { measureRebuild } from './rows/rebuild.ts'
import { measureReplicas } from './rows/replicas.ts'
import { measureVerify } from './rows/verify.ts'
import { measureViews } from './rows/views.ts'

const measures: Record<RowName, (bench: Bench) => Promise<Row[]>> = {
  appends: measureAppends,
  bulk: measureBulk,
  reads: measureReads,
  gate: measureGate,
  feed: measureFeed,
  verify: measureVerify,
  rebuild: measureRebuild,
  lag: measureLags,
  beside: async (bench) => [...(await measureBesideReaders(bench)), ...(await measureBesideWriters(bench))],
  moments: measureMoments,
  views: measureViews,
  iati: measureIati,
  replicas: measureReplicas,
  ledgers: measureLedgers,
  growth: measureGrowth,
  memory: measureMemory,
}

endOnSignals()
try {
  const options = parseOptions(process.argv.slice(2))
  if (options === 'help') console.log(usage)
  else process.exitCode = await run(options)
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
} finally {
  await endAll()
}

/** The exit status: 1 if a row could not be measured because of an error, whatever the figures are. */
async function run(options: Options): Promise<number> {
  const server = await startDatabaseServer(options.data)
  keepKeysIn(options.data)
  const conditions = [...describeMachine(), `PostgreSQL ${server.settings.join(', ')}`]
  console.log(conditions.join('\n'))
  const rows: Row[] = []
  let failures = 0
  for (const name of options.rows) {
    console.log(`\n${name}`)
    const began = performance.now()
    try {
      rows.push(...(await measures[name]({ options, server, say: (line) => console.log(`  ${line}`) })))
    } catch (error) {
      if (isEnding()) return new Promise(() => undefined)
      failures++
      console.error(error)
      rows.push({ what: name, notMeasured: firstLine(error) })
    }
    console.log(`  took ${((performance.now() - began) / 1000).toFixed(0)} s`)
  }
  console.log(`\n${formatNotes(rows)}\n\n${formatTable(rows)}`)
  if (options.save) saveResults(rows, conditions)
  return failures > 0 ? 1 : 0
}

function firstLine(error: unknown): string {
  const line = String(error instanceof Error ? error.message : error).split('\n')[0] ?? ''
  return line.length > 80 ? `${line.slice(0, 79)}…` : line
}
