import { domainVocabulary, isContested } from '@commitments/domain'
import { code, dates, day, instant, integer, inWords, labels, several, text, typed, yesOrNo } from './columns.ts'
import { defineTable, type Subject } from './table.ts'

const { kinds, stages, endings, conditions, fields, forms } = domainVocabulary

export const proposalsTable = defineTable<Subject>({
  name: 'proposals',
  words: {
    en: { label: 'Proposals', description: 'One row for each proposal.' },
    vi: { label: 'Đề xuất', description: 'Mỗi đề xuất một dòng.' },
    ko: { label: '제안', description: '제안마다 한 행이다.' },
  },
  scope: 'read',
  key: ['proposalId'],
  foreignKeys: [],
  columns: [
    text('proposalId', ({ status }) => status.proposalId),
    inWords('title', ({ status }) => status.title),
    typed('titles', 'json', ({ status }) => JSON.stringify(status.title)),
    inWords('summary', ({ status }) => status.summary),
    ...code<Subject>('kind', kinds, ({ status }) => status.kind),
    ...code<Subject>('stage', stages, ({ status }) => status.stage),
    ...code<Subject>('ending', endings, ({ status }) => status.ending),
    yesOrNo('suspended', ({ status }) => status.suspended),
    ...code<Subject>('condition', conditions, ({ status }) => status.condition),
    yesOrNo('contested', ({ status }) => isContested(status), 'contestedNow'),
    several('fields', 'string', ({ status }) => status.fields),
    labels('fields', fields, ({ status }) => status.fields),
    text('parent', ({ status }) => status.parent),
    ...dates<Subject>('plannedStart', ({ status }) => status.planned.start, 'start'),
    ...dates<Subject>('plannedEnd', ({ status }) => status.planned.end, 'end'),
    inWords('place', ({ status }) => status.planned.place),
    ...dates<Subject>('agreedOn', ({ status }) => status.history.agreed?.occurredOn),
    ...code<Subject>('form', forms, ({ status }) => status.agreement?.form),
    day('due', ({ status }) => status.due?.day, 'ProposalStatus.due'),
    text('dueOf', ({ status }) => status.due?.milestoneId ?? status.due?.of),
    integer('evidenceCount', ({ status }) => status.evidenceCount),
    day('lastConfirmedOn', ({ status }) => status.lastConfirmedOn),
    instant('lastEventAt', ({ status }) => status.lastEventAt),
    integer('version', ({ status }) => status.version, 'ProposalStatus.version'),
    integer('position', ({ status }) => status.position, 'ProposalStatus.position'),
    typed('url', 'anyURI', ({ status, linkTo }) => linkTo(status.proposalId), 'page'),
  ],
  rows(subject) {
    return [subject]
  },
})
