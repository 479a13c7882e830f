import type { WordTable } from './words.ts'

/**
 * What a code is about, and then each of its values with what it means: the description of an enum in the OpenAPI documents, in the same words
 * as everywhere.
 */
export function codesText(about: string, words: WordTable): string {
  const values = Object.entries(words).map(([code, { en }]) => `- \`${code}\`: ${en.description}`)
  return [about, '', ...values].join('\n')
}
