import { isFreshAt } from '../live/hear.ts'
import { say } from '../texts/reader.ts'

/** The mark of a new event in a word, for the same seconds as in colour. */
export function FreshWord({ position }: { readonly position: number }) {
  return isFreshAt(position) ? <span class="fresh-word">{say.value.live.fresh}</span> : null
}
