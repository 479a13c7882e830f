/**
 * Limits what is in work at one time: turns, which waiting requests get fairly, and the bytes of answers that their readers have not taken
 * yet.
 */
import { type Problem, problem } from '../problems/problem.ts'
import { Bag, type Bagged } from './bag.ts'

/**
 * The work that an answer takes. `memory`: only what this process already holds; it needs no turn. `lookup`: a few rows of the database.
 * `page`: anything more, up to some megabytes.
 */
export type Work = 'memory' | 'lookup' | 'page'

export interface GateLimits {
  /** Turns that are given out at the same time. */
  readonly atOnce: number
  /** Requests that can wait for a turn. */
  readonly waiting: number
  /** Milliseconds that a request waits at most. */
  readonly patience: number
  /** Bytes of answers that are made and not yet taken. While there are more, no turn is given. */
  readonly untaken: number
}

/** The caller that asks for a turn: the name of a key, or the address of a caller without one (address.ts). */
export interface Asking {
  readonly caller: string
  /** Aborted when the caller leaves. */
  readonly signal: AbortSignal
  /** Waits without a time limit, even in a full queue: for parts of streams, whose number is bounded elsewhere. */
  readonly patient?: boolean
}

interface Waiting {
  readonly patient: boolean
  readonly start: () => void
  readonly refuse: (fault: Problem) => void
}

/** An answer that is being sent to a caller that may be slow. */
interface OnItsWay {
  readonly caller: string
  readonly bytes: number
  /** Bytes that the caller's connection has taken so far, of any answer. */
  readonly taken: () => number
  /** Disconnects the caller. */
  readonly cut: () => void
}

interface Untaken extends OnItsWay, Bagged {
  readonly since: number
  /** How many bytes were taken when that number last changed, and when we saw it. */
  taking: { bytes: number; at: number }
}

export interface Gate {
  readonly limits: GateLimits
  working: number
  waiting: number
  /** By caller, in the order in which the callers get turns. */
  readonly lines: Map<string, Waiting[]>
  readonly untaken: Bag<Untaken>
  untakenBytes: number
  /** Untaken bytes of each caller that has some. */
  readonly untakenOf: Map<string, number>
  /** Looks for answers to cut off while somebody waits. */
  looking: NodeJS.Timeout | null
}

/** One gate for each kind of work, so that callers with expensive requests do not block those with cheap ones. */
export interface Gates {
  readonly lookup: Gate
  readonly page: Gate
}

/**
 * Milliseconds after which an answer can be cut off for those who wait: one that takes nothing meanwhile, and any other. The first is less
 * than the longest wait, so that readers that take nothing cannot keep all the memory.
 */
const mayBeCut = { stalled: 1_500, slow: 10_000 } as const
const lookEvery = 250

/** The share of the untaken bytes that one caller can have. The rest is for the others. */
const shareOfCaller = 1 / 2

export function createGate(limits: GateLimits): Gate {
  const untaken = { untaken: new Bag<Untaken>(), untakenBytes: 0, untakenOf: new Map<string, number>() }
  return { limits, working: 0, waiting: 0, lines: new Map(), ...untaken, looking: null }
}

/**
 * Takes a turn, at once or when earlier requests are done. Callers take turns, however much each of them requests. `leave` gives the turn
 * back.
 *
 * @throws the problem `unavailable` if too many wait, if it takes too long, or if the caller leaves
 */
export function enter(gate: Gate, asking: Asking): Promise<void> | undefined {
  if (asking.signal.aborted) return Promise.reject(gone())
  if (hasRoom(gate, asking.caller) && !othersCouldStart(gate)) {
    gate.working += 1
    return undefined
  }
  if (!asking.patient && gate.waiting >= gate.limits.waiting && !makeRoom(gate, asking.caller))
    return Promise.reject(busy())
  return waitInLine(gate, asking)
}

export function leave(gate: Gate): void {
  gate.working -= 1
  startWaiting(gate)
}

/** Counts an answer until it is taken. Call the returned function when it is taken, or when its reader is gone. */
export function countUntaken(gate: Gate, answer: OnItsWay): () => void {
  const now = performance.now()
  const one: Untaken = { ...answer, since: now, taking: { bytes: answer.taken(), at: now }, place: -1 }
  gate.untaken.add(one)
  addUntaken(gate, answer.caller, answer.bytes)
  return () => {
    forget(gate, one)
    startWaiting(gate)
  }
}

function addUntaken(gate: Gate, caller: string, bytes: number): void {
  gate.untakenBytes += bytes
  const own = (gate.untakenOf.get(caller) ?? 0) + bytes
  if (own === 0) gate.untakenOf.delete(caller)
  else gate.untakenOf.set(caller, own)
}

function forget(gate: Gate, one: Untaken): void {
  if (gate.untaken.delete(one)) addUntaken(gate, one.caller, -one.bytes)
}

function hasRoom({ limits, working, untakenBytes, untakenOf }: Gate, caller: string): boolean {
  if (working >= limits.atOnce || untakenBytes >= limits.untaken) return false
  return (untakenOf.get(caller) ?? 0) < limits.untaken * shareOfCaller
}

/** Nobody overtakes a request that only waits for a turn. A request that waits because of its caller's untaken bytes is no obstacle. */
function othersCouldStart(gate: Gate): boolean {
  for (const caller of gate.lines.keys()) if (hasRoom(gate, caller)) return true
  return false
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
    if (patient) timer.refresh()
    else giveUp(busy())
  }, gate.limits.patience)
  signal.addEventListener('abort', left, { once: true })
  const line = gate.lines.get(caller)
  if (line === undefined) gate.lines.set(caller, [waiting])
  else line.push(waiting)
  gate.waiting += 1
  lookForStalled(gate)
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

/** Starts the first request of the next caller, and moves that caller to the end. */
function startWaiting(gate: Gate): void {
  for (let caller = nextCaller(gate); caller !== undefined; caller = nextCaller(gate)) {
    const line = gate.lines.get(caller) ?? []
    const next = line.shift()
    gate.lines.delete(caller)
    if (line.length > 0) gate.lines.set(caller, line)
    gate.waiting -= 1
    gate.working += 1
    next?.start()
  }
}

function nextCaller(gate: Gate): string | undefined {
  if (gate.working >= gate.limits.atOnce) return undefined
  for (const caller of gate.lines.keys()) if (hasRoom(gate, caller)) return caller
  return undefined
}

/** In a full queue, the caller with the most requests gives a place to one with fewer. */
function makeRoom(gate: Gate, caller: string): boolean {
  const [longest, line] = [...gate.lines].reduce((a, b) => (b[1].length > a[1].length ? b : a), ['', [] as Waiting[]])
  if (line.length <= (gate.lines.get(caller)?.length ?? 0) + 1) return false
  const last = line.findLast(({ patient }) => !patient)
  if (last === undefined) return false
  remove(gate, longest, last)
  last.refuse(busy())
  return true
}

function lookForStalled(gate: Gate): void {
  gate.looking ??= setInterval(() => {
    if (gate.waiting > 0) cutForOthers(gate)
    else stopLooking(gate)
  }, lookEvery).unref()
}

function stopLooking(gate: Gate): void {
  if (gate.looking !== null) clearInterval(gate.looking)
  gate.looking = null
}

/** A reader can take an answer slowly, or not at all, as long as nobody needs the memory. */
function cutForOthers(gate: Gate): void {
  const now = performance.now()
  for (const one of gate.untaken) note(one, now)
  for (const one of gate.untaken) {
    if (nobodyWaitsForMemory(gate)) return
    if (now - one.taking.at < mayBeCut.stalled && now - one.since < mayBeCut.slow) continue
    forget(gate, one)
    one.cut()
    startWaiting(gate)
  }
}

function note(one: Untaken, now: number): void {
  const bytes = one.taken()
  if (bytes !== one.taking.bytes) one.taking = { bytes, at: now }
}

/** Whether nobody waits, or those who wait only need a turn. */
function nobodyWaitsForMemory(gate: Gate): boolean {
  const { limits, untakenBytes, untakenOf, lines } = gate
  if (untakenBytes >= limits.untaken) return gate.waiting === 0
  for (const caller of lines.keys()) {
    if ((untakenOf.get(caller) ?? 0) >= limits.untaken * shareOfCaller) return false
  }
  return true
}

function busy(): Problem {
  const detail =
    'The service is busy: more requests of this kind are waiting than it can answer in time. This request is not at fault.'
  return problem('unavailable', detail, { headers: { 'retry-after': '2' } })
}

/** The answer for a caller that has left; nobody reads it. */
export function gone(): Problem {
  return problem('unavailable', 'The caller left before the answer was made.')
}
