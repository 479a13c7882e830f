import type { WordTable } from './words.ts'

/**
 * The subject of a code, and then the meaning of each of its values: the description of an enum in the OpenAPI documents, in the same words
 * as everywhere else.
 */
export function codesText(about: string, words: WordTable): string {
  const values = Object.entries(words).map(([code, { en }]) => `- \`${code}\`: ${en.description}`)
  return [about, '', ...values].join('\n')
}
