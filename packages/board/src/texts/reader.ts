/** The texts of the board in the reader's language. Other languages are loaded when they are chosen. */
import { computed, signal } from '@preact/signals'
import { choose } from '../reader/choices.ts'
import { preferredLanguage } from '../reader/preferred.ts'
import type { Language } from '../url/query.ts'
import { en, type Texts } from './en.ts'

const spoken = signal<{ readonly language: Language; readonly texts: Texts }>({ language: 'en', texts: en })

export const language = computed(() => spoken.value.language)
/** Every text of the board: `say.value.overview.title`. */
export const say = computed(() => spoken.value.texts)

async function textsOf(wanted: Language): Promise<Texts> {
  if (wanted === 'vi') return (await import('./vi.ts')).vi
  if (wanted === 'ko') return (await import('./ko.ts')).ko
  return en
}

async function speak(wanted: Language): Promise<void> {
  const texts = await textsOf(wanted)
  document.documentElement.lang = wanted
  spoken.value = { language: wanted, texts }
}

/** The language that the reader chose; it is kept for the next visit. */
export async function chooseLanguage(wanted: Language): Promise<void> {
  choose('language', wanted)
  await speak(wanted)
}

export async function speakPreferred(): Promise<void> {
  await speak(preferredLanguage(location.search))
}
