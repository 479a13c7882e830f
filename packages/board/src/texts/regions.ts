import type { Language } from '../url/query.ts'

const names = new Map<Language, Intl.DisplayNames>()

/** A country (ISO 3166-1) in the reader's language. */
export function regionName(code: string, language: Language): string {
  const known = names.get(language) ?? new Intl.DisplayNames([language], { type: 'region', fallback: 'code' })
  names.set(language, known)
  return known.of(code) ?? code
}
