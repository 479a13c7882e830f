/** Where an object is in its bag; -1: it is in none. */
export interface Bagged {
  place: number
}

/**
 * Objects that come and go, such as requests in work. Each can be in one bag at a time.
 *
 * Not a Set: V8 gives it a new table each time the old one is full of deleted members, and the old one keeps the members that it had, and leads to the new
 * one. Once a dropped table is in the old generation, every table after it, with all that its members hold, is copied there too, and stays until
 * the next full collection. With a Set, each append left 4 KB there instead of 1.5 (bench/history.md).
 */
export class Bag<Member extends Bagged> implements Iterable<Member> {
  readonly #members: Member[] = []

  get size(): number {
    return this.#members.length
  }

  add(member: Member): void {
    if (member.place < 0) member.place = this.#members.push(member) - 1
  }

  /** Whether it was there. */
  delete(member: Member): boolean {
    if (this.#members[member.place] !== member) return false
    const last = this.#members.pop() as Member
    if (last !== member) this.#members[member.place] = last
    last.place = member.place
    member.place = -1
    return true
  }

  /** Those that are there now; they can be deleted meanwhile. */
  [Symbol.iterator](): Iterator<Member> {
    return [...this.#members].values()
  }
}
