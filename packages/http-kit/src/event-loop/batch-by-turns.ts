/** Work that comes at about the same time, done together. */

/**
 * How many turns of the event loop work is gathered; 0: none, each is done when it comes. Each turn takes up what has come while the one before it
 * was worked on. In three come most of the requests that are under way: of 64 clients 55, in one 15. A request that comes alone waits for the turns,
 * some tens of microseconds. Where this wins and where it does not is measured in docs/decisions/0014-requests-in-stages.md.
 */
const turnsToGather = 3

/**
 * Milliseconds after which no further turn is waited for. Turns are that long only where something else is computed, a large page for example: for
 * a piece of that in each of three turns nobody needs to wait.
 */
const longEnough = 1

interface Gathering {
  readonly turns?: number
  readonly now?: () => number
  /** Is told what `doOne` throws; without it that is thrown in a turn of its own, when all the others are done. */
  readonly onFault?: (error: unknown) => void
}

/**
 * Gathers what comes within a few turns of the event loop, and does it then, one after the other in the order of coming. What `doOne` throws
 * takes nothing else with it.
 *
 * Why: the code that a request runs through is larger than the caches that are nearest to the processor. Taken from head to answer one by
 * one, each request loads all of it again; taken all through the first stage and then all through the next, they load
 * the code of a stage once.
 */
export function batchByTurns<Work>(
  doOne: (work: Work) => void,
  { turns = turnsToGather, now = () => performance.now(), onFault = throwLater }: Gathering = {},
): (work: Work) => void {
  if (turns === 0) return doOne
  let gathered: Work[] = []
  const doAll = () => {
    const all = gathered
    gathered = []
    for (const work of all) doAlone(doOne, work, onFault)
  }
  return (work) => {
    if (gathered.push(work) > 1) return
    const since = now()
    // After one turn at least, however late it is: what is done here and now would be done while its caller still hands it over.
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
