/** One batch of the moments: reads after the checkpoint, computes the changes, and writes them with the checkpoint. */

import { dropOthersOnErasure } from '../projections/erasures.ts'
import { type ParkedCode, parkedAt } from '../projections/parked.ts'
import { applyOrPark, type Projector, readBatch, type Step } from '../projections/projection.ts'
import { isPassedOver } from '../projections/set-aside.ts'
import { eventIdOf, isErasure, type LogLine } from '../streams/log-line.ts'
import { mayBeNear, momentsOfBatch, type StreamMoments } from './apply-batch.ts'
import { nothingChanged } from './bitemporal-rows.ts'
import { writePastBatch } from './write-past.ts'

/** What `Projection.step` promises, for the moments. */
export async function stepPast(projector: Projector, upTo = Number.MAX_SAFE_INTEGER): Promise<Step> {
  const { pool, timeZone } = projector
  const entries = await readBatch(projector, upTo)
  const [first] = entries
  if (first === undefined) return { outcome: 'idle' }
  await dropOthersOnErasure(projector, entries)
  if (isPassedOver(projector, first)) return write(projector, [first], [standsStill(first, 'too-costly')])
  const { still, rectangles } = await readStandings(projector, entries)
  return applyOrPark(
    entries,
    async (some) => {
      const withoutParked = still.size === 0 ? some : some.filter(({ proposalId }) => !still.has(proposalId))
      return write(projector, some, await momentsOfBatch(pool, withoutParked, timeZone, rectangles))
    },
    (offending, cause) => write(projector, [offending], [standsStill(offending, 'unstorable', cause)]),
  )
}

const standingsQuery = {
  name: 'read-standings-of-moments',
  text: `SELECT proposal_id AS id, NULL::bigint AS rectangles FROM parked_moments WHERE generation = $1 AND proposal_id = ANY($2)
    UNION ALL SELECT proposal_id, NULL FROM dense_moments WHERE generation = $1 AND proposal_id = ANY($2)
    UNION ALL SELECT proposal_id, count(*) FROM proposal_moments WHERE generation = $1 AND proposal_id = ANY($3) GROUP BY proposal_id`,
}

/** The proposals of a batch that are parked or dense, for which nothing is written, and the sizes of those that may become dense. */
async function readStandings({ pool, generation }: Projector, entries: readonly LogLine[]) {
  const ids = new Set(entries.map(({ proposalId }) => proposalId))
  const near = new Set(entries.flatMap(({ proposalId, version }) => (version > mayBeNear ? [proposalId] : [])))
  const { rows } = await pool.query<{ id: string; rectangles: number | null }>({
    ...standingsQuery,
    values: [generation, [...ids], [...near]],
  })
  // What was written of a parked proposal is erased all the same.
  const erased = new Set(entries.filter(isErasure).map(({ proposalId }) => proposalId))
  const still = new Set(rows.flatMap(({ id, rectangles }) => (rectangles === null && !erased.has(id) ? [id] : [])))
  return { still, rectangles: new Map(rows.map(({ id, rectangles }) => [id, Number(rectangles)])) }
}

function standsStill({ proposalId, position }: LogLine, code: ParkedCode, cause?: unknown): StreamMoments {
  return { proposalId, changes: nothingChanged, parked: parkedAt(position, code, cause), cause }
}

async function write(
  projector: Projector,
  entries: readonly LogLine[],
  moments: readonly StreamMoments[],
): Promise<Step> {
  const { generation, state, position: from, pool } = projector
  const last = entries.at(-1) as LogLine
  const { position: to } = last
  if (!(await writePastBatch(pool, { generation, state, from, to, moments }))) return { outcome: 'superseded' }
  projector.position = to
  const parked = moments.filter((one) => one.parked !== null)
  return { outcome: 'applied', events: entries.length, lastId: eventIdOf(last.line), changed: [], parked }
}
