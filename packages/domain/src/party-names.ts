/** What organisations are called: a new name that one proposal recorded holds in all of them. */
import type { Day } from './dates.ts'
import type { LanguageMap } from './texts.ts'

/** A new name, and from when on it counts. */
export interface Renaming {
  readonly party: string
  readonly name: LanguageMap
  /** The day from which its event counts. */
  readonly countsFrom: Day
  /** Of its event. */
  readonly position: number
}

interface Named {
  readonly party: string
  readonly name?: LanguageMap | undefined
}

/** Renamings in the order of the world: by the day from which they count, then by position. Later ones hold. */
export function inOrderOfDays<One extends Renaming>(renamings: readonly One[]): One[] {
  return renamings.toSorted((a, b) => compare(a.countsFrom, b.countsFrom) || a.position - b.position)
}

function compare(a: Day, b: Day): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}

/**
 * The parties with the names that these renamings, in order, give them; languages that none of them gives stay. A list of which nobody is renamed
 * stays the same object.
 */
export function renamed<Party extends Named>(parties: readonly Party[], renamings: readonly Renaming[]): Party[] {
  const isRenamed = ({ party }: Named) => renamings.some((one) => one.party === party)
  if (!parties.some(isRenamed)) return parties as Party[]
  return parties.map((one) => (isRenamed(one) ? { ...one, name: nameInForce(one, renamings) } : one))
}

/** What the party is called by its own name and these renamings of any parties. */
export function nameInForce({ party, name }: Named, renamings: readonly Renaming[]): LanguageMap {
  return Object.assign(
    {},
    name,
    ...renamings.filter((one) => one.party === party).map((one) => one.name),
  ) as LanguageMap
}

/** A party of a status with the name that is in force; where that is not the one that its proposal recorded, that one as well. */
export type ShownParty<Party extends Named = Named> = Party & {
  /** Null where the proposal recorded none; absent where it recorded what is shown. */
  readonly recordedName?: LanguageMap | null
}

/** A status as it is shown once these renamings, in order, are known: those of all proposals, of which it may have recorded none. */
export function withNamesInForce<Shown extends { parties: readonly Named[]; formerParties: readonly Named[] }>(
  status: Shown,
  renamings: readonly Renaming[],
): Shown {
  const parties = shownParties(status.parties, renamings)
  const formerParties = shownParties(status.formerParties, renamings)
  return parties === status.parties && formerParties === status.formerParties
    ? status
    : { ...status, parties, formerParties }
}

function shownParties(parties: readonly Named[], renamings: readonly Renaming[]): readonly ShownParty[] {
  const shown = parties.map((one) => shownParty(one, renamings))
  return shown.some((one, index) => one !== parties[index]) ? shown : parties
}

function shownParty(party: Named, renamings: readonly Renaming[]): ShownParty {
  const name = nameInForce(party, renamings)
  const before = party.name ?? {}
  if (Object.entries(name).every(([language, text]) => before[language] === text)) return party
  return { ...party, name, recordedName: party.name ?? null }
}
