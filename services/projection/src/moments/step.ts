/** One batch of the moments: read after the checkpoint, tell what changes, write it and the checkpoint. */
import type { LogLine } from '../projector/apply.ts'
import { applyOrPark, type Projector, readBatch, type Step } from '../projector/projection.ts'
import { momentsOfBatch, type StreamMoments } from './of-batch.ts'
import { nothingChanged } from './rectangles.ts'
import { writeBatch } from './write.ts'

/** As `Projection.step` promises, for how each proposal stood at any moment. */
export async function step(projector: Projector, upTo = Number.MAX_SAFE_INTEGER): Promise<Step> {
  const { pool, timeZone } = projector
  const entries = await readBatch(projector, upTo)
  if (entries.length === 0) return { outcome: 'idle' }
  return applyOrPark(
    entries,
    async (some) => write(projector, some, await momentsOfBatch(pool, await going(projector, some), timeZone)),
    (guilty) => write(projector, [guilty], [unstorable(guilty)]),
  )
}

/** Without the events of proposals that stand still. */
async function going({ pool, generation }: Projector, entries: readonly LogLine[]): Promise<readonly LogLine[]> {
  const { rows } = await pool.query({
    name: 'read-parked-moments',
    text: 'SELECT proposal_id FROM parked_moments WHERE generation = $1 AND proposal_id = ANY($2)',
    values: [generation, [...new Set(entries.map(({ proposalId }) => proposalId))]],
  })
  const parked = new Set(rows.map((row) => row.proposal_id))
  return parked.size === 0 ? entries : entries.filter(({ proposalId }) => !parked.has(proposalId))
}

function unstorable({ proposalId, position }: LogLine): StreamMoments {
  return { proposalId, changes: nothingChanged, parked: { position, code: 'unstorable' } }
}

async function write(
  projector: Projector,
  entries: readonly LogLine[],
  moments: readonly StreamMoments[],
): Promise<Step> {
  const { generation, state, position: from, pool } = projector
  const { position: to } = entries.at(-1) as LogLine
  if (!(await writeBatch(pool, { generation, state, from, to, moments }))) return { outcome: 'superseded' }
  projector.position = to
  const parked = moments.filter((one) => one.parked !== null)
  return { outcome: 'applied', events: entries.length, changed: [], alone: [], parked }
}
