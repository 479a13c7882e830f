/** What may be in work at once: turns, which those who wait get fairly, and the bytes of answers that nobody has taken yet. */
import { type Problem, problem } from './problem.ts'

/**
 * What answering a request takes. `memory`: nothing but what this process holds already; it needs no turn. `lookup`: a few rows of the
 * database. `page`: anything more, up to some megabytes.
 */
export type Work = 'memory' | 'lookup' | 'page'

export interface GateLimits {
  /** Turns that are out at once. */
  readonly atOnce: number
  /** Requests that may wait for one. */
  readonly waiting: number
  /** Milliseconds that one of them waits. */
  readonly patience: number
  /** Bytes of answers that are made and not yet taken; while there are more, no turn is given. */
  readonly untaken: number
}

/** Whose turn it is to be: the name of a key, or an address. */
export interface Asking {
  readonly caller: string
  /** Aborted when the caller leaves. */
  readonly signal: AbortSignal
  /** Waits as long as it takes, and in whatever line: for parts of streams, which are bounded in number themselves. */
  readonly patient?: boolean
}

interface Waiting {
  readonly patient: boolean
  readonly start: () => void
  readonly refuse: (fault: Problem) => void
}

/** An answer on its way to a caller who may be slow. */
interface Untaken {
  readonly bytes: number
  readonly since: number
  readonly cut: () => void
}

export interface Gate {
  readonly limits: GateLimits
  working: number
  waiting: number
  /** By caller, in the order in which the callers have their turns. */
  readonly lines: Map<string, Waiting[]>
  readonly untaken: Set<Untaken>
  untakenBytes: number
}

/** Milliseconds after which an answer that is not taken may be cut off for the sake of those who wait. */
const mayBeCutAfter = 10_000

export function createGate(limits: GateLimits): Gate {
  return { limits, working: 0, waiting: 0, lines: new Map(), untaken: new Set(), untakenBytes: 0 }
}

/**
 * Takes a turn, at once or when those before are done. Callers take turns with each other, however much each of them asks for. The turn is given
 * back with `leave`.
 * @throws the problem `unavailable` where too many wait, where it takes too long, or where the caller leaves
 */
export function enter(gate: Gate, asking: Asking): Promise<void> | undefined {
  if (asking.signal.aborted) return Promise.reject(gone())
  if (gate.waiting === 0 && hasRoom(gate)) {
    gate.working += 1
    return undefined
  }
  if (!asking.patient && gate.waiting >= gate.limits.waiting && !makeRoom(gate, asking.caller))
    return Promise.reject(busy())
  cutForOthers(gate)
  return waitInLine(gate, asking)
}

export function leave(gate: Gate): void {
  gate.working -= 1
  startWaiting(gate)
}

/** Counts an answer until it is taken; what it returns says that it was, or that its reader is gone. */
export function countUntaken(gate: Gate, bytes: number, cut: () => void): () => void {
  const one: Untaken = { bytes, since: performance.now(), cut }
  gate.untaken.add(one)
  gate.untakenBytes += bytes
  return () => {
    if (!gate.untaken.delete(one)) return
    gate.untakenBytes -= bytes
    startWaiting(gate)
  }
}

function hasRoom({ limits, working, untakenBytes }: Gate): boolean {
  return working < limits.atOnce && untakenBytes < limits.untaken
}

function waitInLine(gate: Gate, { caller, signal, patient = false }: Asking): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const settle = (act: () => void) => {
    clearTimeout(timer)
    signal.removeEventListener('abort', left)
    act()
  }
  const waiting: Waiting = { patient, start: () => settle(resolve), refuse: (fault) => settle(() => reject(fault)) }
  const giveUp = (fault: Problem) => {
    remove(gate, caller, waiting)
    waiting.refuse(fault)
  }
  const left = () => giveUp(gone())
  const timer = setTimeout(() => {
    cutForOthers(gate)
    if (patient) timer.refresh()
    else giveUp(busy())
  }, gate.limits.patience)
  signal.addEventListener('abort', left, { once: true })
  const line = gate.lines.get(caller)
  if (line === undefined) gate.lines.set(caller, [waiting])
  else line.push(waiting)
  gate.waiting += 1
  return promise
}

function remove(gate: Gate, caller: string, waiting: Waiting): void {
  const line = gate.lines.get(caller)
  const index = line?.indexOf(waiting) ?? -1
  if (line === undefined || index < 0) return
  line.splice(index, 1)
  gate.waiting -= 1
  if (line.length === 0) gate.lines.delete(caller)
}

/** The first of the caller whose turn it is; that caller is then the last of all. */
function startWaiting(gate: Gate): void {
  while (gate.waiting > 0 && hasRoom(gate)) {
    const [caller, line] = gate.lines.entries().next().value as [string, Waiting[]]
    const next = line.shift()
    gate.lines.delete(caller)
    if (line.length > 0) gate.lines.set(caller, line)
    gate.waiting -= 1
    gate.working += 1
    next?.start()
  }
}

/** Where the line is full, whoever has the most in it gives a place to one who has fewer. */
function makeRoom(gate: Gate, caller: string): boolean {
  const [longest, line] = [...gate.lines].reduce((a, b) => (b[1].length > a[1].length ? b : a), ['', [] as Waiting[]])
  if (line.length <= (gate.lines.get(caller)?.length ?? 0) + 1) return false
  const last = line.findLast(({ patient }) => !patient)
  if (last === undefined) return false
  remove(gate, longest, last)
  last.refuse(busy())
  return true
}

/** A reader who takes an answer slowly may do so while nobody needs the memory. */
function cutForOthers(gate: Gate): void {
  if (gate.untakenBytes < gate.limits.untaken) return
  const [oldest] = gate.untaken
  if (oldest !== undefined && performance.now() - oldest.since > mayBeCutAfter) oldest.cut()
}

function busy(): Problem {
  const detail =
    'The service is busy: more requests of this kind wait than can be answered in time. Nothing is wrong with this one.'
  return problem('unavailable', detail, { headers: { 'retry-after': '2' } })
}

/** Nobody reads it. */
export function gone(): Problem {
  return problem('unavailable', 'The caller left before the answer was made.')
}
