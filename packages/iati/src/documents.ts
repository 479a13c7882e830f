/** Evidence with an address, as document links. */
import { collecting, type Evidence, type Form, type Sliced } from '@commitments/domain'
import type { Code } from './codes.ts'
import type { Course, Step } from './course.ts'
import { isExact } from './days.ts'
import type { Draft } from './draft.ts'
import { languageCodeOf } from './languages.ts'
import type { Element } from './xml.ts'

type Category = Code<'DocumentCategory'>

const agreementForms: ReadonlySet<Form> = new Set<Form>([
  'memorandum',
  'minutes',
  'record-of-discussions',
  'exchange-of-notes',
  'agreement',
  'treaty',
])

const money: ReadonlySet<string> = new Set<Step['event']['type']>([
  'funded',
  'pledged',
  'disbursed',
  'refunded',
  'decommitted',
  'tranche-planned',
])

/** What a document is, by the event that it is evidence for. */
function categoryOf({ event }: Step): Category {
  if (event.type === 'agreed') {
    if (event.data.form === 'contract') return 'A11'
    return agreementForms.has(event.data.form) ? 'A09' : 'A12'
  }
  if (event.type === 'delivered' || event.type === 'milestone-reached' || event.type === 'milestone-planned')
    return 'A08'
  return money.has(event.type) ? 'A05' : 'A12'
}

interface Document {
  readonly first: Evidence
  readonly version: number
  readonly categories: Set<Category>
  readonly supports: Set<string>
  readonly languages: Set<string>
}

/** Each address once, with everything that was said of it. */
export function* documentLinks(draft: Draft, course: Course): Sliced<Element[]> {
  const documents = new Map<string, Document>()
  const byVersion = new Map(course.steps.map((step) => [step.event.version, step]))
  yield* collecting(course.steps, (step) => {
    const { event } = step
    // Evidence that is attached later belongs to the event that it is attached to.
    const about = event.type === 'evidence-attached' ? (byVersion.get(event.data.event) ?? step) : step
    for (const one of event.evidence ?? []) collect(draft, documents, one, event.version, categoryOf(about))
    return []
  })
  return yield* collecting(documents.values(), (document) => [documentLink(draft, document)])
}

function collect(
  draft: Draft,
  documents: Map<string, Document>,
  evidence: Evidence,
  version: number,
  category: Category,
): void {
  if (evidence.url === undefined) {
    draft.cannotExpress('evidence-without-url')
    return
  }
  const known = documents.get(evidence.url) ?? {
    first: evidence,
    version,
    categories: new Set(),
    supports: new Set(),
    languages: new Set(),
  }
  documents.set(evidence.url, known)
  known.categories.add(category)
  known.supports.add(evidence.supports)
  if (evidence.language !== undefined) known.languages.add(evidence.language)
}

function documentLink(draft: Draft, { first, version, categories, supports, languages }: Document): Element {
  const { url = '', title, publishedOn } = first
  const codes = new Set([...languages].flatMap((tag) => languageCodeOf(tag) ?? []))
  return {
    '@url': uriOf(url),
    '@format': /\.pdf$/i.test(new URL(url).pathname) ? 'application/pdf' : 'text/html',
    // The title is how the document is cited here. The language of the document is another matter: it has an element of its own.
    title: { narrative: draft.plain(title, 'title of evidence', version) },
    description: { narrative: draft.plain([...supports].join('\n'), 'what evidence supports', version) },
    category: [...categories].toSorted().map((code) => ({ '@code': code })),
    language: [...codes].map((code) => ({ '@code': code })),
    'document-date': publishedOn && isExact(publishedOn) ? { '@iso-date': publishedOn } : undefined,
  }
}

/** An address as XML Schema takes one: what RFC 3986 does not allow is percent-encoded. */
export function uriOf(url: string): string {
  const { href, hash } = new URL(url)
  const path = hash === '' ? href : href.slice(0, -hash.length)
  return (
    encoded(path, /[^\w\-.~:/?@!$&'()*+,;=%[\]]/gu) +
    (hash === '' ? '' : `#${encoded(hash.slice(1), /[^\w\-.~:/?@!$&'()*+,;=%]/gu)}`)
  )
}

function encoded(text: string, forbidden: RegExp): string {
  const [scheme = '', host = '', rest = ''] = /^(https?:\/\/)([^/?]*)(.*)$/s.exec(text)?.slice(1) ?? ['', '', text]
  const escaped = rest
    .replace(forbidden, (character) => encodeURIComponent(character))
    .replace(/[[\]]/g, (bracket) => encodeURIComponent(bracket))
    .replace(/%(?![0-9a-f]{2})/gi, '%25')
  return `${scheme}${host}${escaped}`
}
