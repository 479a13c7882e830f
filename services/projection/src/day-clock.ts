import { type Day, today } from '@commitments/domain'

/** The ledger's day, cheap enough to be read at each request: computed once a second. */
export function dayClock(clock: () => Date, timeZone: string): () => Day {
  let second = -1
  let day: Day = today(clock(), timeZone)
  return () => {
    const now = clock()
    const current = Math.floor(now.getTime() / 1000)
    if (current !== second) {
      second = current
      day = today(now, timeZone)
    }
    return day
  }
}
