import type { Bench } from '../lib/context.ts'
import { createDatabase, queryRows, settle } from '../lib/database.ts'
import { loadedLedger } from '../lib/loaded-ledger.ts'
import { benchFile, runJob } from '../lib/processes.ts'
import { rebuildProjections, startProjectionService } from '../lib/product.ts'
import { formatRounds, type Row, rateRow } from '../lib/report.ts'
import { alternate, type Side } from '../lib/rounds.ts'
import { documentsOf } from '../rivals/emmett/documents.ts'
import type { RebuildJob } from '../rivals/emmett/rebuild.ts'

/** The best of the batch sizes that Emmett's own rebuild benchmark tries (10, 100, 1000, 2000); we tried them too. */
const batchSize = 1000

/**
 * A rebuild of all statuses, compared with Emmett's rebuild of one document for each proposal, with the same state from the same fold; and
 * a rebuild of everything, including all moments, which the rival's documents do not have, compared with the same.
 */
export async function measureRebuild(bench: Bench): Promise<Row[]> {
  const { events, rivalRebuildEvents } = bench.options
  const url = await loadedLedger(bench, events)
  const service = await startProjectionService(url)
  const rivalUrl = await createDatabase(bench.server, 'bench_rebuild_emmett')
  await rebuildJob({ kind: 'seed', url: rivalUrl, proposals: rivalRebuildEvents / 4 })
  const ownSide = (name: string, ...args: string[]): Side => ({
    name,
    async measure() {
      await settle(bench.server)
      return events / (await rebuildProjections(url, ...args)).seconds
    },
  })
  const own = [ownSide('rebuild', '--only=proposal-status'), ownSide('rebuild of all projections')]
  const sides = [...own, ...Object.keys(documentsOf).map((projection) => rivalSide(bench, rivalUrl, projection))]
  const [measured, everything, ...rivals] = await alternate(sides, bench.options.rounds, bench.say)
  await service.close()
  const [best] = rivals.toSorted((a, b) => b.median - a.median)
  if (!measured || !everything || !best) throw new Error('at least two sides were measured')
  const notes = [
    `ours: npm run rebuild -- --only=proposal-status over ${events.toLocaleString('en')} events, from the start of its process to its end; it fills, compares with the live generation and switches`,
    `Emmett: rebuildPostgreSQLProjections over the first ${rivalRebuildEvents.toLocaleString('en')} of the same events, batches of ${batchSize}, 1 ms between batches; after each round every document was checked to be complete`,
    'Emmett was given its events by one writer: with several, its reader leaves out events at the edges of batches. Its checkpoint was deleted before each round: it goes on from there otherwise, and rebuilds nothing',
    ...[measured, ...rivals].map(formatRounds),
  ]
  const notesOfAll = [`npm run rebuild: the same of the moments as well, one after the other`, formatRounds(everything)]
  return [
    rateRow('rebuild', 'events per s', measured, best, 50, notes),
    rateRow('rebuild, moments too', 'events per s', everything, best, 20, notesOfAll),
  ]
}

function rivalSide(bench: Bench, url: string, projection: string): Side {
  const { rivalRebuildEvents: events } = bench.options
  return {
    name: `Emmett, ${projection}`,
    async measure() {
      await forget(url, projection)
      await settle(bench.server)
      const seconds = await rebuildJob({ kind: 'rebuild', url, projection, batchSize })
      await checkDocuments(url, projection, events / 4)
      return events / seconds
    },
  }
}

function rebuildJob(job: RebuildJob): Promise<number> {
  return runJob<number>(benchFile('rivals/emmett/rebuild.ts'), job)
}

/** Removes its documents, if there are any, and its position. */
async function forget(url: string, projection: string): Promise<void> {
  const table = documentsOf[projection]?.table
  await queryRows(url, `DROP TABLE IF EXISTS ${table}`)
  await queryRows(url, 'DELETE FROM emt_processors')
}

/** Emmett's consumer ends without an error when a projection throws, so its documents are checked. */
async function checkDocuments(url: string, projection: string, expected: number): Promise<void> {
  const { table, proposal } = documentsOf[projection] ?? {}
  const [row] = await queryRows<{ complete: string }>(
    url,
    `SELECT count(*) AS complete FROM ${table} WHERE (${proposal}) @> '{"version": 4, "stage": "delivered"}'`,
  )
  if (Number(row?.complete) !== expected) throw new Error(`Emmett rebuilt ${row?.complete} of ${expected} documents`)
}
