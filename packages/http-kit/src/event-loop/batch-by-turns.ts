/** Work that comes at about the same time, done together. */
import { connectionsSoFar } from './arrivals.ts'

/**
 * How many turns of the event loop work is gathered; 0: none, each is done when it arrives. Each turn takes up what arrived during the one
 * before. Three turns get most of the requests that are on their way: 55 of 64 clients, one turn 15. docs/decisions/0014-requests-in-stages.md
 * has measurements of where this wins and where it does not.
 */
const turnsToGather = 3

/**
 * Milliseconds after which no further turn is waited for. Turns are that long only if something else is computed, such as a large page, and
 * nobody needs to wait for a slice of that in each of three turns.
 */
const longEnough = 1

interface Gathering {
  readonly turns?: number
  readonly now?: () => number
  /** How many connections have ever arrived. */
  readonly connections?: () => number
  /** Called with what `doOne` throws; without it, that is thrown in a separate turn, after all the others are done. */
  readonly onFault?: (error: unknown) => void
}

/**
 * Gathers the work of a few turns, and then does it, one after the other in the order of arrival. An exception of `doOne` does not affect
 * the rest. Work that comes alone, after work that came alone, is done at once: it has nobody to wait for. While connections arrive, nothing is
 * alone: Node accepts one in a turn, and work in each turn would keep the others out (arrivals.ts).
 *
 * The reason: the code that a request runs through is larger than the processor's nearest caches. If requests are taken from head to answer
 * one by one, each loads all of it again. If all go through the first stage and then all through the next, they load the code of a stage
 * once.
 */
export function batchByTurns<Work>(
  doOne: (work: Work) => void,
  {
    turns = turnsToGather,
    now = () => performance.now(),
    connections = connectionsSoFar,
    onFault = throwLater,
  }: Gathering = {},
): (work: Work) => void {
  if (turns === 0) return doOne
  let gathered: Work[] = []
  let isPlanned = false
  /** Since the last batch, with one that was done at once. */
  let arrived = 0
  /** Whether the last batch was of one. */
  let isAlone = true
  /** Connections that had arrived by the last batch. */
  let seen = connections()
  const doAll = () => {
    const all = gathered
    gathered = []
    isPlanned = false
    isAlone = arrived <= 1
    arrived = 0
    seen = connections()
    for (const work of all) doAlone(doOne, work, onFault)
  }
  return (work) => {
    arrived += 1
    if (!isPlanned && isAlone && connections() === seen) {
      isPlanned = true
      // Whatever else comes in this turn is no longer alone.
      setImmediate(doAll)
      return doAlone(doOne, work, onFault)
    }
    gathered.push(work)
    if (isPlanned) return
    isPlanned = true
    const since = now()
    // After at least one turn, however late it is: otherwise the work would be done while its caller still hands it over.
    setImmediate(afterTurns, turns - 1, () => now() - since > longEnough, doAll)
  }
}

function doAlone<Work>(doOne: (work: Work) => void, work: Work, onFault: (error: unknown) => void): void {
  try {
    doOne(work)
  } catch (error) {
    onFault(error)
  }
}

function throwLater(error: unknown): void {
  setImmediate(() => {
    throw error
  })
}

function afterTurns(turns: number, isLate: () => boolean, act: () => void): void {
  if (turns === 0 || isLate()) act()
  else setImmediate(afterTurns, turns - 1, isLate, act)
}
