/** Names of organisations: a new name that one proposal recorded applies in all of them. */
import type { Day } from './dates.ts'
import type { LanguageMap } from './texts.ts'

/** A new name, and the day from which it counts. */
export interface Renaming {
  readonly party: string
  readonly name: LanguageMap
  /** The day from which its event counts. */
  readonly countsFrom: Day
  /** The position of its event. */
  readonly position: number
}

interface Named {
  readonly party: string
  readonly name?: LanguageMap | undefined
}

/** Renamings in the order of the world: by the day from which they count, then by position. The later one wins. */
export function inOrderOfDays<One extends Renaming>(renamings: readonly One[]): One[] {
  return renamings.toSorted((a, b) => compare(a.countsFrom, b.countsFrom) || a.position - b.position)
}

function compare(a: Day, b: Day): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}

/**
 * The parties with the names that these renamings, in order, give them; names in other languages stay. A list without renamed parties is
 * returned unchanged.
 */
export function renamed<Party extends Named>(parties: readonly Party[], renamings: readonly Renaming[]): Party[] {
  const isRenamed = ({ party }: Named) => renamings.some((one) => one.party === party)
  if (!parties.some(isRenamed)) return parties as Party[]
  return parties.map((one) => (isRenamed(one) ? { ...one, name: nameInForce(one, renamings) } : one))
}

/** The name of the party after these renamings, which may include those of other parties. */
export function nameInForce({ party, name }: Named, renamings: readonly Renaming[]): LanguageMap {
  return Object.assign(
    {},
    name,
    ...renamings.filter((one) => one.party === party).map((one) => one.name),
  ) as LanguageMap
}

/** A party of a status with the name in force; if its proposal recorded another name, that one as well. */
export type ShownParty<Party extends Named = Named> = Party & {
  /** Null if the proposal recorded no name; absent if it recorded the displayed one. */
  readonly recordedName?: LanguageMap | null
}

/** A status with the names in force after these renamings, in order: those of all proposals. */
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
