/** The status and the dates of an activity. */
import { type Act, type Day, type Kind, type Proposal, profiles, type When } from '@commitments/domain'
import type { Code } from './codes.ts'
import { type Course, stepsOf } from './course.ts'
import { dayOfBeginning, dayOfHappening, type Happening, planBounds } from './days.ts'

/** For these, delivered means in force: their physical activity is not complete, and they have no end. */
export function isInstrument(kind: Kind): boolean {
  return kind === 'memorandum' || kind === 'framework-agreement' || kind === 'treaty'
}

/** Pipeline 1, implementation 2, finalisation 3, closed 4, cancelled 5, suspended 6. From acts, never from dates. */
export function statusOf(proposal: Proposal): Code<'ActivityStatus'> {
  const { ending, suspended, stage, kind, history, delivery, transactions } = proposal
  if (ending !== null) {
    const ranItsCourse = ending === 'expired' || ending === 'superseded'
    return ranItsCourse && history.delivered !== null ? '4' : '5'
  }
  if (suspended) return '6'
  if (stage === 'closed') return '4'
  if (stage === 'delivered') return isInstrument(kind) ? '2' : '3'
  if (stage === 'funded') return delivery.started !== null || transactions.length > 0 ? '2' : '1'
  return '1'
}

/** A date of an activity: the day that is written, and what is known. */
interface ActivityDate {
  readonly type: Code<'ActivityDateType'>
  readonly day: Day
  readonly known: When
}

interface Dates {
  readonly dates: readonly ActivityDate[]
  /** Dates that were left out, because they would contradict an earlier one. */
  readonly contradictions: readonly {
    readonly rule: '11.1.2' | '11.1.3'
    readonly known: When
    readonly version: number | null
  }[]
}

/** The dates that can be written: planned ones at the outer bounds, actual ones where they had certainly happened. */
export function datesOf(course: Course, limit: Day): Dates {
  const { planned } = course.proposal
  const plannedStart = dated('1', planned.start, planBounds(planned.start).first)
  const plannedEnd = dated('3', planned.end, planBounds(planned.end).last)
  const [actualStart, actualEnd] = [actualStartOf(course, limit), actualEndOf(course, limit)]
  const contradictions: Dates['contradictions'][number][] = []
  if (plannedStart && plannedEnd && plannedEnd.day < plannedStart.day)
    contradictions.push({ rule: '11.1.2', known: plannedEnd.known, version: null })
  if (actualStart && actualEnd && actualEnd.day < actualStart.day)
    contradictions.push({
      rule: '11.1.3',
      known: actualEnd.known,
      version: course.proposal.history.delivered?.version ?? null,
    })
  const rules = contradictions.map(({ rule }) => rule)
  const dates = [
    plannedStart,
    actualStart,
    rules.includes('11.1.2') ? null : plannedEnd,
    rules.includes('11.1.3') ? null : actualEnd,
  ]
  return { dates: dates.filter((date) => date !== null), contradictions }
}

function dated(type: ActivityDate['type'], known: When | null, day: Day | null): ActivityDate | null {
  return known === null || day === null ? null : { type, known, day }
}

/** It was started; or money was disbursed; or the meeting was held; or the instrument is in force. */
function actualStartOf(course: Course, limit: Day): ActivityDate | null {
  const { kind, delivery, history } = course.proposal
  const started = beginning('2', delivery.started, limit)
  if (started) return started
  const payments = stepsOf(course, 'disbursed').flatMap(({ event }) => beginning('2', event, limit) ?? [])
  const [first] = payments.toSorted((a, b) => (a.day < b.day ? -1 : 1))
  if (first) return first
  return profiles[kind].session || isInstrument(kind) ? beginning('2', history.delivered, limit) : null
}

function beginning(type: ActivityDate['type'], happening: Act | Happening | null, limit: Day): ActivityDate | null {
  if (happening === null) return null
  const found = dayOfBeginning(happening, limit)
  return 'day' in found ? dated(type, happening.occurredOn, found.day) : null
}

function actualEndOf({ proposal }: Course, limit: Day): ActivityDate | null {
  const { kind, history } = proposal
  if (history.delivered === null || isInstrument(kind)) return null
  const found = dayOfHappening(history.delivered, limit)
  return 'day' in found ? dated('4', history.delivered.occurredOn, found.day) : null
}
