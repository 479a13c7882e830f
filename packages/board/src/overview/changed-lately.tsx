/** The proposals that changed last, for a key that may not read the log itself: what happened is known only of what came while the page is open. */
import { useReading } from '../data/reading.ts'
import { askRows } from '../data/rows.ts'
import { labelOf } from '../data/vocabulary.ts'
import { isFresh, recent } from '../live/hear.ts'
import { RecordedAt } from '../parts/dates.tsx'
import { Panel } from '../parts/panel.tsx'
import { Translated } from '../parts/translated.tsx'
import { say } from '../texts/reader.ts'
import { hrefOf, query } from '../url/location.ts'
import { filtersOf } from '../url/moment.ts'

const shown = 8

export function ChangedLately() {
  const rows = askRows(
    { ...filtersOf(query.value), sort: '-updated', limit: shown },
    'proposalId',
    'title',
    'lastEventAt',
  )
  const typeOf = new Map(recent.value.map(({ proposalId, type }) => [proposalId, type]))
  return (
    <Panel id="lately" title={say.value.overview.lately} reading={useReading(rows)}>
      {({ proposals }) => (
        <ol class="lately">
          {proposals.map(({ proposalId, title, lastEventAt }) => {
            const type = typeOf.get(proposalId) ?? null
            return (
              <li key={proposalId}>
                <article class={isFresh(proposalId) ? 'event-line fresh' : 'event-line'}>
                  <p>
                    {isFresh(proposalId) ? <span class="fresh-word">{say.value.live.fresh}</span> : null}
                    <a href={hrefOf({ name: 'proposal', proposalId })}>
                      <Translated text={title} />
                    </a>
                    {type === null ? null : (
                      <>
                        {' '}
                        — <b>{labelOf('eventTypes', type)}</b>
                      </>
                    )}
                  </p>
                  <p class="quiet">
                    {say.value.event.recorded} <RecordedAt instant={lastEventAt} />
                  </p>
                </article>
              </li>
            )
          })}
        </ol>
      )}
    </Panel>
  )
}
