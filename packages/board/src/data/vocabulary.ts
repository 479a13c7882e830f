/** The words of codes in the reader's language. They come from the service, so that everybody who shows codes uses the same words. */
import { type AnswerTo, ProblemError } from '@commitments/client'
import { effect, signal } from '@preact/signals'
import { readShell } from '../shell.ts'
import { language } from '../texts/reader.ts'
import { apiKey } from './api-key.ts'
import { ask, askNow } from './ask.ts'

interface Wording {
  readonly label: string
  readonly description: string
  /** Of a type of event: the states in which it is possible. */
  readonly from?: string
}

type Vocabulary = AnswerTo<'/v1/vocabulary'>['vocabulary']
/** A group of codes, by its name in the service. */
export type CodeGroup = keyof Vocabulary

const known = signal<Partial<Vocabulary>>({})
/** Milliseconds until words that did not come are asked for again. */
const again = 5_000
/** Whether the words of the reader's language are loaded. */
export const vocabularyReady = signal(false)

/** The label of a code; the code itself if it has none, such as a field that a ledger defined itself. */
export function labelOf(group: CodeGroup, code: string): string {
  return wordingOf(group, code)?.label ?? code
}

/** One sentence about a code; empty if there is none. */
export function meaningOf(group: CodeGroup, code: string): string {
  return wordingOf(group, code)?.description ?? ''
}

/** The states in which an event is possible; empty if that is not known. */
export function possibleFrom(eventType: string): string {
  return wordingOf('eventTypes', eventType)?.from ?? ''
}

function wordingOf(group: CodeGroup, code: string): Wording | undefined {
  const words = known.value[group]?.[code]
  return words?.[language.value] ?? words?.['en']
}

/** Loads the words of the current language, now and after each change. */
export function startVocabulary(): void {
  effect(() => {
    // Without the key, loading waits until one is given.
    const readable = readShell().reading === 'public' || apiKey.value !== null
    if (readable) void load(language.value)
  })
}

async function load(lang: 'en' | 'vi' | 'ko'): Promise<void> {
  try {
    const { value } = await askNow(ask('/v1/vocabulary', { lang }), AbortSignal.timeout(20_000))
    if (lang === language.peek()) known.value = value.vocabulary
  } catch (error) {
    // Until then, the codes themselves are shown, which are plain English slugs; other failures are reported in their panels.
    const isAway = !(error instanceof ProblemError) || error.status >= 500
    if (isAway) setTimeout(() => void (lang === language.peek() && load(lang)), again)
  }
  vocabularyReady.value = true
}

export function hasWord(group: CodeGroup, code: string): boolean {
  return wordingOf(group, code) !== undefined
}
