import { domainVocabulary, type Evidence, type RecordedEvent } from '@commitments/domain'
import { code, dates, integer, text, typed, yesOrNo } from './columns.ts'
import { eventsInForce } from './known-events.ts'
import { defineTable, fromEvent, ofProposal } from './table.ts'

interface EvidenceRow {
  readonly event: RecordedEvent
  readonly number: number
  readonly source: Evidence
}

export const evidenceTable = defineTable<EvidenceRow>({
  name: 'evidence',
  words: {
    en: { label: 'Evidence', description: 'One row for each piece of evidence of each event that is in force.' },
    vi: { label: 'Minh chứng', description: 'Mỗi minh chứng của mỗi sự kiện đang có hiệu lực một dòng.' },
    ko: { label: '증빙', description: '유효한 사건의 증빙마다 한 행이다.' },
  },
  scope: 'audit',
  key: ['proposalId', 'version', 'number'],
  foreignKeys: [ofProposal, fromEvent],
  columns: [
    text('proposalId', ({ event }) => event.proposalId),
    integer('version', ({ event }) => event.version, 'eventOf'),
    integer('number', ({ number }) => number, 'evidenceNumber'),
    ...code<EvidenceRow>('type', domainVocabulary.eventTypes, ({ event }) => event.type),
    integer('attachedTo', ({ event }) => (event.type === 'evidence-attached' ? event.data.event : null)),
    text('title', ({ source }) => source.title, 'sourceTitle'),
    text('publisher', ({ source }) => source.publisher),
    ...dates<EvidenceRow>('publishedOn', ({ source }) => source.publishedOn),
    typed('language', 'language', ({ source }) => source.language),
    typed('url', 'anyURI', ({ source }) => source.url),
    text('digest', ({ source }) => source.digest),
    text('supports', ({ source }) => source.supports),
    yesOrNo('partial', ({ source }) => source.partial === true),
    integer('position', ({ event }) => event.position, 'positionOf'),
  ],
  needsEvents: () => true,
  *rows({ events }) {
    const inForce = yield* eventsInForce(events)
    return inForce.flatMap((event) =>
      (event.evidence ?? []).map((source, index): EvidenceRow => ({ event, number: index + 1, source })),
    )
  },
})
