/** All sources of the record: each document once, with what it supports and the events that cite it. */

import { NoAnswer } from '../parts/panel.tsx'
import { Section } from '../parts/section.tsx'
import { type Source, SourceItem, sourcesOf } from '../parts/sources.tsx'
import { say } from '../texts/reader.ts'
import type { History } from './events.ts'

interface Document {
  readonly source: Source
  readonly supports: Map<string, number[]>
}

export function EvidencePart({ history }: { readonly history: History }) {
  const words = say.value.proposal
  const documents = documentsOf(history)
  return (
    <Section id="evidence" title={words.sections.evidence}>
      {history.reading.answer === null ? (
        <NoAnswer reading={history.reading} />
      ) : documents.length === 0 ? (
        <p class="quiet">{words.noEvidence}</p>
      ) : null}
      <ol class="documents">
        {documents.map(({ source, supports }, index) => (
          <li key={index}>
            <SourceItem source={source} claim={false} />
            <ul class="supports-list">
              {[...supports].map(([claim, versions]) => (
                <li key={claim}>
                  “<span lang="en">{claim}</span>”{' '}
                  {versions.map((version) => (
                    <a key={version} href={`#v${version}`}>
                      #{version}{' '}
                    </a>
                  ))}
                </li>
              ))}
            </ul>
          </li>
        ))}
      </ol>
    </Section>
  )
}

/** Groups by document, because many events may cite the same one. */
function documentsOf({ events }: History): Document[] {
  const documents = new Map<string, Document>()
  for (const { event } of events) {
    for (const source of sourcesOf(event['evidence'])) {
      const key = source.digest ?? source.url ?? `${source.title} ${source.publisher ?? ''}`
      const document = documents.get(key) ?? { source, supports: new Map<string, number[]>() }
      documents.set(key, document)
      const claim = source.supports ?? ''
      document.supports.set(claim, [...(document.supports.get(claim) ?? []), event.version])
    }
  }
  return [...documents.values()]
}
