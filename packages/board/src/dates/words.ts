/** Dates in words, exactly as precise as they are known. */
import type { Language } from '../url/query.ts'
import { precisionOf, type Shape, shapeOf } from './shape.ts'

interface DateWords {
  /** A year as a whole date: the day is not known. */
  readonly yearAlone: (year: string) => string
  /** A year within a sentence. */
  readonly year: (year: string) => string
  readonly between: (from: string, to: string) => string
  readonly onOrAfter: (from: string) => string
  readonly onOrBefore: (to: string) => string
  readonly lasted: (from: string, to: string) => string
  readonly stillLasting: (from: string) => string
  readonly unknown: string
}

const words: Readonly<Record<Language, DateWords>> = {
  en: {
    yearAlone: (year) => `${year} (day not known)`,
    year: (year) => year,
    between: (from, to) => `some day between ${from} and ${to}`,
    onOrAfter: (from) => `${from} or later`,
    onOrBefore: (to) => `${to} or earlier`,
    lasted: (from, to) => `from ${from} to ${to}`,
    stillLasting: (from) => `since ${from}, still running`,
    unknown: 'date not known',
  },
  vi: {
    yearAlone: (year) => `năm ${year}`,
    year: (year) => `năm ${year}`,
    between: (from, to) => `một ngày trong khoảng ${from} – ${to}`,
    onOrAfter: (from) => `từ ${from} trở đi`,
    onOrBefore: (to) => `muộn nhất ${to}`,
    lasted: (from, to) => `từ ${bareYears(from)} đến ${bareYears(to)}`,
    stillLasting: (from) => `từ ${from}, đang tiếp diễn`,
    unknown: 'không rõ ngày',
  },
  ko: {
    yearAlone: (year) => `${year}년`,
    year: (year) => `${year}년`,
    // 년, 월 and 일 all end in a consonant: the particle is always 과.
    between: (from, to) => `${from}과 ${to} 사이의 어느 날`,
    onOrAfter: (from) => `${from} 이후`,
    onOrBefore: (to) => `늦어도 ${to}`,
    lasted: (from, to) => `${from}부터 ${to}까지`,
    stillLasting: (from) => `${from}부터 진행 중`,
    unknown: '날짜 미상',
  },
}

/** In Vietnamese, "from 2014 to 2023" needs no word for year if both ends are years. */
function bareYears(text: string): string {
  return /^năm \d{4}$/.test(text) ? text.slice(4) : text
}

const locales: Readonly<Record<Language, string>> = { en: 'en-GB', vi: 'vi-VN', ko: 'ko-KR' }

export function localeOf(language: Language): string {
  return locales[language]
}

/** A date of the API in words; null is "date not known". */
export function inWords(when: string | null, language: Language): string {
  const said = words[language]
  const shape: Shape = shapeOf(when)
  if (shape.form === 'unknown') return said.unknown
  if (shape.form === 'lasting') {
    const from = pointInWords(shape.from, language)
    return shape.to === null ? said.stillLasting(from) : said.lasted(from, pointInWords(shape.to, language))
  }
  if (shape.form === 'between') {
    const from = shape.from === null ? null : pointInWords(shape.from, language)
    const to = shape.to === null ? null : pointInWords(shape.to, language)
    if (from !== null && to !== null) return said.between(from, to)
    return from === null ? said.onOrBefore(to ?? '') : said.onOrAfter(from)
  }
  return shape.form === 'year' ? said.yearAlone(shape.point) : pointInWords(shape.point, language)
}

/** A day, a month or a year within a sentence. */
export function pointInWords(point: string, language: Language): string {
  const precision = precisionOf(point)
  if (precision === 'year') return words[language].year(point)
  return formatOf(language, precision).format(utc(point))
}

const formats = new Map<string, Intl.DateTimeFormat>()

const forms = {
  day: { dateStyle: 'long' },
  month: { year: 'numeric', month: 'long' },
  digits: { year: 'numeric', month: '2-digit', day: '2-digit' },
} as const satisfies Record<string, Intl.DateTimeFormatOptions>

function formatOf(language: Language, precision: keyof typeof forms): Intl.DateTimeFormat {
  const key = `${language} ${precision}`
  let format = formats.get(key)
  if (format === undefined) {
    format = new Intl.DateTimeFormat(localeOf(language), { ...forms[precision], timeZone: 'UTC' })
    formats.set(key, format)
  }
  return format
}

/** A day in digits, for narrow columns. */
export function dayInDigits(day: string, language: Language): string {
  return formatOf(language, 'digits').format(utc(day))
}

/** `Date.UTC` takes the years 0 to 99 as 1900 to 1999. */
function utc(point: string): Date {
  return new Date(`${point.length === 7 ? `${point}-01` : point}T00:00:00Z`)
}
