/** The values of each field of the status over time, and the events that set them, from the API. */
import { useState } from 'preact/hooks'
import { askChanges, type Changes } from '../data/history.ts'
import { useReading } from '../data/reading.ts'
import { When } from '../parts/dates.tsx'
import { FailureNote, Skeleton } from '../parts/panel.tsx'
import { Section } from '../parts/section.tsx'
import { memberName, Value } from '../parts/value.tsx'
import { say } from '../texts/reader.ts'
import { query } from '../url/location.ts'
import { wasKnown } from '../url/moment.ts'
import type { Status } from './status.ts'

type Field = Changes['fields'][number]

/** Shown elsewhere, or of no use to people. */
const unsaid = new Set(['proposalId', 'history', 'version', 'position', 'lastEventAt', 'evidenceCount', 'stageHistory'])

function useChanges(proposalId: string, wanted: boolean) {
  return useReading(wanted ? askChanges(proposalId) : null)
}

export function FieldsOverTime({ status: { proposalId } }: { readonly status: Status }) {
  const words = say.value.proposal
  const [open, setOpen] = useState(false)
  const { answer, failure, retry } = useChanges(proposalId, open)
  return (
    <Section id="fields" title={words.sections.fields}>
      <details class="explain" onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
        <summary>{words.showFields}</summary>
        {failure === null ? null : <FailureNote failure={failure} retry={retry} />}
        {!open || failure !== null ? null : answer === null ? (
          <Skeleton />
        ) : (
          <FieldTable fields={answer.value.fields} />
        )}
      </details>
    </Section>
  )
}

function FieldTable({ fields }: { readonly fields: readonly Field[] }) {
  const words = say.value.proposal
  const moved = fields
    .map(({ field, changes }) => ({ field, changes: changes.filter((change) => wasKnown(query.value, change)) }))
    .filter(({ field, changes }) => !unsaid.has(field) && changes.length > 1)
  if (moved.length === 0) return <p class="quiet">{words.nothingMoved}</p>
  return (
    <dl class="fields-over-time">
      {moved.map(({ field, changes }) => (
        <div key={field}>
          <dt>{fieldName(field)}</dt>
          <dd>
            <ol>
              {changes.map((change) => (
                <li key={change.version}>
                  <a href={`#v${change.version}`}>#{change.version}</a>{' '}
                  <span class="quiet">
                    <When date={change.occurredOn} />
                  </span>
                  <Value member={lastPart(field)} value={change.value} />
                </li>
              ))}
            </ol>
          </dd>
        </div>
      ))}
    </dl>
  )
}

function lastPart(field: string): string {
  return field.split('.').at(-1) ?? field
}

function fieldName(field: string): string {
  return field
    .split('.')
    .map((name, index) => memberName(name, index === 0 ? 'ProposalStatus' : undefined))
    .join(' · ')
}

/** The fields that one event changed. */
export function FieldsChangedBy({ proposalId, version }: { readonly proposalId: string; readonly version: number }) {
  const words = say.value.proposal
  const { answer } = useChanges(proposalId, true)
  const changed = answer?.value.fields.filter(
    ({ field, changes }) => !unsaid.has(field) && changes.some((change) => change.version === version),
  )
  if (changed === undefined || changed.length === 0) return null
  return (
    <p class="quiet">
      {words.changedFields} {changed.map(({ field }) => fieldName(field)).join(', ')}
    </p>
  )
}
