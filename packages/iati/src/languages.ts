/** Languages as IATI can name them: by two letters, and nothing more. */
import { type LanguageMap, type WordLanguage, wordLanguages } from '@commitments/domain'
import { type Code, isCode } from './codes.ts'

type TextMap = Readonly<Record<string, string>>

/** The code of a language tag: `zh-Hant` is `zh`. Null for a language that the list does not have, such as `fil`. */
export function languageCodeOf(tag: string): Code<'Language'> | null {
  const [language = ''] = tag.split('-')
  return isCode('Language', language) ? language : null
}

/** Whether at least one language of the text can be written. */
export function canBeWritten(text: TextMap): boolean {
  return Object.keys(text).some((tag) => languageCodeOf(tag) !== null)
}

/**
 * The languages in which our own sentences are written beside a title: those of the title that the product has words in, otherwise the default
 * language, otherwise English.
 */
export function sentenceLanguages(title: LanguageMap, usual: string): readonly WordLanguage[] {
  const own = wordLanguages.filter((language) => language === usual || title[language] !== undefined)
  return own.length > 0 ? own : ['en']
}

/** The text in a language, or in English, or in any. */
export function textIn(texts: TextMap, language: string): string {
  return texts[language] ?? texts['en'] ?? Object.values(texts)[0] ?? ''
}
