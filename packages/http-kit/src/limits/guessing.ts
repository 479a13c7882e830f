/**
 * Slows the guessing of keys at its source. If many wrong keys or tokens came from an address, a key from there is checked only a second after it was
 * sent, and only a few at the same time; further ones are refused unchecked, so that guessing is no faster. A caller that used a right key
 * from there before is not affected: many callers share the address of a proxy, and one of them with an old key must not delay the others.
 */
import { setTimeout as wait } from 'node:timers/promises'
import { LRUCache } from 'lru-cache'
import type { Caller } from '../keys/key-entries.ts'

/** The number of wrong keys from one address within the time (milliseconds) that are answered at once. */
const patience = { wrong: 30, within: 60_000 }
/** How long a key from such an address waits (milliseconds), and how many wait at the same time: of one address, and in all. */
const delay = { each: 1_000, ofPlace: 4, ofAll: 256 }
/** The number of addresses that are remembered, in all and for one key. */
const places = 10_000
const placesOfKey = 16

interface Place {
  /** When the latest wrong keys came, on the clock of `performance`, oldest first. */
  readonly wrong: number[]
  waiting: number
}

export interface Guessing {
  readonly places: LRUCache<string, Place>
  readonly known: WeakMap<Caller, LRUCache<string, true>>
  /** Callers with a token that held, each with the address it came from. */
  readonly knownTokens: LRUCache<string, true>
  waiting: number
}

export function createGuessing(): Guessing {
  return {
    places: new LRUCache({ max: places }),
    known: new WeakMap(),
    knownTokens: new LRUCache({ max: places }),
    waiting: 0,
  }
}

/** Whether a key from this address has to wait before it is checked. */
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

/** Called for each right key; the last caller is found at once. */
export function noteRightKey({ known }: Guessing, caller: Caller, place: string): void {
  const seen = known.get(caller)
  if (seen === undefined) known.set(caller, new LRUCache<string, true>({ max: placesOfKey }))
  known.get(caller)?.set(place, true)
}

/** Whether this key was right before, from the same address. */
export function isKnownFrom({ known }: Guessing, caller: Caller, place: string): boolean {
  return known.get(caller)?.get(place) === true
}

/** The same for a token, by the name of its caller: each new token of a caller is another one. */
export function noteRightToken({ knownTokens }: Guessing, { name }: Caller, place: string): void {
  knownTokens.set(`${name} ${place}`, true)
}

export function isTokenCallerKnownFrom({ knownTokens }: Guessing, name: string | null, place: string): boolean {
  return name !== null && knownTokens.get(`${name} ${place}`) === true
}

/** Waits until a key from this address can be checked; false if too many already wait. */
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
