/** Limits how much work goes on at once; the rest waits, first come, first served. */
export interface Turns {
  free: number
  readonly waiting: (() => void)[]
}

export function createTurns(limit: number): Turns {
  return { free: limit, waiting: [] }
}

export async function inTurn<T>(turns: Turns, work: () => Promise<T>): Promise<T> {
  if (turns.free > 0) turns.free -= 1
  else await new Promise<void>((resolve) => turns.waiting.push(resolve))
  try {
    return await work()
  } finally {
    const next = turns.waiting.shift()
    if (next === undefined) turns.free += 1
    else next()
  }
}
