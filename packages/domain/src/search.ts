/**
 * What a person types to find a proposal, and the texts in which it is searched.
 *
 * Both are brought to one form: case and width (NFKC) do not matter, and a letter without marks finds the letter with any mark. Typed marks
 * must be there. Words may come in any order. Korean is written as the strokes of its keyboard, so that a half-typed syllable is a prefix
 * of the whole one; two or more consonants alone are also searched as the initials of syllables. Everything here works on text, so that
 * every reader of the log gets the same results, whatever its database knows about languages.
 */
import { isAscii } from './ascii.ts'
import type { Proposal } from './proposal.ts'
import type { LanguageMap } from './texts.ts'

/** Diacritics of Latin, Greek and Cyrillic. Signs of other scripts, such as Thai vowels, are not diacritics: they stay letters. */
const mark = '\\u0300-\\u036f'
const marks = new RegExp(`[${mark}]`, 'gu')
const leadingMarks = new RegExp(`^[${mark}]+`, 'u')
const marked = new RegExp(`[${mark}]`, 'u')

/** The stroke of đ as a separate mark: Unicode does not decompose it. */
const stroke = '\u0335'

/**
 * The form in which texts are compared and searched: letters in lower case, without marks, in one width; Hangul by its strokes. The text
 * itself stays as received.
 *
 * @example searchText('Viện Khoa học').includes(searchText('vien khoa'))
 */
export function searchText(text: string): string {
  return markedText(text).replace(marks, '')
}

/** The same with marks, each after its letter. */
function markedText(text: string): string {
  // What follows changes nothing else in ASCII, and most ids and names are ASCII.
  if (isAscii(text)) return text.toLowerCase()
  return text
    .toWellFormed()
    .normalize('NFKD')
    .replace(/\p{Cf}/gu, '')
    .toUpperCase()
    .toLowerCase()
    .normalize('NFKD')
    .replaceAll('ς', 'σ')
    .replaceAll('đ', `d${stroke}`)
    .replace(/[\u1100-\u1112\u1161-\u1175\u11a8-\u11c2]/g, (letter) => strokes.get(letter) ?? letter)
}

/**
 * Letters of a Korean keyboard. They are written as upper-case letters, because no other letter here is in upper case: each takes one byte,
 * and every index supports them.
 */
const consonants = 'ㄱㄴㄷㄹㅁㅂㅅㅇㅈㅊㅋㅌㅍㅎ'
const vowels = 'ㅏㅑㅓㅕㅗㅛㅜㅠㅡㅣ'
/** Marks each consonant that is the initial of a syllable. */
const initial = 'Z'

/** The keyboard combines several of these into one; what is typed first is its beginning. */
const composed = new Map(
  (
    'ㄲㄱㄱ ㄸㄷㄷ ㅃㅂㅂ ㅆㅅㅅ ㅉㅈㅈ ㄳㄱㅅ ㄵㄴㅈ ㄶㄴㅎ ㄺㄹㄱ ㄻㄹㅁ ㄼㄹㅂ ㄽㄹㅅ ㄾㄹㅌ ㄿㄹㅍ ㅀㄹㅎ ㅄㅂㅅ ' +
    'ㅐㅏㅣ ㅒㅑㅣ ㅔㅓㅣ ㅖㅕㅣ ㅘㅗㅏ ㅙㅗㅏㅣ ㅚㅗㅣ ㅝㅜㅓ ㅞㅜㅓㅣ ㅟㅜㅣ ㅢㅡㅣ'
  )
    .split(' ')
    .map((letters) => [letters.slice(0, 1), letters.slice(1)] as const),
)

/** Letters in Unicode's order of the parts of a syllable, each list from its first code point on. */
const parts = [
  [0x1100, 'ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ'],
  [0x1161, 'ㅏㅐㅑㅒㅓㅔㅕㅖㅗㅘㅙㅚㅛㅜㅝㅞㅟㅠㅡㅢㅣ'],
  [0x11a8, 'ㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ'],
] as const

const strokes: ReadonlyMap<string, string> = new Map(
  parts.flatMap(([first, letters]) =>
    Array.from(letters).map((letter, index): [string, string] => [
      String.fromCharCode(first + index),
      strokesOf(letter),
    ]),
  ),
)

function strokesOf(letter: string): string {
  const codes = Array.from(composed.get(letter) ?? letter).map((one) => (consonants + vowels).indexOf(one))
  return codes.map((code) => String.fromCharCode(65 + code)).join('')
}

/** The initials of each run of syllables, such as ㄱㅎ for 과학. */
function initialsOf(text: string): string[] {
  return [...text.matchAll(/[가-힣]{2,}/gu)].map(([run]) =>
    Array.from(
      run,
      (syllable) => initialsOfSyllables[Math.floor((syllable.charCodeAt(0) - firstSyllable) / syllablesOfInitial)],
    ).join(''),
  )
}

/** A doubled consonant counts as the single one: nobody has to hold the shift key for an initial. */
function initialsAs(letters: string): string {
  return `${initial}${letters.slice(0, 1)}`
}

/** In Unicode's order, which is that of their initials (The Unicode Standard, 3.12): each initial has as many syllables. */
const firstSyllable = 0xac00
const syllablesOfInitial = 588
const initialsOfSyllables = Array.from(parts[0][1], (letter) => initialsAs(strokesOf(letter)))

/**
 * Searched characters of summaries; each language has the same share. The kept data of a proposal must not grow without limit with its
 * summary.
 */
export const searchedOfSummary = 4_000

type Searched = Pick<Proposal, 'proposalId' | 'title' | 'summary' | 'parties' | 'fields'>

/**
 * All texts in which the proposal is searched, one in each line, so that no word spans two texts: id, titles, summaries, parties and fields
 * without marks, then the lines with marks again, with them.
 */
export function searchOf({ proposalId, title, summary, parties, fields }: Searched): string {
  const texts = [proposalId, ...Object.values(title), ...searchedSummary(summary)]
  for (const { party, name } of parties) texts.push(party, ...Object.values(name ?? {}))
  const lines = [...new Set([...texts, ...fields].map(oneLine))]
  const withMarks = lines.map(markedText)
  const bare = withMarks.map((line) => line.replace(marks, ''))
  return [...new Set([...bare, ...lines.flatMap(initialsOf), ...withMarks.filter((line) => marked.test(line))])].join(
    '\n',
  )
}

function searchedSummary(summary: LanguageMap | null): string[] {
  const texts = Object.values(summary ?? {})
  return texts.map((text) => text.slice(0, Math.floor(searchedOfSummary / texts.length)))
}

function oneLine(text: string): string {
  const composed = isAscii(text) ? text : text.normalize('NFC')
  return /\s\s|[^\S ]/u.test(composed) ? composed.replace(/\s+/gu, ' ') : composed
}

/** A word of the query. */
export interface SearchWord {
  /** One of these must be there, without marks. */
  readonly bare: readonly string[]
  /** A regular expression, for Postgres and JavaScript, for what must be there with marks; null if no marks were typed. */
  readonly pattern: string | null
}

/**
 * The words of a query, each once. Punctuation around a word is ignored. There are none if the query has only spaces, marks and invisible
 * characters.
 */
export function searchWords(query: string): SearchWord[] {
  const words = markedText(query.replace(/[\s\p{Cc}]+/gu, ' '))
    .split(/\s+/u)
    .map((word) => withoutLeadingMarks(word.replace(around, '')))
    .filter((word) => word !== '')
  return [...new Set(words)].map((word) => ({ bare: readingsOf(word), pattern: patternOf(word) }))
}

const around = /^[\p{P}\p{S}]+(?=[^\p{P}\p{S}])|(?<=[^\p{P}\p{S}])[\p{P}\p{S}]+$/gu

/** Removes marks that belong to no letter. */
function withoutLeadingMarks(word: string): string {
  return word.replace(leadingMarks, '')
}

/** Consonants alone are letters of a half-typed syllable, or initials. */
function readingsOf(word: string): string[] {
  const bare = word.replace(marks, '')
  if (!/^[A-N]{2,}$/.test(bare)) return [bare]
  return [bare, Array.from(bare).map(initialsAs).join('')]
}

/** Every typed mark must be there; there may be others. */
function patternOf(word: string): string | null {
  if (!marked.test(word)) return null
  const any = `[${mark}]*`
  return Array.from(word)
    .map((letter) => `${letter.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')}${any}`)
    .join('')
}

/** Whether all of these words are in the result of {@link searchOf}. */
export function isFound(search: string, words: readonly SearchWord[]): boolean {
  return words.every(
    ({ bare, pattern }) =>
      bare.some((text) => search.includes(text)) && (pattern === null || new RegExp(pattern, 'u').test(search)),
  )
}
