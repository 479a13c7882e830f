/** Thrown by a fold for an event that refers to something that does not exist. */
export class NothingThere extends Error {
  override readonly name = 'NothingThere'
}

/** The list with its one matching member replaced. Throws {@link NothingThere} if there is none: such a history is impossible. */
export function changed<Item>(
  list: readonly Item[],
  matches: (item: Item) => boolean,
  change: (item: Item) => Item,
): Item[] {
  const index = list.findIndex(matches)
  if (index < 0) throw new NothingThere('An event refers to something that its proposal does not have')
  return list.with(index, change(list[index] as Item))
}

/** The list with its matching member changed, or with a new one at the end if there is none. */
export function changedOrAdded<Item>(
  list: readonly Item[],
  matches: (item: Item) => boolean,
  make: (item: Item | undefined) => Item,
): Item[] {
  const index = list.findIndex(matches)
  return index < 0 ? [...list, make(undefined)] : list.with(index, make(list[index]))
}

/** The list, followed by those of the others whose names it does not have. */
export function withOthers<Item>(
  items: readonly Item[],
  others: readonly Item[],
  nameOf: (item: Item) => string,
): Item[] {
  const known = new Set(items.map(nameOf))
  return [...items, ...others.filter((other) => !known.has(nameOf(other)))]
}

/** Whether two plain values are equal, member by member in the order of their schema. */
export function isSame(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}
