/** Pure: the newest events as a feed (RFC 4287). */
import { definitionOf, type RecordedEvent, type WordLanguage } from '@commitments/domain'
import Builder from 'fast-xml-builder'
import { inLanguage, oneLine, pageOf, withoutControls } from './plain-text.ts'

/** An event, and the title that its proposal has today. */
export interface Activity {
  readonly event: Pick<
    RecordedEvent,
    'eventId' | 'proposalId' | 'version' | 'type' | 'recordedAt' | 'occurredOn' | 'recordedBy'
  >
  readonly title: Readonly<Record<string, string>>
}

interface FeedOf {
  readonly language: WordLanguage
  readonly logId: string
  /** Empty if it is not known. */
  readonly publicUrl: string
  /** The path and query of the request. */
  readonly target: string
}

const texts = {
  en: { title: 'Commitments: recorded lately', happened: 'happened', unknown: 'date not known' },
  vi: { title: 'Cam kết: ghi nhận gần đây', happened: 'xảy ra', unknown: 'không rõ ngày' },
  ko: { title: '공약: 최근 기록', happened: '발생', unknown: '날짜 미상' },
} as const

const builder = new Builder({ ignoreAttributes: false, attributeNamePrefix: '@', suppressEmptyNode: true })

/** @param activities the newest first */
export function activityFeed(activities: readonly Activity[], of: FeedOf): string {
  const { language, logId, publicUrl, target } = of
  const self = publicUrl === '' ? target : `${publicUrl.replace(/\/$/, '')}${target}`
  return builder.build({
    '?xml': { '@version': '1.0', '@encoding': 'utf-8' },
    feed: {
      '@xmlns': 'http://www.w3.org/2005/Atom',
      '@xml:lang': language,
      id: `urn:uuid:${logId}`,
      title: texts[language].title,
      // The time of the newest event; a ledger without events was never updated.
      updated: activities[0]?.event.recordedAt ?? '1970-01-01T00:00:00Z',
      author: { name: 'Commitments' },
      link: { '@rel': 'self', '@type': 'application/atom+xml', '@href': self },
      entry: activities.map((activity) => entryOf(activity, of)),
    },
  })
}

function entryOf({ event, title }: Activity, { language, publicUrl }: FeedOf) {
  const { eventId, proposalId, version, type, recordedAt, occurredOn, recordedBy } = event
  const words = texts[language]
  const what = definitionOf(type)?.words[language].label ?? type
  const page = pageOf(publicUrl, proposalId)
  return {
    id: `urn:uuid:${eventId}`,
    title: oneLine(`${what} – ${inLanguage(title, language)}`),
    updated: recordedAt,
    author: { name: oneLine(recordedBy) },
    category: { '@term': type, '@label': what },
    ...(page === null ? {} : { link: { '@rel': 'alternate', '@href': `${page}#v${version}` } }),
    summary: withoutControls(
      `${proposalId}, #${version}: ${what}; ${occurredOn === null ? words.unknown : `${words.happened} ${occurredOn}`}`,
    ),
  }
}
