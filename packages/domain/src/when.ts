/** Reads the dates of the record. It imports nothing, so that a page can read them as the services do without loading their schemas. */

/** A day of the calendar, `YYYY-MM-DD`. Days can be compared as text. */
export type Day = string

/**
 * When something happened or will happen, with the known precision: a subset of ISO 8601-2 (EDTF), see docs/domain.md, Dates. `2023`,
 * `2023-06`, `2023-06-22`; `2023-09-18/2023-09-19` and `2024/..` for periods; `[2018..2023]`, `[..2023]`, `[2018..]` for an unknown day in
 * between. A completely unknown date is `null`.
 */
export type When = string

/** The certain bounds of a {@link When}. A missing bound is null. */
export interface Bounds {
  /** First possible day. */
  readonly first: Day | null
  /** Last possible day; null for something that still lasts. */
  readonly last: Day | null
  /** Last possible day of its beginning; it differs from `last` only for a period. */
  readonly begunBy: Day | null
}

/** The accepted forms of a date, in words. */
export const acceptedDates =
  'must be a date as precise as it is known: 2023-06-22, 2023-06 or 2023; 2023-09-18/2023-09-19 or 2024/.. for something that lasts; ' +
  '[2018..2023], [..2023] or [2018..] for an unknown day in between; or null if it is unknown'

const shape = /^(?:\[(?:\.\.(P)|(P)\.\.(P)?)\]|(P)(?:\/(?:\.\.|(P)))?)$/.source.replaceAll(
  'P',
  String.raw`\d{4}(?:-\d{2}(?:-\d{2})?)?`,
)
const whenPattern = new RegExp(shape)

/** Characters of `[2018-01-01..2023-12-31]`. */
export const longestWhen = 24

/** Whether a text is a day of the calendar. */
export function isDay(text: string): text is Day {
  return /^\d{4}-\d{2}-\d{2}$/.test(text) && pointBounds(text) !== null
}

/** The bounds of a date that fits the schema; all null for `null`. Throws for any other text. */
export function boundsOf(when: When | null): Bounds {
  if (when === null) return unbounded
  return boundsOfTexts.get(when) ?? remembered(boundsOfTexts, when, () => boundsOfText(when))
}

function boundsOfText(when: When): Bounds {
  const found = parseWhen(when)
  if (typeof found === 'string') throw new RangeError(`Not a date of ours: ${when}`)
  return found
}

/** First possible day, or null if nothing bounds it. */
export function firstDay(when: When | null): Day | null {
  return boundsOf(when).first
}

/** Last possible day, or null if nothing bounds it (unknown, `[2018..]`, or still lasting). */
export function lastDay(when: When | null): Day | null {
  return boundsOf(when).last
}

/**
 * Whether `earlier` is certainly before `later`, at the known precision: no possible day of it is on or after a possible day of the other.
 */
export function certainlyBefore(earlier: When | null, later: When | null): boolean {
  const last = lastDay(earlier)
  const first = firstDay(later)
  return last !== null && first !== null && last < first
}

/** Whether something cannot have begun before `futureBegins`. */
export function whollyInFuture(when: When | null, futureBegins: Day): boolean {
  const first = firstDay(when)
  return first !== null && first >= futureBegins
}

/** The calendar in use has no year 0, and databases refuse it. */
const firstOfCalendar: Day = '0001-01-01'

/**
 * The day `days` later (earlier if negative). Null after 9999-12-31: such a day never comes. Before 0001-01-01, the result is that day:
 * what applies from an earlier day applies from the beginning of the calendar.
 */
export function addDays(day: Day, days: number): Day | null {
  return remembered(daysMoved, `${day} ${days}`, () => moveDay(day, days))
}

function moveDay(day: Day, days: number): Day | null {
  const moved = new Date(Date.parse(`${day}T00:00:00Z`) + days * 86_400_000).toISOString()
  if (moved.startsWith('+')) return null
  return moved < firstOfCalendar ? firstOfCalendar : moved.slice(0, 10)
}

/** The day one year later; after a 29 February it is 1 March, when a full year has passed. Null after 9999. */
export function addYear(day: Day): Day | null {
  const year = Number(day.slice(0, 4)) + 1
  if (year > 9999) return null
  const rest = day.slice(4) === '-02-29' ? '-03-01' : day.slice(4)
  return String(year).padStart(4, '0') + rest
}

/** The day of an instant in a time zone (an IANA name; an unknown one throws a RangeError). */
export function dayOf(instant: number | Date, timeZone: string): Day {
  const time = Number(instant)
  if (!(time >= quartersSince)) return dayFormat(timeZone).format(instant)
  const quarter = Math.floor(time / quarterHour)
  return remembered(daysOfQuarters, `${quarter} ${timeZone}`, () => dayFormat(timeZone).format(quarter * quarterHour))
}

/**
 * Since 1973, the offset of every time zone from UTC is a multiple of a quarter of an hour (IANA tz database; Liberia was the last
 * exception). So a day never ends within such a quarter, and one calendar lookup serves all its instants.
 */
const quartersSince = Date.UTC(1973, 0, 1)
const quarterHour = 15 * 60_000
const daysOfQuarters = new Map<string, Day>()

/** Histories contain the same dates again and again. */
const boundsOfTexts = new Map<When, Bounds>()

const daysMoved = new Map<string, Day | null>()

const rememberedAtMost = 10_000

function remembered<Key, Value>(known: Map<Key, Value>, key: Key, make: () => Value): Value {
  const found = known.get(key)
  if (found !== undefined) return found
  if (known.size >= rememberedAtMost) known.clear()
  const made = make()
  known.set(key, made)
  return made
}

/** Today in a time zone. */
export function today(now: Date, timeZone: string): Day {
  return dayOf(now, timeZone)
}

/**
 * The first day that is wholly in the future: the day after today at UTC+14, where days begin first. So nobody's current day is refused as
 * the future (docs/architecture.md, The line).
 */
export function futureBegins(now: Date): Day {
  return new Date(now.getTime() + (14 + 24) * 3_600_000).toISOString().slice(0, 10)
}

const unbounded: Bounds = { first: null, last: null, begunBy: null }

/** Formatters are expensive to create, and one process uses few time zones. */
const dayFormats = new Map<string, Intl.DateTimeFormat>()

function dayFormat(timeZone: string): Intl.DateTimeFormat {
  let format = dayFormats.get(timeZone)
  if (!format) {
    // The Swedish locale writes days as ISO 8601 does; a test checks that.
    format = new Intl.DateTimeFormat('sv-SE', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' })
    dayFormats.set(timeZone, format)
  }
  return format
}

/** What is wrong with a text as a date, as the end of a sentence; undefined if it is a date. */
export function whenFault(text: string): string | undefined {
  if (text.length > longestWhen) return acceptedDates
  const found = parseWhen(text)
  return typeof found === 'string' ? found : undefined
}

/** The bounds, or a sentence that says what is wrong. */
function parseWhen(text: string): Bounds | string {
  const match = whenPattern.exec(text)
  if (!match) return acceptedDates
  const [, until, from, to, start, end] = match
  if (start === undefined) return between(from, to ?? until)
  return text.includes('/') ? lasting(start, end) : within(start)
}

function within(text: string): Bounds | string {
  const point = pointBounds(text)
  return point ? { first: point.first, last: point.last, begunBy: point.last } : noSuchDay(text)
}

function between(from: string | undefined, to: string | undefined): Bounds | string {
  const lower = from === undefined ? undefined : pointBounds(from)
  const upper = to === undefined ? undefined : pointBounds(to)
  if (lower === null || upper === null) return noSuchDay((lower === null ? from : to) as string)
  const first = lower?.first ?? null
  const last = upper?.last ?? null
  if (first !== null && last !== null && last < first) return 'must not end before it starts'
  return { first, last, begunBy: last }
}

function lasting(from: string, to: string | undefined): Bounds | string {
  const start = pointBounds(from)
  const end = to === undefined ? undefined : pointBounds(to)
  if (start === null || end === null) return noSuchDay((start === null ? from : to) as string)
  if (end && end.last < start.first) return 'must not end before it starts'
  return { first: start.first, last: end?.last ?? null, begunBy: start.last }
}

function noSuchDay(text: string): string {
  return `must exist in the calendar: there is no ${text}`
}

const monthLengths = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

function pointBounds(text: string): { first: Day; last: Day } | null {
  const year = Number(text.slice(0, 4))
  if (year === 0) return null
  if (text.length === 4) return { first: `${text}-01-01`, last: `${text}-12-31` }
  const month = Number(text.slice(5, 7))
  const length = daysInMonth(year, month)
  if (length === undefined) return null
  if (text.length === 7) return { first: `${text}-01`, last: `${text}-${length}` }
  const day = Number(text.slice(8))
  return day >= 1 && day <= length ? { first: text, last: text } : null
}

function daysInMonth(year: number, month: number): number | undefined {
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)
  return month === 2 && leap ? 29 : monthLengths[month - 1]
}
