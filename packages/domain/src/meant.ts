/** The likely meaning of a `type` that is not a type of event: another tool's word, or a typing mistake. */
import { resolutions } from './agenda.ts'
import { eventTypes } from './event-types.ts'
import { endings, kinds } from './kinds.ts'
import { nearest } from './parse-errors.ts'
import { consentActs } from './proposal.ts'
import { relations } from './relations.ts'
import { outcomes } from './schedule.ts'

/** Words of other members, and words that people use: the event that records them. */
const otherWords: ReadonlyMap<string, string> = new Map([
  ...each(outcomes, (word) => `"milestone-reached" with outcome ${word}`),
  ...each(resolutions, (word) => `"agenda-item-resolved" with outcome ${word}`),
  ...each(consentActs, (word) => `"consented" with act ${word}`),
  ...each(kinds, (word) => `"proposed" with kind ${word}`),
  ...each(relations, (word) => `"linked" with relation ${word}`),
  ...each(endings, (word) => `"ended" with ending ${word}`),
  ['parent', '"linked" with relation child, recorded on the part'],
  ['rejected', '"ended" with ending declined'],
  ['aborted', '"ended" with ending cancelled'],
  ['completed', '"delivered"'],
  ['finished', '"delivered"'],
  ['accepted', '"agreed"'],
  ['signed', '"agreed"'],
  ['approved', '"consented" with act approval'],
  ['ratified', '"consented" with act ratification'],
  ['committed', '"funded"'],
  ['commitment', '"funded"'],
  ['paid', '"disbursed"'],
  ['postponed', '"rescheduled"'],
  ['delayed', '"rescheduled"'],
  ['deleted', '"retracted"'],
  ['removed', '"retracted"'],
  ['created', '"proposed"'],
  ['commented', '"evidence-attached", or "note" of any event'],
])

/** The event that the word probably means, such as `"ended" with ending cancelled`; undefined if nothing is similar. */
export function meantByType(word: unknown): string | undefined {
  if (typeof word !== 'string') return undefined
  const other = otherWords.get(word)
  if (other !== undefined) return other
  // Types come first: a word that resembles a type more likely means that type than another member's word.
  const type = nearest(word, eventTypes) ?? eventTypes.find((known) => begins(known, word))
  if (type !== undefined) return `"${type}"`
  const near = nearest(word, [...otherWords.keys()])
  return near && otherWords.get(near)
}

/** `cancel` for `cancelled`, `fund` for `funded`. */
function begins(known: string, word: string): boolean {
  return word.length >= 3 && known.startsWith(word)
}

function each(words: readonly string[], recorded: (word: string) => string): [string, string][] {
  return words.map((word) => [word, recorded(word)])
}
