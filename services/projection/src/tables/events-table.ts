import { type Annotation, type Day, domainVocabulary, type RecordedEvent } from '@commitments/domain'
import type { ReadLine } from '../streams/log-line.ts'
import { code, dates, day, instant, integer, inWords, partyAndName, several, text, yesOrNo } from './columns.ts'
import { countingDays } from './known-events.ts'
import { defineTable, ofProposal, partyIn, type Subject } from './table.ts'

interface EventRow extends ReadLine {
  readonly subject: Subject
  readonly countsFrom: Day | undefined
  readonly annotation: Annotation | undefined
}

export const eventsTable = defineTable<EventRow>({
  name: 'events',
  words: {
    en: { label: 'Events', description: 'One row for each event, as it was recorded.' },
    vi: { label: 'Sự kiện', description: 'Mỗi sự kiện một dòng, như đã ghi.' },
    ko: { label: '사건', description: '사건마다 한 행으로, 기록된 그대로이다.' },
  },
  scope: 'audit',
  key: ['proposalId', 'version'],
  foreignKeys: [ofProposal],
  columns: [
    text('proposalId', ({ entry }) => entry.proposalId),
    integer('version', ({ entry }) => entry.version),
    integer('position', ({ entry }) => entry.position),
    text('eventId', ({ event }) => event?.eventId),
    ...code<EventRow>('type', domainVocabulary.eventTypes, ({ event }) => event?.type),
    ...dates<EventRow>('occurredOn', ({ event }) => event?.occurredOn),
    day('countsFrom', ({ countsFrom }) => countsFrom),
    instant('recordedAt', ({ event }) => event?.recordedAt),
    text('recordedBy', ({ event }) => event?.recordedBy),
    ...partyAndName<EventRow>(
      'assertedBy',
      ({ event }) => event?.assertedBy,
      ({ subject }, party) => partyIn(subject, party)?.name,
    ),
    ...code<EventRow>('confidence', domainVocabulary.confidences, ({ event }) => event?.confidence),
    inWords('note', ({ event }) => event?.note),
    integer('evidenceCount', ({ event }) => event && (event.evidence?.length ?? 0), 'eventEvidence'),
    several('correctedBy', 'integer', ({ annotation }) => annotation?.correctedBy),
    integer('retractedBy', ({ annotation }) => annotation?.retractedBy),
    text('correlationId', ({ event }) => event?.correlationId),
    text('causationId', ({ event }) => event?.causationId),
    yesOrNo('signed', ({ event }) => event && isSigned(event)),
  ],
  needsEvents: () => true,
  *rows(subject) {
    const { events } = subject
    const days = yield* countingDays(events)
    const rows = events.lines.map(
      (read, index): EventRow => ({
        ...read,
        subject,
        countsFrom: days.get(read.entry.version),
        annotation: events.annotations[index],
      }),
    )
    return events.asRead.asOf === null ? rows : rows.filter(({ countsFrom }) => countsFrom !== undefined)
  },
})

function isSigned({ signature }: RecordedEvent): boolean {
  return signature !== undefined
}
