/** The form for one event. It is checked by the service while it is filled in, and kept over a reload. */
import type { EventTypes } from '@commitments/client'
import { useEffect, useMemo, useRef, useState } from 'preact/hooks'
import { recordingKey } from '../data/api-key.ts'
import type { KnownEvent } from '../proposal/events.ts'
import type { Status } from '../proposal/status.ts'
import { say } from '../texts/reader.ts'
import { hrefOf } from '../url/location.ts'
import { presentOf, startOf } from './about.ts'
import { Checked } from './checked.tsx'
import { Faults, FieldOf, IdOfProposal, MembersOf } from './controls.tsx'
import { type Draft, draftName, dropDraft, keepDraft, keptDraft, newDraft } from './draft.ts'
import { type Field, fieldsOf, type GroupField } from './fields.ts'
import { FormContext } from './form.ts'
import type { EventType } from './possible.ts'
import { type Fault, type Recorded, send, tryOut, type Verdict } from './sending.ts'
import { cleaned, isSame, type Path, shownAt, withAt } from './values.ts'

interface EventFormProps {
  readonly type: EventType
  readonly types: EventTypes
  /** Null for a new proposal. */
  readonly status: Status | null
  readonly events: readonly KnownEvent[]
  /** The event that it concerns. */
  readonly about?: KnownEvent
}

const pauseMs = 400

export function EventForm(props: EventFormProps) {
  const { type, types, status, events, about } = props
  const words = say.value.record
  const name = draftName(status?.proposalId ?? '', type.type, about?.event.version)
  const fields = useMemo(() => wholeOf(type, types), [type, types])
  const [draft, setDraft] = useState<Draft>(
    () => keptDraft(name) ?? newDraft(startOf(fields, type.type, about), status?.version ?? 0),
  )
  const [verdict, judge] = useState<Verdict | null>(null)
  const [checking, setChecking] = useState(false)
  const [recorded, setRecorded] = useState<Recorded | null>(null)
  const [sending, setSending] = useState(false)
  const [wasSubmitted, setSubmitted] = useState(false)
  const [touched, touch] = useState<ReadonlySet<string>>(new Set())
  const form = useRef<HTMLFormElement>(null)

  const dataOf = (correction: Readonly<Record<string, unknown>>) => fieldsOfCorrected(correction, events, types)
  const body = bodyOf(type, fields, draft.body, events, dataOf)
  const proposalId = status?.proposalId ?? draft.proposalId
  const locked = draft.sent !== null || sending
  const key = recordingKey.value
  const request = { proposalId, body, draft }
  const text = JSON.stringify([body, proposalId, draft.version])

  useDryRun(text, key !== null && !locked && recorded === null && proposalId !== '', setChecking, async (signal) => {
    judge(await tryOut(request, signal))
  })

  const save = (changes: Partial<Draft>) => {
    const next = keepDraft(name, { ...draft, ...changes })
    setDraft(next)
    return next
  }
  const change = (path: Path, value: unknown) => {
    touch((before) => new Set([...before, path.join('.')]))
    save({ body: withAt(draft.body, path, value) })
  }
  const submit = async () => {
    setSubmitted(true)
    if (key === null || sending) return
    setSending(true)
    // What was sent is kept first: whatever happens to this page, the same can be sent again.
    const kept = save({ sent: draft.sent ?? body })
    const result = await send({ proposalId, body: kept.sent, draft: kept })
    setSending(false)
    if (result.verdict === 'recorded') {
      dropDraft(name)
      setRecorded(result)
      return
    }
    judge(result)
    // The outcome of what was sent before stays unknown when the key is refused now.
    const isKnown = result.verdict !== 'unanswered' && !(draft.sent !== null && isAboutKey(result))
    if (isKnown) setDraft(keepDraft(name, { ...kept, sent: null }))
    if (result.verdict === 'refused' || result.verdict === 'taken')
      requestAnimationFrame(() => focusFirst(form.current))
  }
  const discard = () => {
    dropDraft(name)
    setDraft(newDraft(startOf(fields, type.type, about), status?.version ?? 0))
    touch(new Set())
    judge(null)
    setSubmitted(false)
  }

  if (recorded !== null) return <Done recorded={recorded} proposalId={proposalId} />
  const placed = placedFaults(verdict, fields, draft.body, dataOf)
  const shown = new Map([...placed].filter(([path]) => wasSubmitted || touched.has(path)))
  const context = { type: type.type, status, events, dataOf, faults: shown, locked, change }
  const member = (wanted: string) => fields.members.find((one) => one.name === wanted) as Field
  const value = (wanted: string) => (draft.body as Readonly<Record<string, unknown>>)[wanted]
  const part = (wanted: string) => <FieldOf field={member(wanted)} value={value(wanted)} path={[wanted]} />
  return (
    <FormContext.Provider value={context}>
      <form
        ref={form}
        class="record-form"
        key={draft.idempotencyKey}
        noValidate
        onSubmit={(event) => {
          event.preventDefault()
          void submit()
        }}
      >
        {status === null ? (
          <section class="panel">
            <IdOfProposal value={draft.proposalId} onChange={(id) => save({ proposalId: id })} />
          </section>
        ) : null}
        <section class="panel">
          <h2>{words.parts.when}</h2>
          {part('occurredOn')}
        </section>
        <section class="panel">
          <h2>{words.parts.facts}</h2>
          <Faults path={['data']} />
          <MembersOf field={member('data') as GroupField} value={value('data')} path={['data']} />
        </section>
        <section class="panel">
          <h2>{words.parts.sources}</h2>
          {type.sourced ? <p class="quiet">{words.sourced}</p> : null}
          {['evidence', 'assertedBy', 'confidence', 'note'].map((one) => (
            <div key={one}>{part(one)}</div>
          ))}
        </section>
        <Checked
          {...{
            type: type.type,
            proposalId,
            draft,
            verdict,
            checking,
            sending,
            placed,
            status,
            events,
            hasKey: key !== null,
          }}
          again={draft.sent !== null && !sending}
          goOn={(version) => save({ version })}
          discard={discard}
        />
      </form>
    </FormContext.Provider>
  )
}

function isAboutKey(verdict: Verdict): boolean {
  return verdict.verdict === 'refused' && (verdict.status === 401 || verdict.status === 403)
}

function wholeOf({ type, dataSchema }: EventType, { envelopeSchema }: EventTypes): GroupField {
  const envelope = fieldsOf(envelopeSchema, type)
  return { ...envelope, members: [...envelope.members, fieldsOf(dataSchema, 'data')] }
}

function fieldsOfCorrected(
  { event }: Readonly<Record<string, unknown>>,
  events: readonly KnownEvent[],
  { eventTypes }: EventTypes,
): GroupField | null {
  const known = events.find((one) => one.event.version === event)
  const type = eventTypes.find((one) => one.type === known?.event.type)
  return type === undefined ? null : fieldsOf(type.dataSchema, 'data')
}

/** What is sent. A correction names only what it changes. */
function bodyOf(
  { type }: EventType,
  fields: GroupField,
  value: unknown,
  events: readonly KnownEvent[],
  dataOf: Parameters<typeof cleaned>[2],
): Readonly<Record<string, unknown>> {
  const { data, ...others } = cleaned(fields, value, dataOf) as Readonly<Record<string, unknown>>
  const { corrections, ...rest } = (data ?? {}) as Readonly<Record<string, unknown>>
  if (type !== 'corrected' || !Array.isArray(corrections)) return { type, ...others, data: data ?? {} }
  const changed = corrections.map((one) => changedOf(one as Readonly<Record<string, unknown>>, events))
  return { type, ...others, data: { ...rest, corrections: changed } }
}

function changedOf(correction: Readonly<Record<string, unknown>>, events: readonly KnownEvent[]) {
  const known = events.find(({ event }) => event.version === correction['event'])
  const present = known === undefined ? {} : presentOf(known)
  const changed = Object.entries(correction).filter(
    ([name, value]) => name === 'event' || !isSame(value, present[name as keyof typeof present]),
  )
  return Object.fromEntries(changed)
}

/** Faults by the path of the field that shows them; empty path: none does. */
function placedFaults(
  verdict: Verdict | null,
  fields: GroupField,
  body: unknown,
  dataOf: Parameters<typeof cleaned>[2],
): ReadonlyMap<string, readonly Fault[]> {
  if (verdict?.verdict === 'taken') return new Map([[idPath, [{ path: idPath, message: say.value.record.taken }]]])
  if (verdict?.verdict !== 'refused') return new Map()
  const placed = verdict.faults.map((fault) => {
    if (fault.path === idPath) return { shown: idPath, fault: { ...fault, control: 'proposal' as const } }
    const { path, control } = shownAt(fields, body, fault.path.split('.'), dataOf)
    // A rule of the domain may refuse what has the right form.
    return { shown: path, fault: verdict.ofForm ? { ...fault, control } : fault }
  })
  const groups = [...Map.groupBy(placed, ({ shown }) => shown)]
  return new Map(groups.map(([path, all]) => [path, all.map(({ fault }) => fault)]))
}

/** The id of a new proposal is not in the body. */
const idPath = 'proposalId'

function focusFirst(form: HTMLFormElement | null): void {
  const fault = form?.querySelector('[aria-invalid=true], .faults')
  const target = fault?.matches('.faults')
    ? fault.closest<HTMLElement>('fieldset, .field')
    : (fault as HTMLElement | null)
  const control = target?.matches('input, select, textarea')
    ? target
    : (target?.querySelector<HTMLElement>('input, select, textarea, button') ?? target)
  if (control) control.focus()
  else form?.querySelector<HTMLElement>('.checked')?.focus()
}

/** Runs after each change, when the reader pauses: one at a time, and the newest wins. */
function useDryRun(
  text: string,
  wanted: boolean,
  setChecking: (checking: boolean) => void,
  run: (signal: AbortSignal) => Promise<void>,
): void {
  const newest = useRef(run)
  newest.current = run
  const running = useRef<Promise<void>>(Promise.resolve())
  useEffect(() => {
    if (!wanted) return undefined
    const stop = new AbortController()
    setChecking(true)
    const begin = async () => {
      await running.current
      if (stop.signal.aborted) return
      running.current = newest.current(stop.signal).catch(() => undefined)
      await running.current
      if (!stop.signal.aborted) setChecking(false)
    }
    const timer = setTimeout(() => void begin(), pauseMs)
    return () => {
      clearTimeout(timer)
      stop.abort()
      setChecking(false)
    }
  }, [text, wanted])
}

function Done({ recorded, proposalId }: { readonly recorded: Recorded; readonly proposalId: string }) {
  const words = say.value.record
  return (
    <section class="panel recorded-now" aria-live="polite">
      <p>
        <b>✓ {words.recorded(recorded.version, recorded.position)}</b>
      </p>
      <p>
        <a class="button" href={hrefOf({ name: 'proposal', proposalId }, {}, `v${recorded.version}`)}>
          {words.open}
        </a>{' '}
        <a class="button" href={hrefOf({ name: 'record', proposalId })}>
          {words.more}
        </a>
      </p>
    </section>
  )
}
