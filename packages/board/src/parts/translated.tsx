/** A text that was recorded in several languages, in the reader's language. */
import { language } from '../texts/reader.ts'

export type LanguageMap = Readonly<Record<string, string>>

/** The text in the reader's language, otherwise in English, otherwise in any language. */
export function best(text: LanguageMap): { readonly lang: string; readonly text: string } {
  const lang = [language.value, 'en', ...Object.keys(text)].find((tag) => text[tag] !== undefined) ?? 'en'
  return { lang, text: text[lang] ?? '' }
}

/** Marks the language of a text for screen readers if it differs from that of the page. */
export function foreign(lang: string): { lang?: string } {
  return lang === language.value ? {} : { lang }
}

export function Translated({ text }: { readonly text: LanguageMap }) {
  const { lang, text: shown } = best(text)
  return (
    <span class="recorded" {...foreign(lang)}>
      {shown}
    </span>
  )
}

/** What stands for each text that was erased. */
const erasedText = '█'

/** The text in its other languages, each labelled. */
export function OtherLanguages({ text }: { readonly text: LanguageMap }) {
  const shown = best(text).lang
  const others = Object.entries(text).filter(([tag, words]) => tag !== shown && words !== erasedText)
  if (others.length === 0) return null
  return (
    <p class="other-languages">
      {others.map(([tag, words]) => (
        <span key={tag}>
          <abbr class="tag" title={tag}>
            {tag}
          </abbr>{' '}
          <span class="recorded" lang={tag}>
            {words}
          </span>
        </span>
      ))}
    </p>
  )
}
