/** Pure: planned dates as a calendar (RFC 5545) to subscribe to. */
import {
  addDays,
  type Day,
  dueWords,
  firstDay,
  kindWords,
  labelOf,
  lastDay,
  type Proposal,
  stageWords,
  type When,
  type WordLanguage,
} from '@commitments/domain'
import ical, { type ICalCalendar } from 'ical-generator'
import { inLanguage, oneLine, pageOf, withoutControls } from './plain-text.ts'

/** One date of one proposal. */
interface Entry {
  /** Stays the same for as long as the proposal has this date. */
  readonly name: string
  readonly when: When
  /** The first day of an entry that lasts several days. */
  readonly from?: Day
  readonly what: string
  readonly detail: string
}

interface CalendarOf {
  readonly language: WordLanguage
  readonly logId: string
  /** Empty if it is not known. */
  readonly publicUrl: string
}

const texts = {
  en: {
    name: 'Commitments',
    latest: 'at the latest',
    inexact: (when: string) => `The day is not known exactly (${when}). This is the last possible day.`,
    stage: 'Stage',
  },
  vi: {
    name: 'Cam kết',
    latest: 'chậm nhất',
    inexact: (when: string) => `Không biết chính xác ngày (${when}). Đây là ngày muộn nhất có thể.`,
    stage: 'Giai đoạn',
  },
  ko: {
    name: '공약',
    latest: '늦어도',
    inexact: (when: string) => `정확한 날짜는 알려지지 않았다(${when}). 이 날이 가능한 마지막 날이다.`,
    stage: '단계',
  },
} as const

export function createCalendar({ language }: CalendarOf): ICalCalendar {
  const { name } = texts[language]
  return ical({ name, prodId: { company: 'Commitments', product: 'calendar', language: language.toUpperCase() } })
}

/** Adds the planned dates of a proposal. */
export function addProposal(calendar: ICalCalendar, proposal: Proposal, of: CalendarOf): void {
  for (const entry of entriesOf(proposal, of.language)) addEntry(calendar, proposal, entry, of)
}

/** The whole text, with an end for each line. */
export function calendarText(calendar: ICalCalendar): string {
  return `${calendar.toString()}\r\n`
}

/**
 * A proposal that was delivered, closed or ended has no planned dates any more, but a session that took place stays. A date without a last
 * possible day is left out.
 */
function entriesOf(proposal: Proposal, language: WordLanguage): Entry[] {
  const { kind, stage, ending, planned, milestones, title } = proposal
  const of = oneLine(inLanguage(title, language))
  if (ending !== null) return []
  if (kind === 'committee-session') return session(proposal, language, of)
  if (stage === 'delivered' || stage === 'closed') return []
  const end =
    planned.end === null ? [] : [entry('planned-end', planned.end, labelOf(dueWords, 'planned-end', language), of)]
  const open = milestones.flatMap(({ milestone, title, due, reached }) => {
    if (due === null || reached !== null) return []
    const what = `${labelOf(dueWords, 'milestone', language)}: ${oneLine(inLanguage(title, language))}`
    return [entry(`milestone.${milestone}`, due, what, of)]
  })
  return [...end, ...open].filter(({ when }) => lastDay(when) !== null)
}

function entry(name: string, when: When, what: string, detail: string): Entry {
  return { name, when, what, detail }
}

/** With its first day, if that is known. */
function session({ planned: { start, end } }: Proposal, language: WordLanguage, of: string): Entry[] {
  const when = end ?? start
  if (when === null || lastDay(when) === null) return []
  const begins = start ?? when
  const from = isExact(when) || when.includes('/') ? firstDay(begins) : null
  const isKnown = from !== null && (isExact(begins) || begins.includes('/'))
  return [
    { ...entry('session', when, labelOf(kindWords, 'committee-session', language), of), ...(isKnown ? { from } : {}) },
  ]
}

function isExact(when: When): boolean {
  return firstDay(when) === lastDay(when)
}

function addEntry(calendar: ICalCalendar, proposal: Proposal, entry: Entry, of: CalendarOf): void {
  const { proposalId, version, recordedAt, stage, place } = { ...proposal, place: proposal.planned.place }
  const { language, logId, publicUrl } = of
  const words = texts[language]
  const last = lastDay(entry.when) as Day
  const from = entry.from ?? last
  const inexact = entry.from === undefined && !isExact(entry.when)
  const page = pageOf(publicUrl, proposalId)
  const lines = [
    ...(inexact ? [words.inexact(entry.when)] : []),
    entry.detail,
    `${words.stage}: ${labelOf(stageWords, stage, language)}`,
    proposalId,
    ...(page === null ? [] : [page]),
  ]
  calendar.createEvent({
    id: `${proposalId}.${entry.name}@${logId}`,
    start: midnight(from),
    // The first day after it; if the calendar ends there, the entry lasts one day.
    end: midnight(addDays(last, 1) ?? last),
    allDay: true,
    summary: `${entry.what}${inexact ? ` (${words.latest})` : ''}: ${entry.detail}`,
    description: { plain: withoutControls(lines.join('\n')) },
    location: place === null ? null : oneLine(inLanguage(place, language)),
    url: page,
    // The time of the record, so that the same record makes the same calendar.
    stamp: new Date(recordedAt),
    lastModified: new Date(recordedAt),
    sequence: version,
  })
}

function midnight(day: Day): Date {
  return new Date(`${day}T00:00:00Z`)
}
