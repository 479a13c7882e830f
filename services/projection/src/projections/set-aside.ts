/**
 * Handles events that cannot be projected at all because they end the process (out of memory), so that nothing is left to catch an error. A
 * process notes its first batch at a checkpoint; the statement that moves the checkpoint removes the note. So if the next process finds a
 * note, the last one ended there. Then events are tried one by one, and an event that ended one more process is skipped.
 */

import type { Queryable } from '@commitments/event-store'
import { inTurn, type Turns } from '@commitments/http-kit/turns'
import { type ProjectionName } from '../projection-names.ts'
import { isErasure, type LogLine } from '../streams/log-line.ts'

/** The part of a projector that is about careful attempts. */
export interface Tried {
  readonly pool: Queryable
  readonly generation: number
  readonly position: number
  /** Absent if nothing is noted: a rebuild ends with its process. */
  readonly care?: Care
}

/** Belongs to a process, for one projection; it outlives projectors that failed and were replaced. */
export interface Care {
  /** The checkpoint at which this process has noted an attempt; below 0 before its first batch. */
  notedAt: number
  /** Up to this position, events are tried one by one. */
  aloneUpTo: number
  /** The event to skip. */
  passOver: number
  /**
   * Shared by the projections of a process: only one of them tries a noted step at a time, so that it is known which one ended the process.
   */
  readonly turns: Turns
}

export function createCare(turns: Turns): Care {
  return { notedAt: -1, aloneUpTo: 0, passOver: -1, turns }
}

/** How many processes a batch may end before its events are tried one by one, and then how many a single event may end. */
const triesTogether = 2
const triesAlone = 1

/** Whether the next batch is noted before it is tried. While all goes well, this is only the first batch of a process. */
function isNoted({ care, position }: Tried): boolean {
  return care !== undefined && (care.notedAt < 0 || position < care.aloneUpTo)
}

/** Takes a step; a noted one only while no other projection of this process takes a noted one. */
export function inItsTurn<Step>(projector: Tried, step: () => Promise<Step>): Promise<Step> {
  const { care } = projector
  return care === undefined || !isNoted(projector) ? step() : inTurn(care.turns, step)
}

/** Another process that works on the same batch is no reason to be careful: as long as its session exists, it has not ended. */
const noteQuery = {
  name: 'note-try',
  text: `UPDATE projection_generations g SET tried_to = greatest(g.tried_to, $3),
      tries = g.tries + CASE WHEN EXISTS (SELECT FROM pg_stat_activity a
                                WHERE a.pid = g.tried_by AND a.pid <> pg_backend_pid()) THEN 0 ELSE 1 END,
      tried_by = pg_backend_pid()
    WHERE g.generation = $1 AND g.position = $2 RETURNING tries, tried_to AS "triedTo"`,
}

/** What to try of a batch now: usually all of it. */
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

/** Whether an event was tried alone often enough. An erasure is tried for ever: better no answers than the texts that it has erased. */
export function isPassedOver({ care }: Tried, entry: LogLine): boolean {
  return care?.passOver === entry.position && !isErasure(entry)
}

/**
 * The first table of a statement that writes a batch of generation $1: moves its checkpoint from $2 to $3 if it is still at $2 and in the
 * same state. Everything else in the statement is written only for what was moved, so a projector that was overtaken writes nothing. Within
 * a batch that is tried one by one, the next event begins where the first one did.
 */
export const movedTable = `moved AS (
      UPDATE projection_generations SET position = $3,
             tries = CASE WHEN $3 < tried_to THEN least(tries, ${triesTogether}) ELSE 0 END
       WHERE generation = $1 AND position = $2 AND state = $4 RETURNING generation
    )`

/**
 * A table of a statement that has `moved`: keeps skipped events, for rebuilds.
 *
 * @param rows their table `t` (proposal_id, position), with a condition if it has others
 */
export function setAsideTable(projection: ProjectionName, rows: string): string {
  return `aside AS (
      INSERT INTO set_aside (projection, proposal_id, position)
      SELECT '${projection}', t.proposal_id, t.position FROM moved, ${rows} ON CONFLICT DO NOTHING RETURNING 1
    )`
}
