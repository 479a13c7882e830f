/** The sources of a claim, next to the claim. */

import { say } from '../texts/reader.ts'
import { When } from './dates.tsx'
import { foreign } from './translated.tsx'

export interface Source {
  readonly title: string
  readonly publisher?: string
  readonly publishedOn?: string | null
  readonly language?: string
  readonly url?: string
  readonly digest?: string
  readonly supports?: string
  readonly partial?: boolean
}

export function SourceList({ sources }: { readonly sources: readonly Source[] }) {
  return (
    <ul class="sources">
      {sources.map((source, index) => (
        <li key={index}>
          <SourceItem source={source} />
        </li>
      ))}
    </ul>
  )
}

interface SourceItemProps {
  readonly source: Source
  /** Whether to show what the source supports. */
  readonly claim?: boolean
}

/** What the source supports comes first, because that is the claim. */
export function SourceItem({ source, claim = true }: SourceItemProps) {
  const words = say.value.sources
  const { supports, partial, publisher, publishedOn, digest } = source
  return (
    <>
      {supports === undefined || !claim ? null : (
        <p class="supports">
          “<span lang="en">{supports}</span>” {partial === true ? <b class="partial">{words.partial}</b> : null}
        </p>
      )}
      <p class="citation">
        <SourceTitle source={source} />
        {publisher === undefined ? null : `, ${publisher}`}
        {publishedOn === undefined ? null : (
          <>
            , <When date={publishedOn} />
          </>
        )}
      </p>
      {digest === undefined ? null : (
        <p class="digest">
          {words.digest} <code>{digest}</code>
        </p>
      )}
    </>
  )
}

/** Preact escapes texts but not addresses, so only web addresses become links. */
function SourceTitle({ source: { title, url, language } }: { readonly source: Source }) {
  const lang = language === undefined ? {} : foreign(language)
  if (url === undefined || !/^https?:\/\//.test(url)) return <cite>{title}</cite>
  return (
    <a class="source-link" href={url} rel="noopener noreferrer" target="_blank">
      <cite>{title}</cite>
      {'lang' in lang ? <span class="tag"> ({lang.lang})</span> : null}
    </a>
  )
}

/** The evidence of a recorded event; anything else is left out. */
export function sourcesOf(evidence: unknown): Source[] {
  if (!Array.isArray(evidence)) return []
  return evidence.filter((one): one is Source => typeof (one as Source | null)?.title === 'string')
}
