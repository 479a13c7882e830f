/** One recorded event as a sentence: when it was recorded, for which proposal, what happened and when. */
import type { EventItem } from '@commitments/client'
import { labelOf, meaningOf } from '../data/vocabulary.ts'
import { isFreshAt } from '../live/hear.ts'
import { say } from '../texts/reader.ts'
import { hrefOf } from '../url/location.ts'
import { RecordedAt, When } from './dates.tsx'
import { FreshWord } from './fresh.tsx'
import { type LanguageMap, Translated } from './translated.tsx'

export function RecordedEventLine({
  event,
  title,
}: {
  readonly event: EventItem['event']
  readonly title: LanguageMap
}) {
  const words = say.value.event
  const { proposalId, version, type, occurredOn, recordedAt, position } = event
  return (
    <article class={isFreshAt(position) ? 'event-line fresh' : 'event-line'}>
      <p>
        <FreshWord position={position} />
        <a href={hrefOf({ name: 'proposal', proposalId }, {}, `v${version}`)}>
          <Translated text={title} />
        </a>{' '}
        — <b title={meaningOf('eventTypes', type)}>{labelOf('eventTypes', type)}</b>
      </p>
      <p class="quiet">
        {words.happened} <When date={occurredOn} /> · {words.recorded} <RecordedAt instant={recordedAt} />
        {' · '}
        {say.value.position(position)}
        <Confidence event={event} />
      </p>
    </article>
  )
}

/** How certain the source is, as declared when the event was recorded. */
function Confidence({ event }: { readonly event: EventItem['event'] }) {
  const confidence = event['confidence']
  if (typeof confidence !== 'string') return null
  return <span title={meaningOf('confidences', confidence)}> · {labelOf('confidences', confidence)}</span>
}
