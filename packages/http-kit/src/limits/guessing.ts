/**
 * Guessing is slowed where it comes from. From a place of which many wrong keys came, a key is looked at a second after it was sent, a few at the same
 * time; more are refused without a look, so that nothing is learnt faster. Who was there with the right key before goes on as always: many callers
 * share the address of a proxy, and one of them with an old key must not hold up the others.
 */
import { setTimeout as wait } from 'node:timers/promises'
import { LRUCache } from 'lru-cache'
import type { Caller } from '../keys/key-entries.ts'

/** Wrong keys of one place within the time (milliseconds), up to which they are answered at once. */
const patience = { wrong: 30, within: 60_000 }
/** How long a key of such a place waits (milliseconds), and how many wait at the same time: of one place, and of all. */
const delay = { each: 1_000, ofPlace: 4, ofAll: 256 }
/** Places that are remembered, and places that are remembered of one key. */
const places = 10_000
const placesOfKey = 16

interface Place {
  /** When each of the latest wrong keys came, on the clock of `performance`; the oldest first. */
  readonly wrong: number[]
  waiting: number
}

export interface Guessing {
  readonly places: LRUCache<string, Place>
  readonly known: WeakMap<Caller, LRUCache<string, true>>
  waiting: number
}

export function createGuessing(): Guessing {
  return { places: new LRUCache({ max: places }), known: new WeakMap(), waiting: 0 }
}

/** Whether a key from there has to wait before it is looked at. */
export function isSuspect(guessing: Guessing, place: string): boolean {
  const { wrong = [] } = guessing.places.get(place) ?? {}
  return wrong.length >= patience.wrong && performance.now() - (wrong[0] ?? 0) < patience.within
}

export function noteWrongKey(guessing: Guessing, from: string): void {
  const place = guessing.places.get(from) ?? { wrong: [], waiting: 0 }
  place.wrong.push(performance.now())
  if (place.wrong.length > patience.wrong) place.wrong.shift()
  guessing.places.set(from, place)
}

/** Called for each right key; whoever was there last is found at once. */
export function noteRightKey({ known }: Guessing, caller: Caller, place: string): void {
  const seen = known.get(caller)
  if (seen === undefined) known.set(caller, new LRUCache<string, true>({ max: placesOfKey }))
  known.get(caller)?.set(place, true)
}

/** Whether this key was right before, from there. */
export function isKnownFrom({ known }: Guessing, caller: Caller, place: string): boolean {
  return known.get(caller)?.get(place) === true
}

/** Waits until a key from there may be looked at; false where too many wait already. */
export async function turnToTry(guessing: Guessing, from: string): Promise<boolean> {
  const place = guessing.places.get(from)
  if (place === undefined) return true
  if (place.waiting >= delay.ofPlace || guessing.waiting >= delay.ofAll) return false
  place.waiting += 1
  guessing.waiting += 1
  await wait(delay.each)
  place.waiting -= 1
  guessing.waiting -= 1
  return true
}
