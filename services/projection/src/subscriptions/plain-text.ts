/** Texts for formats that do not allow control characters. */
import type { WordLanguage } from '@commitments/domain'

/**
 * Removes control characters except line feeds (XML 1.0, 2.2; RFC 5545, 3.3.11) and whatever is not Unicode text; CR LF and CR become line
 * feeds.
 */
export function withoutControls(text: string): string {
  return text
    .toWellFormed()
    .replace(/\r\n?/g, '\n')
    .replace(/[^\P{Cc}\n]|[\uFFFE\uFFFF]/gu, ' ')
}

/** Joins the text into one line. */
export function oneLine(text: string): string {
  return withoutControls(text).replace(/\s+/g, ' ').trim()
}

/** The text in the language, or in another one. */
export function inLanguage(texts: Readonly<Record<string, string>>, language: WordLanguage): string {
  return texts[language] ?? texts['en'] ?? texts['vi'] ?? Object.values(texts)[0] ?? ''
}

/** The page of a proposal on the board; null if this service does not know its public address. */
export function pageOf(publicUrl: string, proposalId: string): string | null {
  return publicUrl === '' ? null : `${publicUrl.replace(/\/$/, '')}/proposals/${proposalId}`
}
