import { onlyOnce } from '@commitments/http-kit'

/** A bounded number of slots. */
export interface Slots {
  readonly limit: number
  taken: number
}

export function createSlots(limit: number): Slots {
  return { limit, taken: 0 }
}

/** Takes a slot. The returned function frees the slot; further calls of it have no effect. Null: no slot is free. */
export function takeSlot(slots: Slots): (() => void) | null {
  if (slots.taken >= slots.limit) return null
  slots.taken += 1
  return onlyOnce(() => {
    slots.taken -= 1
  })
}
