/** The title in all its languages, the kind, the programme that it is part of, and anything unusual about it. */
import { useReading } from '../data/reading.ts'
import { askRows } from '../data/rows.ts'
import { labelOf } from '../data/vocabulary.ts'
import { inWords } from '../dates/words.ts'
import { best, foreign, OtherLanguages, Translated } from '../parts/translated.tsx'
import { readShell } from '../shell.ts'
import { language, say } from '../texts/reader.ts'
import { hrefOf, query } from '../url/location.ts'
import { isPast, momentOf } from '../url/moment.ts'
import type { Status } from './status.ts'

export function Head({ status }: { readonly status: Status }) {
  const { title, kind, related, proposalId, summary, fields, planned } = status
  const words = say.value.proposal
  const shown = best(title)
  const parts = related?.childrenTotal ?? 0
  return (
    <header class="proposal-head">
      <p class="above">
        <a href={hrefOf({ name: 'proposals' })}>‹ {say.value.pages.proposals}</a>
        <ParentLink parent={status.parent} />
      </p>
      <h1 class="recorded" tabIndex={-1} {...foreign(shown.lang)}>
        {shown.text}
      </h1>
      <OtherLanguages text={title} />
      <p class="facts">
        <span>{labelOf('kinds', kind)}</span>
        {parts === 0 ? null : <a href={hrefOf({ name: 'proposals' }, { parent: proposalId })}>{words.parts(parts)}</a>}
        {planned.place === null ? null : <Translated text={planned.place} />}
        {fields.map((field) => (
          <a key={field} class="field" href={hrefOf({ name: 'proposals' }, { field: [field] })}>
            {labelOf('fields', field)}
          </a>
        ))}
        <code class="id">{proposalId}</code>
        <RecordLink proposalId={proposalId} />
        <button type="button" class="no-print" onClick={() => print()}>
          {say.value.list.print}
        </button>
      </p>
      {summary === null ? null : (
        <p class="lead">
          <Translated text={summary} />
        </p>
      )}
      <Banners status={status} />
    </header>
  )
}

/** The past takes no events. */
function RecordLink({ proposalId }: { readonly proposalId: string }) {
  if (readShell().commandUrl === null || isPast(query.value)) return null
  return (
    <a class="button no-print" href={hrefOf({ name: 'record', proposalId })}>
      {say.value.record.event}
    </a>
  )
}

function ParentLink({ parent }: { readonly parent: string | null }) {
  const titles = useReading(
    parent === null ? null : askRows({ ids: [parent], ...momentOf(query.value) }, 'proposalId', 'title'),
  )
  if (parent === null) return null
  const title = titles.answer?.value.proposals[0]?.title
  return (
    <>
      {' '}
      ‹{' '}
      <a href={hrefOf({ name: 'proposal', proposalId: parent })}>
        {title === undefined ? parent : <Translated text={title} />}
      </a>
    </>
  )
}

/** Recorded by mistake, ended, suspended, at risk, parked, out of order: shown at the top, in words. */
function Banners({ status }: { readonly status: Status }) {
  const words = say.value.proposal
  const { end, suspension, risks, flags, parked } = status
  return (
    <>
      {parked === undefined ? null : <p class="banner critical">{words.parked(parked.position)}</p>}
      {end === null ? null : (
        <p class={end.ending === 'void' ? 'banner critical' : 'banner'}>
          <b>⊘ {end.ending === 'void' ? words.void : labelOf('endings', end.ending)}</b> (
          {inWords(end.occurredOn, language.value)}
          ): <Translated text={end.reason} />
        </p>
      )}
      {suspension === null ? null : (
        <p class="banner warning">
          <b>‖ {labelOf('conditions', 'suspended')}</b> ({inWords(suspension.occurredOn, language.value)}):{' '}
          <Translated text={suspension.reason} />
          {suspension.until === null ? null : ` ${words.until(inWords(suspension.until, language.value))}`}
        </p>
      )}
      {risks.map((risk) => (
        <p class="banner warning" key={risk.version}>
          <b>▲ {labelOf('conditions', 'at-risk')}</b>: <Translated text={risk.reason} />{' '}
          <a href={`#v${risk.version}`}>#{risk.version}</a>
        </p>
      ))}
      {flags.map((flag, index) => (
        <p class="banner" key={index}>
          ⚠{' '}
          {flag.flag === 'acts-out-of-order'
            ? words.outOfOrder(labelOf('stages', flag.act), labelOf('stages', flag.follows))
            : words.overPledge(flag.pledge)}
        </p>
      ))}
    </>
  )
}
