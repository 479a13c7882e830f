/** The languages in which every code of this product has words. */
export const wordLanguages = ['en', 'vi', 'ko'] as const
export type WordLanguage = (typeof wordLanguages)[number]

/** What a code is called and means, for people. */
export interface Wording {
  /** Short: it stands in chips and heads of tables. */
  readonly label: string
  /** One plain sentence. */
  readonly description: string
}

/**
 * The words of one code. They stand in files that import nothing at run time, so that whoever only shows words loads no schema; the type of the
 * code makes a missing word an error of the compiler.
 */
export type Words = Readonly<Record<WordLanguage, Wording>>

/** The label of a code in one language. A code of an open list (a field of activity) may have no words: it stands for itself. */
export function labelOf(words: Readonly<Record<string, Words>>, code: string, language: WordLanguage): string {
  return Object.hasOwn(words, code) ? (words[code] as Words)[language].label : code
}
