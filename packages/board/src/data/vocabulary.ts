/** What each code is called in the reader's language: asked of the service, which has one source for all who show codes. */
import type { AnswerTo } from '@commitments/client'
import { effect, signal } from '@preact/signals'
import { readShell } from '../shell.ts'
import { language } from '../texts/reader.ts'
import { apiKey } from './api-key.ts'
import { ask, askNow } from './ask.ts'

interface Wording {
  readonly label: string
  readonly description: string
}

type Vocabulary = AnswerTo<'/v1/vocabulary'>['vocabulary']
/** A group of codes, as the service names it. */
export type CodeGroup = keyof Vocabulary

const known = signal<Partial<Vocabulary>>({})
/** Whether words of the reader's language are there. */
export const vocabularyReady = signal(false)

/** What a code is called; the code itself where nobody gave it a word, such as a field that a ledger made up. */
export function labelOf(group: CodeGroup, code: string): string {
  return wordingOf(group, code)?.label ?? code
}

/** One sentence about a code; empty where there is none. */
export function meaningOf(group: CodeGroup, code: string): string {
  return wordingOf(group, code)?.description ?? ''
}

function wordingOf(group: CodeGroup, code: string): Wording | undefined {
  const words = known.value[group]?.[code]
  return words?.[language.value] ?? words?.['en']
}

/** Loads the words of the language that is spoken, now and after each change. */
export function startVocabulary(): void {
  effect(() => {
    // With a key that is given later they are asked for then.
    const readable = readShell().reading === 'public' || apiKey.value !== null
    if (readable) void load(language.value)
  })
}

async function load(lang: 'en' | 'vi' | 'ko'): Promise<void> {
  try {
    const { value } = await askNow(ask('/v1/vocabulary', { lang }), AbortSignal.timeout(20_000))
    if (lang === language.peek()) known.value = value.vocabulary
  } catch {
    // Without words the codes themselves are shown, plain English slugs; what else fails says so in its panel.
  }
  vocabularyReady.value = true
}

export function hasWord(group: CodeGroup, code: string): boolean {
  return wordingOf(group, code) !== undefined
}
