/** What the service says of the event as it is filled in, and the way to record it. */
import { labelOf, meaningOf } from '../data/vocabulary.ts'
import { clockOfInstant } from '../dates/instants.ts'
import { memberName, Value } from '../parts/value.tsx'
import type { KnownEvent } from '../proposal/events.ts'
import type { Status } from '../proposal/status.ts'
import { readShell } from '../shell.ts'
import { language, say } from '../texts/reader.ts'
import { hrefOf } from '../url/location.ts'
import { FaultWords } from './controls.tsx'
import type { Draft } from './draft.ts'
import { idOf } from './form.ts'
import type { Fault, Verdict } from './sending.ts'
import { isSame } from './values.ts'

interface CheckedProps {
  /** The type of event. */
  readonly type: string
  readonly proposalId: string
  readonly draft: Draft
  readonly verdict: Verdict | null
  readonly checking: boolean
  readonly sending: boolean
  readonly placed: ReadonlyMap<string, readonly Fault[]>
  readonly status: Status | null
  readonly events: readonly KnownEvent[]
  readonly hasKey: boolean
  /** The same request was sent before, and nobody knows its outcome. */
  readonly again: boolean
  readonly goOn: (version: number) => void
  readonly discard: () => void
}

export function Checked(props: CheckedProps) {
  const { draft, checking, sending, hasKey, again, discard } = props
  const words = say.value.record
  return (
    <section class="panel checked" tabIndex={-1} aria-labelledby="checked-title">
      <h2 id="checked-title">{words.parts.checked}</h2>
      <div aria-live="polite" class={checking ? 'checking' : ''}>
        {again ? <p class="banner warning">{words.lost}</p> : null}
        {again && props.verdict?.verdict !== 'refused' ? null : <Said {...props} />}
      </div>
      <p class="actions">
        <button type="submit" class="primary" disabled={sending || !hasKey}>
          {sending ? words.sending : again ? words.again : words.send}
        </button>{' '}
        {draft.savedAt === null ? null : (
          <>
            <span class="quiet">
              {words.draft(clockOfInstant(draft.savedAt, language.value, readShell().timeZone))}
            </span>{' '}
            {again || sending ? null : (
              <button type="button" onClick={discard}>
                {words.discard}
              </button>
            )}
          </>
        )}
      </p>
    </section>
  )
}

function Said(props: CheckedProps) {
  const { verdict, hasKey, checking } = props
  const words = say.value.record
  if (!hasKey) return <p>{words.needsKey}</p>
  if (verdict === null) return <p>{checking ? words.checking : words.unsaid}</p>
  switch (verdict.verdict) {
    case 'acceptable':
      return (
        <>
          <p class="good">✓ {words.acceptable(verdict.version)}</p>
          {verdict.status === undefined ? null : <BeforeAndAfter before={props.status} after={verdict.status} />}
        </>
      )
    case 'refused':
      return <Refused verdict={verdict} placed={props.placed} type={props.type} />
    case 'taken':
      return (
        <p>
          ✕ <b>{words.taken}</b> <a href={hrefOf({ name: 'proposal', proposalId: props.proposalId })}>{words.open}</a>
        </p>
      )
    case 'overtaken':
      return <Overtaken {...props} version={verdict.version} />
    case 'unanswered':
      return <p class="failure">{problemWord(verdict.code)}</p>
    default:
      return verdict satisfies never
  }
}

function problemWord(code: string): string {
  return code === 'unreachable' ? say.value.failures.unreachable : labelOf('problems', code)
}

interface RefusedProps {
  readonly verdict: Extract<Verdict, { readonly verdict: 'refused' }>
  readonly placed: ReadonlyMap<string, readonly Fault[]>
  readonly type: string
}

/** Each fault leads to its field. */
function Refused({ verdict: { code, ofForm, detail, faults }, placed, type }: RefusedProps) {
  const words = say.value.record
  return (
    <>
      <p>
        ✕ <b>{problemWord(code)}</b> {ofForm ? words.faults(faults.length) : null}
        {ofForm || language.value === 'en' ? null : meaningOf('problems', code)}{' '}
        {ofForm ? null : <span lang="en">{detail}</span>}
      </p>
      {ofForm ? (
        <ul>
          {[...placed].flatMap(([path, some]) =>
            some.map((fault) => (
              <li key={`${fault.path} ${fault.message}`}>
                {path === '' ? null : <a href={`#${idOf(path.split('.'))}`}>{pathWords(path, type)}</a>}{' '}
                <FaultWords fault={fault} />
              </li>
            )),
          )}
        </ul>
      ) : null}
    </>
  )
}

/** The names that the fields have. */
function pathWords(path: string, type: string): string {
  if (path === 'proposalId') return say.value.record.proposalId
  const steps = path.split('.').filter((step, index) => index > 0 || step !== 'data')
  return steps.map((step) => (/^\d+$/.test(step) ? String(Number(step) + 1) : memberName(step, type))).join(' › ')
}

function Overtaken({ draft, events, goOn, version }: CheckedProps & { readonly version: number }) {
  const words = say.value.record
  const between = events.filter(({ event }) => event.version > draft.version)
  return (
    <div class="banner warning">
      <p>{words.between(version - draft.version)}</p>
      <ul>
        {between.map(({ event }) => (
          <li key={event.version}>
            #{event.version} <b>{labelOf('eventTypes', event.type)}</b>
            <Value member="data" value={event.data} />
          </li>
        ))}
      </ul>
      <button type="button" onClick={() => goOn(version)}>
        {words.goOn}
      </button>
    </div>
  )
}

/** Members that every event changes, or that repeat what others say. */
const beside = new Set([
  'version',
  'position',
  'lastEventAt',
  'stageHistory',
  'history',
  'evidenceCount',
  'related',
  'recordedName',
])

interface BeforeAndAfterProps {
  readonly before: Status | null
  readonly after: Readonly<Record<string, unknown>>
}

/** The status as it is and as it would be: stage and condition always, and all else that would change. */
function BeforeAndAfter({ before, after }: BeforeAndAfterProps) {
  const words = say.value.record
  const was = (before ?? {}) as Readonly<Record<string, unknown>>
  const changed = Object.keys(after).filter((name) => !beside.has(name) && !isSame(was[name], after[name]))
  const shown = before === null ? ['title', 'stage', 'condition'] : [...new Set(['stage', 'condition', ...changed])]
  return (
    <>
      {before !== null && changed.length === 0 ? <p>{words.unchanged}</p> : null}
      <table class="before-after">
        <thead>
          <tr>
            <th scope="col">{words.field}</th>
            <th scope="col">{words.before}</th>
            <th scope="col">{words.after}</th>
          </tr>
        </thead>
        <tbody>
          {shown.map((name) => (
            <tr key={name} class={changed.includes(name) ? 'changed' : ''}>
              <th scope="row">{memberName(name, 'ProposalStatus')}</th>
              <td>{name in was ? <Value member={name} value={was[name]} /> : words.none}</td>
              <td>{name in after ? <Value member={name} value={after[name]} /> : words.none}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  )
}
