/** Indicators and milestones as results. */
import {
  collecting,
  type IndicatorReport,
  type LanguageMap,
  labelOf,
  outcomeWords,
  type Sliced,
  type WordLanguage,
} from '@commitments/domain'
import type { Code } from './codes.ts'
import type { Course } from './course.ts'
import { planBounds } from './days.ts'
import type { Draft } from './draft.ts'
import { canBeWritten, textIn } from './languages.ts'
import { dateInWords, phrase } from './words.ts'
import type { Element } from './xml.ts'

export function* results(draft: Draft, { proposal }: Course): Sliced<Element[]> {
  const byIndicator = Map.groupBy(proposal.indicators, ({ indicator }) => indicator)
  const outcomes: Element[] = []
  for (const reports of byIndicator.values()) {
    outcomes.push(yield* outcome(draft, reports))
    yield
  }
  return [...outcomes, ...(yield* milestoneResult(draft, proposal.milestones))]
}

const isPercentage = /%|per ?cent|phần trăm|퍼센트|백분율/i

/** One result for each indicator, with a period for each period that was reported. Of two reports of one period, the last. */
function* outcome(draft: Draft, reports: readonly IndicatorReport[]): Sliced<Element> {
  const last = reports.at(-1) as IndicatorReport
  const byPeriod = new Map(reports.map((report) => [report.period ?? null, report]))
  const measure: Code<'IndicatorMeasure'> = Object.values(last.unit).some((unit) => isPercentage.test(unit)) ? '2' : '1'
  const title = titled(draft, last.title, last.indicator, last.version)
  const withPeriod = yield* collecting(byPeriod.values(), period)
  const others = yield* collecting(byPeriod.values(), (report) => (hasPeriod(report) ? [] : [report]))
  const based = yield* collecting(byPeriod.values(), baseline)
  const unit = yield* describedUnit(draft, last, others)
  return {
    '@type': '2' satisfies Code<'ResultType'>,
    title,
    indicator: {
      '@measure': measure,
      '@ascending': last.direction === 'at-least' ? 'true' : last.direction === 'at-most' ? 'false' : undefined,
      title,
      description: { narrative: draft.narratives(unit, 'unit', last.version) },
      baseline: based.slice(-1),
      period: withPeriod,
    },
  }
}

function titled(draft: Draft, title: LanguageMap, id: string, version: number): Element {
  const narrative = canBeWritten(title) ? draft.narratives(title, `title of ${id}`, version) : draft.plain(id, id)
  return { narrative }
}

/** The unit, and in words the values that have no period: IATI has no place for those. */
function* describedUnit(
  draft: Draft,
  { unit }: IndicatorReport,
  others: readonly IndicatorReport[],
): Sliced<LanguageMap> {
  if (others.length === 0) return canBeWritten(unit) ? unit : draft.sentence((language) => textIn(unit, language))
  const said: Record<string, string> = {}
  for (const language of draft.languages)
    said[language] = (yield* collecting(others, (report) => valuesInWords(report, language))).join('; ')
  return { ...unit, ...said }
}

function valuesInWords(report: IndicatorReport, language: WordLanguage): string[] {
  const { baseline, target, actual, unit, period: when } = report
  const blanks = (value: string) => ({ value, unit: textIn(unit, language) })
  return [
    ...(when ? [dateInWords(when, language)] : []),
    ...(baseline === undefined ? [] : [phrase('baseline', language, blanks(baseline))]),
    ...(target === undefined ? [] : [phrase('target', language, blanks(target))]),
    ...(actual === undefined ? [] : [phrase('actual', language, blanks(actual))]),
  ]
}

function hasPeriod({ period: when = null }: IndicatorReport): boolean {
  const { first, last } = planBounds(when)
  return first !== null && last !== null
}

function period(report: IndicatorReport): Element[] {
  const { period: when = null, target, actual, version } = report
  const { first, last } = planBounds(when)
  if (first === null || last === null) return []
  return [
    {
      '@c:version': String(version),
      'period-start': { '@iso-date': first, '@c:date': when ?? undefined },
      'period-end': { '@iso-date': last },
      target: target === undefined ? undefined : { '@value': target },
      actual: actual === undefined ? undefined : { '@value': actual },
    },
  ]
}

/** A baseline needs a year: that in which its period begins. */
function baseline({ period: when = null, baseline: value }: IndicatorReport): Element[] {
  const { first } = planBounds(when)
  return value === undefined || first === null ? [] : [{ '@year': String(Number(first.slice(0, 4))), '@value': value }]
}

type Milestones = Course['proposal']['milestones']

/** All milestones as one result: qualitative, so without values. Outcomes are comments. */
function* milestoneResult(draft: Draft, milestones: Milestones): Sliced<Element[]> {
  if (milestones.length === 0) return []
  const title = draft.sentence((language) => phrase('milestones', language))
  return [
    {
      '@type': '1' satisfies Code<'ResultType'>,
      title: { narrative: draft.narratives(title, 'milestones') },
      indicator: yield* collecting(milestones, (milestone) => [milestoneIndicator(draft, milestone)]),
    },
  ]
}

function milestoneIndicator(draft: Draft, milestone: Milestones[number]): Element {
  const { milestone: id, title, due, reached, version } = milestone
  const { first, last } = planBounds(due)
  const planned =
    due === null ? null : draft.sentence((language) => phrase('planned', language, { date: dueText(due, language) }))
  const happened = reached === null ? null : outcomeText(draft, reached)
  const narrated = (text: LanguageMap | null) =>
    text === null ? undefined : draft.text(text, `milestone ${id}`, version)
  const head = { '@measure': '5' satisfies Code<'IndicatorMeasure'>, title: titled(draft, title, id, version) }
  if (first === null || last === null) return { ...head, description: narrated(joined(planned, happened)) }
  const comment = (text: LanguageMap | null) => (text === null ? undefined : { comment: narrated(text) })
  return {
    ...head,
    period: {
      '@c:version': String(version),
      'period-start': { '@iso-date': first, '@c:date': due ?? undefined },
      'period-end': { '@iso-date': last },
      target: comment(planned),
      actual: comment(happened),
    },
  }
}

function dueText(due: string, language: WordLanguage): string {
  return /^\d{4}-\d{2}-\d{2}$/.test(due) ? due : dateInWords(due, language)
}

function outcomeText(
  draft: Draft,
  { outcome: code, reason, occurredOn }: NonNullable<Milestones[number]['reached']>,
): LanguageMap {
  const label = (language: WordLanguage) => {
    const date = occurredOn === null ? '' : ` (${dueText(occurredOn, language)})`
    return `${labelOf(outcomeWords, code, language)}${date}`
  }
  return reason === null ? draft.sentence(label) : draft.labelled(label, reason)
}

function joined(one: LanguageMap | null, other: LanguageMap | null): LanguageMap | null {
  if (one === null || other === null) return one ?? other
  const languages = new Set([...Object.keys(one), ...Object.keys(other)])
  return Object.fromEntries(
    [...languages].map((language) => [
      language,
      [one[language], other[language]].filter((text) => text !== undefined).join('. '),
    ]),
  )
}
