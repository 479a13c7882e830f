/** Claims that contradict each other, side by side in the same size, each with its sources. None is chosen silently. */

import { labelOf } from '../data/vocabulary.ts'
import { Chip } from '../parts/chips.tsx'
import { SourceList, sourcesOf } from '../parts/sources.tsx'
import { Translated } from '../parts/translated.tsx'
import { Members } from '../parts/value.tsx'
import { say } from '../texts/reader.ts'
import type { History } from './events.ts'
import type { Status } from './status.ts'

export function Contests({ status, history }: { readonly status: Status; readonly history: History }) {
  if (status.contested.length === 0) return null
  return (
    <section id="contested" class="contests" aria-labelledby="contested-title">
      <h2 id="contested-title" class="spoken">
        {say.value.contested}
      </h2>
      {status.contested.map((contest) => (
        <Contest key={contest.version} contest={contest} history={history} />
      ))}
    </section>
  )
}

interface ContestProps {
  readonly contest: Status['contested'][number]
  readonly history: History
}

function Contest({ contest, history }: ContestProps) {
  const words = say.value.proposal
  const { event, version, claim, resolved } = contest
  const against = history.events.find((one) => one.event.version === version)
  const about = history.events.find((one) => one.event.version === event)
  const data =
    about?.corrections.findLast(({ correction }) => correction.data !== undefined)?.correction.data ?? about?.event.data
  const evidence =
    about?.corrections.findLast(({ correction }) => correction.evidence !== undefined)?.correction.evidence ??
    about?.event['evidence']
  return (
    <article class="contest">
      <p>
        <Chip tone="contested" glyph="≠" title={say.value.contestedMeans}>
          {resolved === null ? say.value.contested : words.contestResolved}
        </Chip>
      </p>
      <div class="claims">
        <section class="claim">
          <h3>
            {words.recordedAs} <a href={`#v${event}`}>#{event}</a>
            {about === undefined ? '' : ` ${labelOf('eventTypes', about.event.type)}`}
          </h3>
          {data === undefined ? null : (
            <Members {...(about !== undefined && { of: about.event.type })} members={Object.entries(data)} />
          )}
          <SourceList sources={sourcesOf(evidence)} />
        </section>
        <section class="claim">
          <h3>
            {words.claimedInstead} <a href={`#v${version}`}>#{version}</a>
          </h3>
          <p>
            <Translated text={claim} />
          </p>
          <SourceList sources={sourcesOf(against?.event['evidence'])} />
        </section>
      </div>
      {resolved === null ? null : (
        <p>
          {words.chosen} <Translated text={resolved.chosen} /> <a href={`#v${resolved.version}`}>#{resolved.version}</a>
        </p>
      )}
    </article>
  )
}
