/** One event in three layers: the sentence, its content and sources, and the line as it was recorded. */
import type { ComponentChildren } from 'preact'
import { useState } from 'preact/hooks'
import { labelOf, meaningOf } from '../data/vocabulary.ts'
import { isFreshAt } from '../live/hear.ts'
import { RecordedAt, When } from '../parts/dates.tsx'
import { FreshWord } from '../parts/fresh.tsx'
import { PartyName } from '../parts/party.tsx'
import { printing } from '../parts/printing.ts'
import { SourceList, sourcesOf } from '../parts/sources.tsx'
import { type LanguageMap, Translated } from '../parts/translated.tsx'
import { Members, memberName, Value } from '../parts/value.tsx'
import { isInLog } from '../proof/marks.ts'
import { readShell } from '../shell.ts'
import { say } from '../texts/reader.ts'
import { hrefOf, place, query } from '../url/location.ts'
import { isPast } from '../url/moment.ts'
import { type KnownEvent, type RecordedEvent, reasonOf } from './events.ts'
import { FieldsChangedBy } from './fields-over-time.tsx'
import { sentenceOf } from './sentence.tsx'

interface EntryProps {
  readonly known: KnownEvent
  readonly proposalId: string
}

/** Whether the address leads to it. */
export function isNamed({ version }: RecordedEvent): boolean {
  return place.value.fragment === `v${version}`
}

export function TimelineEntry({ known, proposalId }: EntryProps) {
  const { event, retraction, counts } = known
  const { version } = event
  const words = say.value.proposal
  const marked = isNamed(event)
  const classes = [
    'entry',
    ...(marked ? ['marked'] : []),
    ...(retraction ? ['retracted'] : []),
    ...(counts ? [] : ['uncounted']),
    ...(isFreshAt(event.position) ? ['fresh'] : []),
  ]
  return (
    <li id={`v${version}`} class={classes.join(' ')} tabIndex={-1}>
      <div class="entry-happened">
        <span class="small-label">{words.happened}</span>
        <Happened known={known} />
      </div>
      <div class="entry-recorded">
        <span class="small-label">{words.recorded}</span>
        <RecordedAt instant={event.recordedAt} />
      </div>
      <div class="entry-what">
        <p class="entry-title">
          <a class="version" href={`#v${version}`}>
            #{version}
          </a>{' '}
          <FreshWord position={event.position} />
          <b title={meaningOf('eventTypes', event.type)}>{labelOf('eventTypes', event.type)}</b>{' '}
          <Sentence known={known} />
          <Marks known={known} />
        </p>
        {counts ? null : <p class="sub">{words.notCounted}</p>}
        <WhoSaysSo event={event} />
        {retraction === null ? <Corrections known={known} /> : <Retraction by={retraction} />}
        {event.erased === undefined ? null : <Erased record={known.erasure} />}
        <Note event={event} />
        <Details known={known} proposalId={proposalId} open={marked} />
        {isInLog(event) ? (
          <p class="sub in-log">
            <span aria-hidden="true">✓</span> {say.value.proof.inLog}
          </p>
        ) : null}
      </div>
    </li>
  )
}

function Happened({ known: { event, occurredOn } }: { readonly known: KnownEvent }) {
  if (event.occurredOn === occurredOn) return <When date={occurredOn} />
  const words = say.value.proposal
  return (
    <>
      <ins>
        <span class="spoken">{words.now} </span>
        <When date={occurredOn} />
      </ins>{' '}
      <del>
        <span class="spoken">{words.was} </span>
        <When date={event.occurredOn} />
      </del>
    </>
  )
}

function Sentence({ known }: { readonly known: KnownEvent }) {
  const data =
    known.corrections.findLast(({ correction }) => correction.data !== undefined)?.correction.data ?? known.event.data
  const said = sentenceOf(known.event.type, data)
  return said === null ? null : <span class="sentence">· {said}</span>
}

/** ✎ our record was wrong; ⇄ the terms changed in the world. */
function Marks({ known: { event, corrections, retraction } }: { readonly known: KnownEvent }) {
  const words = say.value.proposal
  return (
    <>
      {corrections.length === 0 || retraction ? null : <span class="mark-word"> ✎ {words.corrected}</span>}
      {retraction ? <span class="mark-word"> ✕ {words.retracted}</span> : null}
      {event.type === 'amended' ? <span class="mark-word"> ⇄ {words.amended}</span> : null}
    </>
  )
}

function WhoSaysSo({ event }: { readonly event: RecordedEvent }) {
  const words = say.value.proposal
  const { assertedBy, confidence, evidence } = event
  const sources = sourcesOf(evidence).length
  return (
    <p class="quiet word">
      {typeof confidence === 'string' ? (
        <span title={meaningOf('confidences', confidence)}>{labelOf('confidences', confidence)}</span>
      ) : null}
      {typeof assertedBy === 'string' ? (
        <>
          {' · '}
          {words.assertedBy} <PartyName party={assertedBy} />
        </>
      ) : null}
      {sources === 0 ? null : ` · ${words.sourceCount(sources)}`}
    </p>
  )
}

function Note({ event }: { readonly event: RecordedEvent }) {
  const note = event['note']
  if (typeof note !== 'object' || note === null) return null
  return (
    <p class="note">
      <Translated text={note} />
    </p>
  )
}

/** The old value, struck through, and the new one, with the event that corrected it. */
function Corrections({ known: { event, corrections } }: { readonly known: KnownEvent }) {
  const words = say.value.proposal
  if (corrections.length === 0) return null
  return (
    <ul class="corrections">
      {corrections.map(({ by, correction }) => (
        <li key={by.version}>
          <p>
            ✎ {words.correctedBy} <a href={`#v${by.version}`}>#{by.version}</a>
            <Reason of={by} />
          </p>
          {correction.data === undefined ? null : (
            <ChangedMembers type={event.type} before={event.data} after={correction.data} />
          )}
        </li>
      ))}
    </ul>
  )
}

interface ChangedMembersProps {
  readonly type: string
  readonly before: Readonly<Record<string, unknown>>
  readonly after: Readonly<Record<string, unknown>>
}

function ChangedMembers({ type, before, after }: ChangedMembersProps) {
  const words = say.value.proposal
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])]
  const changed = names.filter((name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]))
  if (changed.length === 0) return null
  return (
    <dl class="members changed">
      {changed.map((name) => (
        <div key={name}>
          <dt>{memberName(name, type)}</dt>
          <dd>
            <Folded long={isLong(before[name]) || isLong(after[name])}>
              <del>
                <span class="spoken">{words.was} </span>
                {name in before ? <Value member={name} value={before[name]} /> : words.nothing}
              </del>{' '}
              <ins>
                <span class="spoken">{words.now} </span>
                {name in after ? <Value member={name} value={after[name]} /> : words.nothing}
              </ins>
            </Folded>
          </dd>
        </div>
      ))}
    </dl>
  )
}

/** Long content is folded until the reader opens it or prints. */
function Folded({ long, children }: { readonly long: boolean; readonly children: ComponentChildren }) {
  if (!long) return children
  return (
    <details open={printing.value}>
      <summary>{say.value.proposal.wasAndNow}</summary>
      {children}
    </details>
  )
}

function isLong(value: unknown): boolean {
  return (JSON.stringify(value) ?? '').length > 400
}

function Retraction({ by }: { readonly by: RecordedEvent }) {
  const words = say.value.proposal
  return (
    <p>
      ✕ {words.retractedBy} <a href={`#v${by.version}`}>#{by.version}</a>
      <Reason of={by} />
    </p>
  )
}

/** Its texts are gone: what is left of them are marks, which the reader should not take for what was recorded. */
function Erased({ record }: { readonly record: RecordedEvent | null }) {
  const words = say.value.proposal
  return (
    <p>
      █ {words.erased}{' '}
      {record === null ? null : (
        <>
          <a href={`#v${record.version}`}>#{record.version}</a>
          <Reason of={record} />
        </>
      )}
    </p>
  )
}

/** After the words that lead to the event. */
function Reason({ of }: { readonly of: RecordedEvent }) {
  const reason = reasonOf(of)
  if (!isText(reason)) return null
  return (
    <>
      : <Translated text={reason} />
    </>
  )
}

function isText(value: unknown): value is LanguageMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function Details({ known, proposalId, open }: EntryProps & { readonly open: boolean }) {
  const words = say.value.proposal
  const { event, corrections } = known
  const [unfolded, unfold] = useState(false)
  const evidence =
    corrections.findLast(({ correction }) => correction.evidence !== undefined)?.correction.evidence ??
    event['evidence']
  const shown = open || unfolded || printing.value
  return (
    <details class="entry-details" open={shown} onToggle={({ currentTarget }) => unfold(currentTarget.open)}>
      <summary>{words.more}</summary>
      {shown ? (
        <>
          <SourceList sources={sourcesOf(evidence)} />
          {event.type === 'corrected' ? null : <Members of={event.type} members={Object.entries(event.data)} />}
          <RecordAbout known={known} proposalId={proposalId} />
          <FieldsChangedBy proposalId={proposalId} version={event.version} />
          <details class="line">
            <summary>{words.asRecorded}</summary>
            <pre lang="en">{JSON.stringify(event, null, 2)}</pre>
          </details>
        </>
      ) : null}
    </details>
  )
}

const aboutEvents = ['corrected', 'retracted', 'contested'] as const

/** The record of an erasure stays, whatever is said about it. */
function mayBeAbout(event: RecordedEvent): (type: (typeof aboutEvents)[number]) => boolean {
  return (type) => event.type !== 'erased' || type === 'contested'
}

/** What can be recorded about an event starts from it. The past takes no events. */
function RecordAbout({ known: { event, retraction }, proposalId }: EntryProps) {
  const words = say.value.record.about
  if (retraction !== null || readShell().commandUrl === null || isPast(query.value)) return null
  return (
    <p class="no-print">
      {aboutEvents.filter(mayBeAbout(event)).map((type) => (
        <a key={type} class="button" href={hrefOf({ name: 'record', proposalId, type, event: event.version })}>
          {words[type]}
        </a>
      ))}
    </p>
  )
}
