/** A text that was recorded in some languages, in the one that the reader reads. */
import { language } from '../texts/reader.ts'

export type LanguageMap = Readonly<Record<string, string>>

/** The reader's language, else English, else whichever there is. */
export function best(text: LanguageMap): { readonly lang: string; readonly text: string } {
  const lang = [language.value, 'en', ...Object.keys(text)].find((tag) => text[tag] !== undefined) ?? 'en'
  return { lang, text: text[lang] ?? '' }
}

/** What a screen reader has to know: the language of a text, where it is not that of the page. */
export function foreign(lang: string): { lang?: string } {
  return lang === language.value ? {} : { lang }
}

export function Translated({ text }: { readonly text: LanguageMap }) {
  const { lang, text: shown } = best(text)
  return <span {...foreign(lang)}>{shown}</span>
}

/** The text in its other languages, each marked. */
export function OtherLanguages({ text }: { readonly text: LanguageMap }) {
  const shown = best(text).lang
  const others = Object.entries(text).filter(([tag]) => tag !== shown)
  if (others.length === 0) return null
  return (
    <p class="other-languages">
      {others.map(([tag, words]) => (
        <span key={tag}>
          <abbr class="tag" title={tag}>
            {tag}
          </abbr>{' '}
          <span lang={tag}>{words}</span>
        </span>
      ))}
    </p>
  )
}
