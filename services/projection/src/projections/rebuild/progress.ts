/** How far a rebuild is: for the one who started it, and in the table for everybody else. */
import type { Pool } from 'pg'

type Phase = 'filling' | 'indexing' | 'catching-up' | 'comparing' | 'switching'

export interface ProgressReport {
  readonly generation: number
  readonly phase: Phase
  /** Events folded so far, of how many. */
  readonly done: number
  readonly target: number
}

interface Progress {
  add(events: number): void
  phase(phase: Phase): Promise<void>
}

interface State {
  readonly pool: Pool
  readonly onProgress: ((report: ProgressReport) => void) | undefined
  report: { generation: number; phase: Phase; done: number; target: number }
  toldAt: number
}

/** Milliseconds between two reports. */
const tellEvery = 500

export function createProgress(
  { pool, onProgress }: { pool: Pool; onProgress?: ((report: ProgressReport) => void) | undefined },
  generation: number,
  target: number,
): Progress {
  const state: State = { pool, onProgress, report: { generation, phase: 'filling', done: 0, target }, toldAt: 0 }
  return { add: (events) => add(state, events), phase: (phase) => change(state, phase) }
}

function add(state: State, events: number): void {
  state.report.done += events
  if (performance.now() - state.toldAt < tellEvery) return
  // Only a number for people: a report that is lost is followed by another.
  tell(state).catch(() => {})
}

async function change(state: State, phase: Phase): Promise<void> {
  state.report.phase = phase
  await tell(state)
}

async function tell(state: State): Promise<void> {
  const { pool, onProgress, report } = state
  state.toldAt = performance.now()
  onProgress?.({ ...report })
  const { generation, phase, done, target } = report
  const text = `UPDATE projection_generations SET phase = $2, done = greatest(done, $3), target = greatest(target, $4)
    WHERE generation = $1`
  await pool.query(text, [generation, phase, done, target])
}
