/** The newest position of the log that this browser has seen: kept here and sent to nobody. */
import { choose, chosen } from './choices.ts'

interface Visit {
  readonly logId: string
  readonly position: number
  /** When, by the clock of this browser. */
  readonly at: string
}

export function lastVisit(): Visit | null {
  try {
    const { logId, position, at } = JSON.parse(chosen('seen') ?? 'null') as Visit
    const sound = typeof logId === 'string' && Number.isSafeInteger(position) && !Number.isNaN(Date.parse(at))
    return sound ? { logId, position, at } : null
  } catch {
    return null
  }
}

export function noteVisit({ logId, position }: Omit<Visit, 'at'>): void {
  choose('seen', JSON.stringify({ logId, position, at: new Date().toISOString() }))
}
