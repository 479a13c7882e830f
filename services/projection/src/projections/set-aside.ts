/**
 * What cannot be projected at all: events that end the process (out of memory), so that nothing is left to catch an error. A process notes the
 * first batch that it begins at a checkpoint; moving the checkpoint takes the note back, in the statement that moves it. So a note that is found
 * by the next process says that the last one ended there. Then events are tried alone, and the one that ended two more processes is passed over.
 */

import type { Queryable } from '@commitments/event-store'
import { type ProjectionName } from '../projection-names.ts'
import { type LogLine } from '../streams/log-line.ts'
import { inTurn, type Turns } from '../turns.ts'

/** A projector, as far as it is tried with care. */
export interface Tried {
  readonly pool: Queryable
  readonly generation: number
  readonly position: number
  /** Absent where nothing is noted: of a rebuild, which ends with its process. */
  readonly care?: Care
}

/** Of a process, for one projection; it outlives projectors that failed and were made anew. */
export interface Care {
  /** The checkpoint at which this process has noted a try; below 0 before its first batch. */
  notedAt: number
  /** Up to there events are tried one by one. */
  aloneUpTo: number
  /** The event to be passed over. */
  passOver: number
  /** Shared by the projections of a process: what is noted is tried by one of them at a time, so that it is known who ended the process. */
  readonly turns: Turns
}

export function createCare(turns: Turns): Care {
  return { notedAt: -1, aloneUpTo: 0, passOver: -1, turns }
}

/** Processes that a batch may end before its events are tried alone, and then one event by itself. */
const triesTogether = 2
const triesAlone = 1

/** Whether the next batch is noted before it is tried. While all goes well that is the first one of a process, and no other. */
function isNoted({ care, position }: Tried): boolean {
  return care !== undefined && (care.notedAt < 0 || position < care.aloneUpTo)
}

/** Takes a step, and where it is noted, when no other projection of this process takes one that is. */
export function inItsTurn<Step>(projector: Tried, step: () => Promise<Step>): Promise<Step> {
  const { care } = projector
  return care === undefined || !isNoted(projector) ? step() : inTurn(care.turns, step)
}

/** Another process that is at the same batch is no reason to be careful: it has not ended, as long as its session is there. */
const noteQuery = {
  name: 'note-try',
  text: `UPDATE projection_generations g SET tried_to = greatest(g.tried_to, $3),
      tries = g.tries + CASE WHEN EXISTS (SELECT FROM pg_stat_activity a
                                WHERE a.pid = g.tried_by AND a.pid <> pg_backend_pid()) THEN 0 ELSE 1 END,
      tried_by = pg_backend_pid()
    WHERE g.generation = $1 AND g.position = $2 RETURNING tries, tried_to AS "triedTo"`,
}

/** What of a batch is to be tried now: all of it, as a rule. */
export async function carefully(projector: Tried, entries: readonly LogLine[]): Promise<readonly LogLine[]> {
  const { care, position } = projector
  const [first, last] = [entries[0], entries.at(-1)]
  if (care === undefined || first === undefined || last === undefined) return entries
  if (isNoted(projector) && care.notedAt !== position) await note(projector, care, last)
  return position < care.aloneUpTo ? [first] : entries
}

async function note({ pool, generation, position }: Tried, care: Care, last: LogLine): Promise<void> {
  const { rows } = await pool.query<{ tries: number; triedTo: number }>({
    ...noteQuery,
    values: [generation, position, last.position],
  })
  care.notedAt = position
  const [noted] = rows
  if (noted === undefined || noted.tries <= triesTogether) return
  care.aloneUpTo = noted.triedTo
  if (noted.tries > triesTogether + triesAlone) care.passOver = position + 1
}

/** Whether an event was tried alone often enough. */
export function isPassedOver({ care }: Tried, { position }: LogLine): boolean {
  return care?.passOver === position
}

/**
 * First table of a statement that writes a batch of generation $1: moves its checkpoint from $2 to $3, where it stands there and is in the state
 * $4 still. What else the statement writes it writes for what was moved: who was overtaken writes nothing. Within a batch that is tried alone, the
 * next event begins where the first one did.
 */
export const movedTable = `moved AS (
      UPDATE projection_generations SET position = $3,
             tries = CASE WHEN $3 < tried_to THEN least(tries, ${triesTogether}) ELSE 0 END
       WHERE generation = $1 AND position = $2 AND state = $4 RETURNING generation
    )`

/**
 * Table of a statement that knows `moved`: keeps events that are passed over, for rebuilds.
 *
 * @param rows table `t` of them (proposal_id, position), with a condition where it has others
 */
export function setAsideTable(projection: ProjectionName, rows: string): string {
  return `aside AS (
      INSERT INTO set_aside (projection, proposal_id, position)
      SELECT '${projection}', t.proposal_id, t.position FROM moved, ${rows} ON CONFLICT DO NOTHING RETURNING 1
    )`
}
