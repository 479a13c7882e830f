/** A row of the CSV: codes and amounts unchanged, and for people names and labels in one language. */
import { domainVocabulary, isContested, labelOf, type WordLanguage, type WordTable } from '@commitments/domain'
import type { ServedStatus } from '../answers/read-status.ts'
import { inLanguage } from '../subscriptions/plain-text.ts'

export const columns = [
  'proposalId',
  'title_en',
  'title_vi',
  'title_ko',
  'titles',
  'kind',
  'stage',
  'ending',
  'suspended',
  'condition',
  'parties',
  'countries',
  'fields',
  'parent',
  'plannedStart',
  'plannedEnd',
  'requested',
  'pledged',
  'committed',
  'disbursed',
  'undisbursed',
  'undisclosedLines',
  'evidenceCount',
  'version',
  'position',
  'lastEventAt',
  'title',
  'summary',
  'kindLabel',
  'stageLabel',
  'endingLabel',
  'conditionLabel',
  'fieldLabels',
  'partiesByRole',
  'contested',
  'due',
  'dueOf',
  'url',
] as const

type Column = (typeof columns)[number]
export type CsvRow = Record<Column, string>

interface Words {
  /** The language of names and labels. */
  readonly language: WordLanguage
  readonly linkTo: (proposalId: string) => string
}

/** Lists are separated by `; `, amounts read `USD 12.50; VND 3000`; `titles` has every language, as JSON. */
export function csvRow(status: ServedStatus, { language, linkTo }: Words): CsvRow {
  const { money, parties, title } = status
  const labels = (table: WordTable, codes: readonly string[]) =>
    list(codes.map((code) => labelOf(table, code, language)))
  const { stages, endings, conditions, kinds, fields, roles } = domainVocabulary
  return {
    proposalId: status.proposalId,
    title_en: title.en ?? '',
    title_vi: title.vi ?? '',
    title_ko: title.ko ?? '',
    titles: JSON.stringify(title),
    kind: status.kind,
    stage: status.stage,
    ending: status.ending ?? '',
    suspended: String(status.suspended),
    condition: status.condition,
    parties: list(parties.map(({ party }) => party)),
    countries: list(new Set(parties.flatMap(({ country }) => country ?? []))),
    fields: list(status.fields),
    parent: status.parent ?? '',
    plannedStart: status.planned.start ?? '',
    plannedEnd: status.planned.end ?? '',
    requested: list(status.requested.flatMap(({ amount }) => (amount ? `${amount.currency} ${amount.value}` : []))),
    pledged: amounts(money.pledged),
    committed: amounts(money.committed),
    disbursed: amounts(money.disbursed),
    undisbursed: amounts(money.undisbursed),
    undisclosedLines: String(money.undisclosed.length),
    evidenceCount: String(status.evidenceCount),
    version: String(status.version),
    position: String(status.position),
    lastEventAt: status.lastEventAt,
    title: inLanguage(title, language),
    summary: inLanguage(status.summary ?? {}, language),
    kindLabel: labels(kinds, [status.kind]),
    stageLabel: labels(stages, [status.stage]),
    endingLabel: labels(endings, status.ending === null ? [] : [status.ending]),
    conditionLabel: labels(conditions, [status.condition]),
    fieldLabels: labels(fields, status.fields),
    partiesByRole: list(
      parties.map(({ party, name, roles: own }) => {
        const asWhat = own.map((role) => labelOf(roles, role, language)).join(', ')
        return `${inLanguage(name ?? {}, language) || party} (${asWhat})`
      }),
    ),
    contested: String(isContested(status)),
    due: status.due?.day ?? '',
    dueOf: status.due?.milestoneId ?? status.due?.of ?? '',
    url: linkTo(status.proposalId),
  }
}

function list(values: Iterable<string>): string {
  return [...values].join('; ')
}

function amounts(totals: ServedStatus['money']['committed']): string {
  return list(Object.entries(totals).map(([currency, value]) => `${currency} ${value}`))
}
