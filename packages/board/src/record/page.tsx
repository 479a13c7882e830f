/** Recording by hand: the choice of what happened, and the form for it. */
import type { EventTypes } from '@commitments/client'
import { giveRecordingKey, recordingKey } from '../data/api-key.ts'
import { ask } from '../data/ask.ts'
import { shownOf, useReading } from '../data/reading.ts'
import { labelOf, meaningOf, possibleFrom } from '../data/vocabulary.ts'
import { KeyForm } from '../parts/key-form.tsx'
import { NoAnswer } from '../parts/panel.tsx'
import { PartyNames } from '../parts/party.tsx'
import { best, foreign } from '../parts/translated.tsx'
import { type History, type KnownEvent, useEvents } from '../proposal/events.ts'
import { namesOf } from '../proposal/page.tsx'
import type { Status } from '../proposal/status.ts'
import { readShell } from '../shell.ts'
import { say } from '../texts/reader.ts'
import { useTitle } from '../time/title.ts'
import { hrefOf, place } from '../url/location.ts'
import type { RecordPage as Address } from '../url/pages.ts'
import { EventForm } from './event-form.tsx'
import { type EventType, isPossible } from './possible.ts'

export function RecordPage() {
  const { page } = place.value
  const words = say.value.record
  const types = useReading(ask('/v1/event-types'))
  const isNew = page.name === 'record' && page.proposalId === undefined
  useTitle(isNew ? words.proposal : words.event)
  if (page.name !== 'record') return null
  if (readShell().commandUrl === null) return <p class="empty">{words.nowhere}</p>
  const known = shownOf(types)
  if (known === null) return <NoAnswer reading={types} />
  const { proposalId } = page
  return proposalId === undefined ? (
    <NewProposal types={known} />
  ) : (
    <OfProposal key={proposalId} page={page} proposalId={proposalId} types={known} />
  )
}

function NewProposal({ types }: { readonly types: EventTypes }) {
  const type = types.eventTypes.find((one) => one.from.accepts === 'new')
  if (type === undefined) return null
  return (
    <>
      <h1 tabIndex={-1}>{say.value.record.proposal}</h1>
      <KeyPart />
      <EventForm type={type} types={types} status={null} events={[]} />
    </>
  )
}

interface OfProposalProps {
  readonly page: Address
  readonly proposalId: string
  readonly types: EventTypes
}

function OfProposal({ page, proposalId, types }: OfProposalProps) {
  const reading = useReading(ask('/v1/proposals/{proposalId}', {}, { proposalId }))
  const status = shownOf(reading)
  if (status === null) return <NoAnswer reading={reading} />
  return (
    <PartyNames.Provider value={namesOf(status)}>
      <WithHistory page={page} status={status} types={types} />
    </PartyNames.Provider>
  )
}

interface WithHistoryProps {
  readonly page: Address
  readonly status: Status
  readonly types: EventTypes
}

function WithHistory({ page, status, types }: WithHistoryProps) {
  const history = useEvents(status)
  const words = say.value.record
  const { proposalId } = status
  const title = best(status.title)
  const type = types.eventTypes.find((one) => one.type === page.type && one.from.accepts !== 'new')
  return (
    <>
      <header class="proposal-head">
        <p class="above">
          <a href={hrefOf({ name: 'proposal', proposalId })}>
            ‹ <span {...foreign(title.lang)}>{title.text}</span>
          </a>
          {type === undefined ? null : (
            <>
              {' '}
              ‹ <a href={hrefOf({ name: 'record', proposalId })}>{words.otherType}</a>
            </>
          )}
        </p>
        <h1 tabIndex={-1}>{type === undefined ? words.for(title.text) : labelOf('eventTypes', type.type)}</h1>
        <p class="quiet">{words.stageNow(standing(status))}</p>
      </header>
      {page.type !== undefined && type === undefined ? <p class="empty">{words.unknownType}</p> : null}
      {type === undefined ? <TypeChoice status={status} types={types} /> : <KeyPart />}
      {type === undefined ? null : <FormOf {...{ page, status, types, type, history }} />}
    </>
  )
}

interface FormOfProps extends WithHistoryProps {
  readonly type: EventType
  readonly history: History
}

/** The form names events and starts from the one that it concerns: it waits for the history. */
function FormOf({ page, status, types, type, history: { reading, events } }: FormOfProps) {
  if (reading.answer === null) return <NoAnswer reading={reading} />
  return (
    <EventForm
      key={`${type.type} ${page.event}`}
      type={type}
      types={types}
      status={status}
      events={events}
      {...aboutOf(page, events)}
    />
  )
}

function standing({ stage, ending }: Status): string {
  return ending === null ? labelOf('stages', stage) : labelOf('endings', ending)
}

function aboutOf({ event }: Address, events: readonly KnownEvent[]): { readonly about?: KnownEvent } {
  const about = events.find((known) => known.event.version === event)
  return about === undefined ? {} : { about }
}

interface TypeChoiceProps {
  readonly status: Status
  readonly types: EventTypes
}

/** What is possible from here comes first; the service decides. */
function TypeChoice({ status, types }: TypeChoiceProps) {
  const words = say.value.record
  const usable = types.eventTypes.filter(({ from }) => from.accepts !== 'new')
  const [possible, others] = [true, false].map((wanted) =>
    usable.filter((one) => isPossible(one, status, types.kinds) === wanted),
  )
  return (
    <section class="panel" aria-labelledby="choose-title">
      <h2 id="choose-title">{words.choose}</h2>
      <h3>{words.possible}</h3>
      <Groups status={status} types={possible ?? []} />
      <h3>{words.others}</h3>
      <Groups status={status} types={others ?? []} />
    </section>
  )
}

interface GroupsProps {
  readonly status: Status
  readonly types: readonly EventType[]
}

function Groups({ status: { proposalId }, types }: GroupsProps) {
  const groups = [...Map.groupBy(types, ({ group }) => group)]
  return (
    <dl class="event-choice">
      {groups.map(([group, some]) => (
        <div key={group}>
          <dt>{labelOf('eventGroups', group)}</dt>
          <dd class="chips">
            {some.map(({ type }) => (
              <a
                key={type}
                class="chip"
                title={`${meaningOf('eventTypes', type)} ${say.value.record.from} ${possibleFrom(type)}`}
                href={hrefOf({ name: 'record', proposalId, type })}
              >
                {labelOf('eventTypes', type)}
              </a>
            ))}
          </dd>
        </div>
      ))}
    </dl>
  )
}

/** The key or the token is asked for once in a window. */
function KeyPart() {
  const words = say.value.record.key
  if (recordingKey.value !== null) {
    return (
      <p class="no-print">
        <button type="button" onClick={() => giveRecordingKey(null)}>
          {words.forget}
        </button>
      </p>
    )
  }
  return <KeyForm name="recording-key" words={words} give={giveRecordingKey} />
}
