/** The languages in which every code of this product has words. */
export const wordLanguages = ['en', 'vi', 'ko'] as const
export type WordLanguage = (typeof wordLanguages)[number]

/** The label and the meaning of a code, for people. */
export interface Wording {
  /** Short, because it is shown in chips and table headers. */
  readonly label: string
  /** One plain sentence. */
  readonly description: string
}

/** The words of one code. */
export type Words = Readonly<Record<WordLanguage, Wording>>

/**
 * Codes with their words. The list of codes is made from the table ({@link codesOf}), so no code is without words. Tables are in files that
 * import no schema, so that code that only shows words loads nothing else.
 */
export type WordTable = Readonly<Record<string, Words>>

export type CodeOf<Table extends WordTable> = keyof Table & string

/** The codes of a table, in its order. */
export function codesOf<Table extends WordTable>(words: Table): readonly [CodeOf<Table>, ...CodeOf<Table>[]] {
  return Object.keys(words) as unknown as readonly [CodeOf<Table>, ...CodeOf<Table>[]]
}

/** The label of a code in one language. A code of an open list (a field of activity) may have no words: then it is its own label. */
export function labelOf(words: WordTable, code: string, language: WordLanguage): string {
  return Object.hasOwn(words, code) ? (words[code] as Words)[language].label : code
}

/** The title of a problem, and the advice for the caller. */
export interface ProblemText {
  readonly title: string
  readonly client: string
}

/** The same in the other languages; the English text is with the code of the problem. */
export type ProblemTexts = Readonly<Record<Exclude<WordLanguage, 'en'>, ProblemText>>

/** Problems in the form of all other codes: the label is the title, the description is the advice. */
export function problemWords<Code extends string>(
  english: Readonly<Record<Code, ProblemText>>,
  others: Readonly<Record<Code, ProblemTexts>>,
): Readonly<Record<Code, Words>> {
  const entries = (Object.keys(english) as Code[]).map((code): [Code, Words] => {
    const { vi, ko } = others[code]
    return [code, { en: wordingOf(english[code]), vi: wordingOf(vi), ko: wordingOf(ko) }]
  })
  return Object.fromEntries(entries) as Record<Code, Words>
}

function wordingOf({ title, client }: ProblemText): Wording {
  return { label: title, description: client }
}
