import { codes } from './generated.ts'

type Lists = typeof codes

/** A code that may be written, of one of the lists of IATI. */
export type Code<List extends keyof Lists> = Lists[List][number]

const sets = new Map<string, ReadonlySet<string>>()

/** Whether a text is a code of the list that may be written. */
export function isCode<List extends keyof Lists>(list: List, text: string): text is Code<List> {
  let set = sets.get(list)
  if (set === undefined) {
    set = new Set(codes[list])
    sets.set(list, set)
  }
  return set.has(text)
}
