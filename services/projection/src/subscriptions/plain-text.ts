/** Texts for formats that have no place for control characters. */
import type { WordLanguage } from '@commitments/domain'

/** Control characters but line feeds (XML 1.0, 2.2; RFC 5545, 3.3.11) and what is no Unicode text; CR LF and CR are line feeds. */
export function withoutControls(text: string): string {
  return text
    .toWellFormed()
    .replace(/\r\n?/g, '\n')
    .replace(/[^\P{Cc}\n]|[\uFFFE\uFFFF]/gu, ' ')
}

/** On one line. */
export function oneLine(text: string): string {
  return withoutControls(text).replace(/\s+/g, ' ').trim()
}

/** In the language, or in one that there is. */
export function inLanguage(texts: Readonly<Record<string, string>>, language: WordLanguage): string {
  return texts[language] ?? texts['en'] ?? texts['vi'] ?? Object.values(texts)[0] ?? ''
}

/** Where people read about a proposal; null where this service does not know its public address. */
export function pageOf(publicUrl: string, proposalId: string): string | null {
  return publicUrl === '' ? null : `${publicUrl.replace(/\/$/, '')}/proposals/${proposalId}`
}
