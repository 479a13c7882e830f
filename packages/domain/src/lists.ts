/** Thrown by a fold that meets an event which refers to something that is not there. */
export class NothingThere extends Error {
  override readonly name = 'NothingThere'
}

/** The list with the one member that matches replaced. Throws {@link NothingThere} where none does: such a history cannot be. */
export function changed<Item>(
  list: readonly Item[],
  matches: (item: Item) => boolean,
  change: (item: Item) => Item,
): Item[] {
  const index = list.findIndex(matches)
  if (index < 0) throw new NothingThere('An event refers to something that its proposal does not have')
  return list.with(index, change(list[index] as Item))
}

/** The list with a member changed where it matches, and with a new one at the end where none does. */
export function changedOrAdded<Item>(
  list: readonly Item[],
  matches: (item: Item) => boolean,
  make: (item: Item | undefined) => Item,
): Item[] {
  const index = list.findIndex(matches)
  return index < 0 ? [...list, make(undefined)] : list.with(index, make(list[index]))
}

/** The list, and after it those of others that it has none of the same name of. */
export function withOthers<Item>(
  items: readonly Item[],
  others: readonly Item[],
  nameOf: (item: Item) => string,
): Item[] {
  const known = new Set(items.map(nameOf))
  return [...items, ...others.filter((other) => !known.has(nameOf(other)))]
}

/** Whether two plain values are the same, member by member in the order of their schema. */
export function isSame(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}
