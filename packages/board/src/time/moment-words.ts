/** A moment other than now, in words. */
import { instantInWords } from '../dates/instants.ts'
import { pointInWords } from '../dates/words.ts'
import { readShell } from '../shell.ts'
import { language, say } from '../texts/reader.ts'
import type { Query } from '../url/query.ts'

/** Null for now. */
export function momentInWords({ asOf, knownAt, knownAtPosition }: Query): string | null {
  const words = say.value.time
  const parts = [
    ...(asOf === undefined ? [] : [words.inForceOn(pointInWords(asOf, language.value))]),
    ...(knownAtPosition === undefined ? [] : [words.knownAtPosition(knownAtPosition)]),
    ...(knownAt === undefined ? [] : [words.knownAt(instantInWords(knownAt, language.value, readShell().timeZone))]),
  ]
  return parts.length === 0 ? null : parts.join(', ')
}
