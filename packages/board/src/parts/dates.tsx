/** Dates and moments as text. */
import { dayOfInstant, instantInWords } from '../dates/instants.ts'
import { precisionOf } from '../dates/shape.ts'
import { inWords } from '../dates/words.ts'
import { readShell } from '../shell.ts'
import { language } from '../texts/reader.ts'

/** When something happened or is planned, as precisely as it is known. */
export function When({ date }: { readonly date: string | null }) {
  const words = inWords(date, language.value)
  if (date === null) return <span class="no-date">{words}</span>
  const machine = /^\d{4}(-\d{2}){0,2}$/.test(date) && precisionOf(date) === 'day' ? { dateTime: date } : {}
  return <time {...machine}>{words}</time>
}

/** When something was recorded, in the time zone of the ledger. */
export function RecordedAt({ instant }: { readonly instant: string }) {
  return <time dateTime={instant}>{instantInWords(instant, language.value, readShell().timeZone)}</time>
}

/** The same, only the day; the full time appears on hover. */
export function RecordedOn({ instant }: { readonly instant: string }) {
  const { timeZone } = readShell()
  return (
    <time dateTime={instant} title={instantInWords(instant, language.value, timeZone)}>
      {dayOfInstant(instant, language.value, timeZone)}
    </time>
  )
}
