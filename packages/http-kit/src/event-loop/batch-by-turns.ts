/** Work that comes at about the same time, done together. */

/**
 * How many turns of the event loop work is gathered. Each takes up what has come while the one before it was worked on. In three come most of
 * the requests that are under way: of 64 clients 55, in one 15. A request that comes alone waits for the turns, some tens of microseconds.
 */
const turnsToGather = 3

/**
 * Milliseconds after which no further turn is waited for. Turns are that long only where something else is computed, a large page for example: for
 * a piece of that in each of three turns nobody needs to wait.
 */
const longEnough = 1

/**
 * Gathers what comes within a few turns of the event loop, and does it then, one after the other in the order of coming. `doOne` must not throw:
 * what comes after it would be lost.
 *
 * Why: the code that a request runs through is larger than the caches that are nearest to the processor. Taken from head to answer one by
 * one, each request loads all of it anew; taken all through the first stage and then all through the next, they load the code of a stage once.
 * The measurements stand in docs/decisions/0014-requests-in-stages.md.
 */
export function batchByTurns<Work>(doOne: (work: Work) => void, now = () => performance.now()): (work: Work) => void {
  let gathered: Work[] = []
  const doAll = () => {
    const all = gathered
    gathered = []
    for (const work of all) doOne(work)
  }
  return (work) => {
    if (gathered.push(work) > 1) return
    const since = now()
    // After one turn at least, however late it is: what is done here and now would be done while its caller still hands it over.
    setImmediate(afterTurns, turnsToGather - 1, () => now() - since > longEnough, doAll)
  }
}

function afterTurns(turns: number, isLate: () => boolean, act: () => void): void {
  if (turns === 0 || isLate()) act()
  else setImmediate(afterTurns, turns - 1, isLate, act)
}
