/** The simulated processes: the real code of recorder and projectors, each behind its own gate, and a reader of the log. */
import { readLog } from '@commitments/event-store'
import { type Projection, projections } from '@commitments/projection'
import { Registry } from 'prom-client'
import { openLog } from '../../services/command/src/recorder/log.ts'
import { recorderMetrics } from '../../services/command/src/recorder/metrics.ts'
import { type Recorder, startRecorder } from '../../services/command/src/recorder/recorder.ts'
import { readMomentsStanding } from '../../services/projection/src/projections/generations.ts'
import type { Projector } from '../../services/projection/src/projections/projection.ts'
import { readStanding } from '../../services/projection/src/status/read-standing.ts'
import { type Gate, openGate, poolBehind } from './gate.ts'

export const timeZone = 'Asia/Ho_Chi_Minh'

/** So long that no timer of the code fires by itself: the scheduler decides what takes too long. */
const never = 1_000_000_000

/** How far the clock of the code jumps where an outcome is to stay unknown: beyond {@link never}. */
export const longJump = 1_100_000_000

export interface Process {
  readonly gate: Gate
  /** Whether it works on something that is neither at the gate nor in the database. */
  isThinking(): boolean
}

export interface CommandProcess extends Process {
  readonly recorder: Recorder
}

/** @param patience milliseconds for which it asks again, and waits for an answer */
export function startCommandProcess(url: string, name: string, patience = never): CommandProcess {
  const gate = openGate(url, name, 'command')
  const recorder = startRecorder({
    log: openLog(poolBehind(gate), { tryMs: patience, readMs: patience }),
    clock: () => new Date('2026-11-22T08:00:00Z'),
    timeZone,
    metrics: recorderMetrics(new Registry()),
    announce: () => {},
    warn: () => {},
    limits: { resendForMs: patience, pauseMs: 1 },
  })
  return { gate, recorder, isThinking: () => recorder.working !== null && isFree(gate) }
}

/** Neither at the gate nor in the database. */
function isFree(gate: Gate): boolean {
  return gate.waiting.length === 0 && [...gate.running].every(({ isAwaited }) => !isAwaited)
}

/** A process that takes one turn after the other, each when the scheduler says so. */
export interface TurnProcess extends Process {
  readonly position: number
  /** Whether a turn is under way. */
  readonly isBusy: boolean
  takeTurn(): void
  /** The process that is started in its place after it was killed. */
  again(): TurnProcess
}

/** One projector, as `follow.ts` treats it: where it was overtaken or failed, it begins with what the database says. */
export function startProjector(url: string, name: string, index: number, batchSize: number): TurnProcess {
  const gate = openGate(url, name, 'projection')
  const pool = poolBehind(gate)
  const projection = projections[index] as Projection
  const read = projection.name === 'proposal-status' ? readStanding : readMomentsStanding
  let projector: Projector | null = null
  const turn = async () => {
    if (projector === null) {
      const { generation, position } = await read(pool, 0)
      const memory = projection.createMemory(1_000_000)
      projector = { pool, memory, batchSize, timeZone, generation, position, state: 'live' }
      return
    }
    const { outcome } = await projection.step(projector)
    if (outcome === 'superseded') projector = null
  }
  return turnProcess({
    gate,
    turn,
    position: () => projector?.position ?? 0,
    afterFailure: () => {
      projector = null
    },
    again: () => startProjector(url, name, index, batchSize),
  })
}

/** Reads the log as every follower does: what comes after the position that it has. */
export function startReader(url: string, name: string, pageSize: number, lines: string[]): TurnProcess {
  const gate = openGate(url, name, 'projection')
  const pool = poolBehind(gate)
  const turn = async () => {
    for (const { line } of await readLog(pool, { after: lines.length, limit: pageSize })) lines.push(line)
  }
  return turnProcess({
    gate,
    turn,
    position: () => lines.length,
    afterFailure: () => {},
    again: () => startReader(url, name, pageSize, lines),
  })
}

interface Turns {
  readonly gate: Gate
  turn(): Promise<void>
  position(): number
  afterFailure(): void
  again(): TurnProcess
}

function turnProcess({ gate, turn, position, afterFailure, again }: Turns): TurnProcess {
  const state = { isBusy: false }
  return {
    gate,
    again,
    takeTurn() {
      state.isBusy = true
      void turn()
        .catch(afterFailure)
        .finally(() => {
          state.isBusy = false
        })
    },
    get position() {
      return position()
    },
    get isBusy() {
      return state.isBusy
    },
    isThinking: () => state.isBusy && isFree(gate),
  }
}
