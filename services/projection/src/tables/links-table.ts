import { domainVocabulary, type Link } from '@commitments/domain'
import { code, dates, integer, inWords, text } from './columns.ts'
import { positionOf } from './known-events.ts'
import { defineTable, fromEvent, ofProposal, type Subject } from './table.ts'

interface LinkRow {
  readonly subject: Subject
  readonly link: Link
}

export const linksTable = defineTable<LinkRow>({
  name: 'links',
  words: {
    en: { label: 'Links', description: 'One row for each link, on the proposal that states it.' },
    vi: { label: 'Liên kết', description: 'Mỗi liên kết một dòng, ở đề xuất nêu liên kết đó.' },
    ko: { label: '연결', description: '연결마다 한 행으로, 연결을 밝힌 제안에 있다.' },
  },
  scope: 'read',
  key: ['proposalId', 'relation', 'other'],
  foreignKeys: [ofProposal, fromEvent],
  columns: [
    text('proposalId', ({ subject }) => subject.status.proposalId),
    ...code<LinkRow>('relation', domainVocabulary.relations, ({ link }) => link.relation),
    text('other', ({ link }) => link.other),
    inWords('otherTitle', ({ subject, link }) => subject.titles.get(link.other)),
    ...dates<LinkRow>('occurredOn', ({ link }) => link.occurredOn),
    integer('version', ({ link }) => link.version, 'eventOf'),
    integer('position', ({ subject, link }) => positionOf(subject.events, link.version), 'positionOf'),
  ],
  needsEvents: ({ links }) => links.length > 0,
  shows: ({ links }) => links.map(({ other }) => other),
  rows(subject) {
    return subject.status.links.map((link): LinkRow => ({ subject, link }))
  },
})
