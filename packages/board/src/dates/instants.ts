/** Times of recording, in the time zone of the ledger, which is always shown. */
import type { Language } from '../url/query.ts'
import { localeOf } from './words.ts'

const formats = new Map<string, Intl.DateTimeFormat>()

/** Day, hour, minute and time zone. */
export function instantInWords(instant: string, language: Language, timeZone: string): string {
  return (
    format(language, timeZone, { dateStyle: 'medium', timeStyle: 'short' }).format(new Date(instant)) +
    zone(instant, language, timeZone)
  )
}

/** The day alone, in short form, for columns. */
export function dayOfInstant(instant: string, language: Language, timeZone: string): string {
  return format(language, timeZone, { dateStyle: 'medium' }).format(new Date(instant))
}

/** Hour and minute alone, beside a clock that names the time zone. */
export function clockOfInstant(instant: string, language: Language, timeZone: string): string {
  return format(language, timeZone, { timeStyle: 'short' }).format(new Date(instant))
}

/** Hour, minute and second, and the time zone. */
export function secondOfInstant(instant: string, language: Language, timeZone: string): string {
  return (
    format(language, timeZone, { timeStyle: 'medium' }).format(new Date(instant)) + zone(instant, language, timeZone)
  )
}

/** Such as ` GMT+7`: `dateStyle` cannot be combined with it. */
function zone(instant: string, language: Language, timeZone: string): string {
  const parts = format(language, timeZone, { timeZoneName: 'short', year: 'numeric' }).formatToParts(new Date(instant))
  return ` ${parts.find(({ type }) => type === 'timeZoneName')?.value ?? timeZone}`
}

function format(language: Language, timeZone: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${language} ${timeZone} ${JSON.stringify(options)}`
  let known = formats.get(key)
  if (known === undefined) {
    known = new Intl.DateTimeFormat(localeOf(language), { ...options, timeZone })
    formats.set(key, known)
  }
  return known
}
