// A process that fills Emmett's event store, or rebuilds a projection from it, on request; it answers with the seconds that this took.
import { parseEventBody } from '@commitments/domain'
import { rebuildPostgreSQLProjections } from '@event-driven-io/emmett-postgresql'
import { doJob } from '../../lib/job.ts'
import { bodies, preloadedProposal } from '../../lib/workload.ts'
import { projections } from './projections.ts'
import { eventOf } from './proposals.ts'
import { openStore } from './store.ts'

export type RebuildJob =
  | { kind: 'seed'; url: string; proposals: number }
  | { kind: 'rebuild'; url: string; projection: string; batchSize: number }

doJob(run)

async function run(job: RebuildJob): Promise<number> {
  const began = performance.now()
  if (job.kind === 'seed') await seed(job.url, job.proposals)
  else await rebuild(job)
  return (performance.now() - began) / 1000
}

/**
 * One append at a time. Emmett's readers take batches in the order of transactions and continue after the highest position of a batch. So
 * if several clients write at once, the rebuild leaves out events at the edge of a batch (seen with ten writers, first batch of a hundred).
 */
async function seed(url: string, proposals: number): Promise<void> {
  const { store, pool } = await openStore(url, 1)
  for (let number = 0; number < proposals; number++) {
    const proposalId = preloadedProposal(number)
    await store.appendToStream(
      proposalId,
      bodies.map((body) => eventOf(parsed(body, proposalId), 'key:bench')),
    )
  }
  await pool.end()
}

async function rebuild({ url, projection, batchSize }: Extract<RebuildJob, { kind: 'rebuild' }>): Promise<void> {
  const definition = projections[projection]
  if (!definition) throw new Error(`there is no projection ${projection}`)
  // One millisecond between batches instead of Emmett's default of 50: the log is complete, so there is nothing to wait for.
  const pulling = { batchSize, pullingFrequencyInMs: 1 }
  const consumer = rebuildPostgreSQLProjections({ connectionString: url, projections: [definition], pulling })
  await consumer.start()
  await consumer.close()
}

function parsed(body: string, proposalId: string) {
  const result = parseEventBody(JSON.parse(body))
  if (!result.ok) throw new Error(`the load's own body is refused: ${JSON.stringify(result.errors)}`)
  return { ...result.body, proposalId }
}
