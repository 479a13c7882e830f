/** The texts by which titles are sorted, byte by byte. */
import { isAscii } from './ascii.ts'

/** Longest part of a title that sorting uses: the length of an index entry is limited. */
const titleKeyLength = 200

type Title = Readonly<Record<string, string>>

/** The English title, or the Vietnamese, or another: without diacritics, so that `Đề án` is at D in a sort by bytes. */
export function titleKey(title: Title): string {
  return cut(folded(title.en ?? title.vi ?? Object.values(title)[0] ?? ''))
}

/** Languages, in addition to English, in whose order titles can be sorted. */
const titleLanguages = ['vi', 'ko'] as const
export type TitleLanguage = (typeof titleLanguages)[number]
export type TitleKeys = Readonly<Partial<Record<TitleLanguage, string>>>

/** By language: the sort keys of the title's languages that differ from {@link titleKey}. */
export function titleKeys(title: Title): TitleKeys {
  const usual = titleKey(title)
  const own = titleLanguages.flatMap((language) => {
    const text = title[language]
    const key = text === undefined ? usual : cut(language === 'vi' ? foldedVietnamese(text) : folded(text))
    return key === usual ? [] : [[language, key] as const]
  })
  return Object.fromEntries(own)
}

function folded(text: string): string {
  if (isAscii(text)) return text.toLowerCase()
  return withoutMarks(text.normalize('NFD').toLowerCase()).replaceAll('đ', 'd')
}

/**
 * Orders by bytes as in the Vietnamese alphabet: ă and â come after all of a, đ after all of d, because `~` comes after `z`. Tones are
 * marks of a syllable and not letters.
 */
function foldedVietnamese(text: string): string {
  const letters = text.normalize('NFD').toLowerCase().replace(tones, '')
  return withoutMarks(letters.replace(ownLetters, (letter) => vietnameseLetters[letter] ?? letter))
}

const tones = /[\u0300\u0301\u0303\u0309\u0323]/g
const ownLetters = /a\u0306|[aeo]\u0302|[ou]\u031B|đ/g
const vietnameseLetters: Readonly<Record<string, string>> = {
  'a\u0306': 'a~',
  'a\u0302': 'a~~',
  đ: 'd~',
  'e\u0302': 'e~',
  'o\u0302': 'o~',
  'o\u031B': 'o~~',
  'u\u031B': 'u~',
}

function withoutMarks(text: string): string {
  return text.replace(/\p{Mn}/gu, '')
}

function cut(key: string): string {
  return key.normalize('NFC').slice(0, titleKeyLength).toWellFormed()
}
