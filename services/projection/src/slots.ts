import { onlyOnce } from '@commitments/http-kit'

/** A bounded number of something that goes on at once. */
export interface Slots {
  readonly limit: number
  taken: number
}

export function createSlots(limit: number): Slots {
  return { limit, taken: 0 }
}

/**
 * Takes a slot; the function that it gives sets the slot free, once, however often it is called. Null: none is free.
 */
export function takeSlot(slots: Slots): (() => void) | null {
  if (slots.taken >= slots.limit) return null
  slots.taken += 1
  return onlyOnce(() => {
    slots.taken -= 1
  })
}
