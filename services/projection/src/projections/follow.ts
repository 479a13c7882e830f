/**
 * The projector of an instance, one for each projection: applies the log, or watches another instance do so.
 *
 * There is no lock and no leader. Each instance tries; the checkpoint's compare-and-set lets one of them write, and the one that loses
 * stands by: it only follows the position of the other, and tries again when the other has not moved for `takeOverAfter`. (A session's
 * advisory lock would stay with a half-open connection until TCP gives up, and does not work through poolers.)
 */

import { type Listener, pause, readHead, runLoop, withTimeout } from '@commitments/event-store'
import type { Tracing } from '@commitments/http-kit'
import type { Turns } from '@commitments/http-kit/turns'
import type { Pool } from 'pg'
import type { Logger } from 'pino'
import type { ParkedProposal, Projection, Projector, Step } from './projection.ts'
import { type Care, createCare, inItsTurn } from './set-aside.ts'
import { advance, pauseUntilAwaited, type Standing, type View } from './view.ts'

interface FollowOptions<Memory = unknown> {
  readonly pool: Pool
  readonly projection: Projection<Memory>
  /** The position of its live generation, and which of its proposals changed after an earlier position. */
  readonly readStanding: (pool: Pool, since: number) => Promise<Standing>
  readonly view: View<Memory>
  /** Bytes that the projector may keep in memory. */
  readonly memoryBytes: number
  readonly listener: Listener
  /** The end of the log as far as its follower knows: connections of the pool may lead to standbys that have seen less. Absent: not known. */
  readonly knownHead?: () => number
  readonly logger: Logger
  readonly batchSize: number
  readonly timeZone: string
  /** Turns of this process, one at a time, for steps that are noted before they are tried. */
  readonly turns: Turns
  /**
   * Milliseconds to pause after a batch that was not full, unless somebody waits for the view: at least so many, and twice as long as the batch took.
   * Events that come meanwhile form one batch: less work, and less delay for urgent work. 0: none.
   */
  readonly pace: number
  /** Milliseconds without progress of another instance, after which this one tries; null: never, because it only reads. */
  readonly takeOverAfter: number | null
  readonly tell?: Tracing['tell'] | null
  readonly onApplied?: (events: number, parked: readonly ParkedProposal[]) => void
  readonly onFailure?: () => void
}

interface Following extends FollowOptions {
  readonly stopping: AbortSignal
  readonly care: Care
  /** Null while another instance works. */
  projector: Projector | null
  /** When another instance was last seen to move the live generation, on the clock of `performance`. */
  movedAt: number
  /** Where the live generation was last counted for the planner; null until this instance has applied something. */
  countedAt: number | null
}

/** Milliseconds between two looks at the log without a follower. */
const lookEvery = 1_000
/** Milliseconds after which a batch is abandoned. If it ends anyway, the checkpoint prevents it from counting twice. */
const stepLimit = 15_000
/** How soon a standing-by instance looks again while the other has work to do. */
const watchEvery = 10

/** Follows until `stopping` fires. It waits out faults of the database; no fault ends it. */
export async function follow(options: FollowOptions, stopping: AbortSignal): Promise<void> {
  const state: Following = {
    ...options,
    care: createCare(options.turns),
    stopping,
    projector: null,
    movedAt: -Infinity,
    countedAt: null,
  }
  const turn = () => (state.projector === null ? watch(state) : work(state, state.projector))
  await runLoop({ turn, stopping, onFailure: (error, failures) => afterFailure(state, error, failures) })
}

/** The longest pause, in milliseconds, however long a batch took. */
const longestPause = 2_000

async function work(state: Following, projector: Projector): Promise<void> {
  const began = performance.now()
  const result = await withTimeout(
    stepLimit,
    inItsTurn(projector, () => state.projection.step(projector)),
  )
  switch (result.outcome) {
    case 'applied':
      onApplied(state, projector, result)
      countGrown(state, projector, result.events)
      if (result.events === projector.batchSize || state.pace === 0) return
      return pauseUntilAwaited(state.view, pauseAfter(performance.now() - began, state.pace), state.stopping)
    case 'superseded':
      state.projector = null
      state.movedAt = performance.now()
      return look(state)
    case 'idle':
      // A notification tells of events alone.
      if ((await rest(state)) !== 'hint') await checkStillLive(state, projector)
  }
}

/** The slower the batches are, because there is much else to do, the more events each has, and the less often a busy proposal is worked out. */
function pauseAfter(took: number, pace: number): number {
  return Math.min(longestPause, Math.max(pace, 2 * took))
}

function onApplied(state: Following, projector: Projector, result: Extract<Step, { outcome: 'applied' }>): void {
  const { view } = state
  const to = {
    logId: view.logId,
    generation: projector.generation,
    position: projector.position,
    eventId: result.lastId,
  }
  advance(view, to, result.changed, projector.memory)
  state.onApplied?.(result.events, result.parked)
  for (const held of result.parked) {
    state.logger.error(
      { projection: state.projection.name, proposalId: held.proposalId, ...held.parked, err: held.cause },
      'an event cannot be applied; its proposal is parked',
    )
  }
}

/** Events from which on a generation is worth counting. */
const countFrom = 1_000

/**
 * Has the tables of the generation counted each time that the log has doubled: a few times while a ledger is young or a large import goes on,
 * and hardly ever later. Without it, reads are planned by what autovacuum saw last, which may be empty tables. Nobody waits for it.
 */
function countGrown(state: Following, { generation, position }: Projector, events: number): void {
  state.countedAt ??= position - events
  if (position < Math.max(countFrom, 2 * state.countedAt)) return
  state.countedAt = position
  state.pool.query('SELECT analyze_generation($1)', [generation]).catch((err: unknown) => {
    if (state.stopping.aborted) return
    state.logger.warn({ projection: state.projection.name, err }, 'the tables of the read model were not counted')
  })
}

/** The generation may have been replaced (a rebuild), or the log's identity changed (a restore), while there was nothing to do. */
async function checkStillLive(state: Following, projector: Projector): Promise<void> {
  const { pasts } = state.view
  await look(state)
  const { generation, position } = state.view
  if (generation === projector.generation && position === projector.position && pasts === state.view.pasts) return
  state.projector = null
}

/** Another instance works: follows it, and takes over (unless this one only reads) if it has not moved for a while, even if there was nothing to do. */
async function watch(state: Following): Promise<void> {
  const before = state.view.position
  await look(state)
  const { position, generation } = state.view
  const head = await readHead(state.pool)
  if (position !== before) state.movedAt = performance.now()
  if (state.takeOverAfter === null || performance.now() - state.movedAt < state.takeOverAfter) {
    if (Math.max(head.position, state.knownHead?.() ?? 0) > position) await pause(watchEvery, state.stopping)
    else await rest(state)
    return
  }
  const { pool, batchSize, timeZone, tell = null } = state
  // Its own memory: an abandoned attempt may still write to its old one.
  const memory = state.projection.createMemory(state.memoryBytes)
  state.projector = { pool, memory, batchSize, timeZone, tell, generation, position, state: 'live', care: state.care }
}

/** Compares the view with the database. */
async function look(state: Following): Promise<void> {
  const { changed, ...standing } = await state.readStanding(state.pool, state.view.position)
  advance(state.view, standing, changed)
}

/** Waits until there is a reason to look. A closed follower gives none; then this looks from time to time. */
async function rest({ listener, stopping }: Following): Promise<'hint' | 'change' | 'poll' | 'closed'> {
  const woken = await listener.next(stopping).catch(() => 'hint' as const)
  if (woken === 'closed') await pause(lookEvery, stopping)
  return woken
}

/** Nothing is known about a failed attempt, so the next one begins with what the database says. */
function afterFailure(state: Following, error: unknown, failures: number): void {
  state.projector = null
  state.movedAt = -Infinity
  state.onFailure?.()
  const { name } = state.projection
  state.logger.warn({ projection: name, err: error, failures }, 'the projector failed and tries again')
}
