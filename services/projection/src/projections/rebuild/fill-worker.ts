/**
 * A worker of a rebuild: folds ranges of ids until all are taken. It gets no other messages, and reports only how many events it has
 * folded.
 */
import { parentPort, workerData } from 'node:worker_threads'
import { openPool } from '@commitments/event-store'
import { projections } from '../../read-models.ts'
import { fill } from './fill.ts'
import { takeInTurn, type WorkerJob } from './parallel-fill.ts'

/** Events between two messages: one message for each stream would be one every few microseconds. */
const tellEvery = 1_000

const { connection, ranges, taken, projection: name, ...job } = workerData as WorkerJob
const projection = projections.find((one) => one.name === name)
if (projection === undefined) throw new Error(`There is no projection ${name}.`)
const pool = openPool(connection.url, { ...connection.options, max: projection.tables.length + 1 })
let untold = 0
try {
  await fill({ ...job, pool, projection, ranges: takeInTurn(ranges, taken), onFolded })
} finally {
  await pool.end()
}
tell()

function onFolded(events: number): void {
  untold += events
  if (untold >= tellEvery) tell()
}

function tell(): void {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
  parentPort?.postMessage(untold)
  untold = 0
}
