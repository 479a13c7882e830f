/** A field of the form, whatever it is: its name, its control, and what was refused. */
import type { ComponentChildren } from 'preact'
import { labelOf, meaningOf } from '../data/vocabulary.ts'
import { inWords } from '../dates/words.ts'
import { codesOf } from '../parts/codes-of-members.ts'
import { memberName } from '../parts/value.tsx'
import { language, say } from '../texts/reader.ts'
import { acceptedBy } from './accepted.ts'
import type { Field, GroupField, ListField } from './fields.ts'
import { idOf, useForm } from './form.ts'
import type { Fault } from './sending.ts'
import { initialOf, type Path } from './values.ts'
import { WhenControl } from './when-control.tsx'

interface FieldProps {
  readonly field: Field
  readonly value: unknown
  readonly path: Path
  /** The group that the field is in. */
  readonly beside?: Readonly<Record<string, unknown>>
  /** In a list, the list has the name. */
  readonly named?: boolean
}

export function FieldOf(props: FieldProps): ComponentChildren {
  const { field, value, path, beside = {} } = props
  const { dataOf } = useForm()
  if (field.control === 'group') return <Group {...props} field={field} />
  if (field.control === 'list') return <List {...props} field={field} />
  if (field.control === 'data-of-event') {
    const inner = dataOf(beside)
    return inner === null ? null : <FieldOf field={inner} value={value} path={path} />
  }
  return <Single {...props} />
}

function useName({ name }: Field): string {
  return memberName(name, useForm().type)
}

/** The id of a new proposal, which is not a member of the event. */
export function IdOfProposal({ value, onChange }: { readonly value: string; readonly onChange: (id: string) => void }) {
  const { faults, locked } = useForm()
  const path = ['proposalId']
  const invalid = faults.has(path.join('.'))
  return (
    <p class="field">
      <label for={idOf(path)}>{say.value.record.proposalId}</label>
      <input
        id={idOf(path)}
        autocomplete="off"
        autocapitalize="none"
        spellcheck={false}
        required
        aria-invalid={invalid}
        aria-describedby={invalid ? `${idOf(path)}-faults` : undefined}
        disabled={locked}
        value={value}
        onInput={({ currentTarget }) => onChange(currentTarget.value.trim())}
      />
      <Faults path={path} />
    </p>
  )
}

/** The members of a group, without a frame of their own. */
export function MembersOf({ field, value, path }: FieldProps & { readonly field: GroupField }) {
  const members = (value ?? {}) as Readonly<Record<string, unknown>>
  return field.members.map((member) => (
    <FieldOf
      key={member.name}
      field={member}
      value={members[member.name]}
      path={[...path, member.name]}
      beside={members}
    />
  ))
}

function Group({ field, value, path, named = true }: FieldProps & { readonly field: GroupField }) {
  const { change, locked } = useForm()
  const words = say.value.record
  const name = useName(field)
  if (value === undefined && !field.required) {
    return (
      <p class="field">
        <button type="button" disabled={locked} onClick={() => change(path, opened(field))}>
          {words.add(name)}
        </button>
        <Faults path={path} />
      </p>
    )
  }
  if (field.members.length === 0) return null
  return (
    <fieldset class="group" id={idOf(path)} tabIndex={-1}>
      <legend>{named ? name : `${name} ${Number(path.at(-1)) + 1}`}</legend>
      <Faults path={path} />
      <MembersOf field={field} value={value} path={path} />
      {field.required ? null : <Remove name={name} onClick={() => change(path, undefined)} />}
    </fieldset>
  )
}

function opened(field: Field): unknown {
  return initialOf({ ...field, required: true })
}

function Remove({ name, onClick }: { readonly name: string; readonly onClick: () => void }) {
  const { locked } = useForm()
  return (
    <button type="button" disabled={locked} onClick={onClick}>
      {say.value.record.remove(name)}
    </button>
  )
}

function List({ field, value, path }: FieldProps & { readonly field: ListField }) {
  const { change, locked } = useForm()
  const name = useName(field)
  const items = Array.isArray(value) ? (value as readonly unknown[]) : []
  if (field.item.control === 'choice') return <Choices field={field} chosen={items} path={path} />
  return (
    <fieldset class="list" id={idOf(path)} tabIndex={-1}>
      <legend>{name}</legend>
      <Faults path={path} />
      {items.map((item, index) => (
        <div class="item" key={`${items.length} ${index}`}>
          <FieldOf field={field.item} value={item} path={[...path, index]} named={false} />
          <Remove
            name={`${name} ${index + 1}`}
            onClick={() =>
              change(
                path,
                items.filter((_, other) => other !== index),
              )
            }
          />
        </div>
      ))}
      <button type="button" disabled={locked} onClick={() => change(path, [...items, opened(field.item)])}>
        {say.value.record.add(name)}
      </button>
    </fieldset>
  )
}

/** Several of a few codes. */
function Choices({
  field,
  chosen,
  path,
}: {
  readonly field: ListField
  readonly chosen: readonly unknown[]
  readonly path: Path
}) {
  const { change, locked } = useForm()
  const name = useName(field)
  const codes = field.item.control === 'choice' ? field.item.codes : []
  return (
    <fieldset class="list choices" id={idOf(path)} tabIndex={-1}>
      <legend>{name}</legend>
      <Faults path={path} />
      {codes.map((code) => (
        <label key={code} title={wordOf(field.name, code, meaningOf)}>
          <input
            type="checkbox"
            disabled={locked}
            checked={chosen.includes(code)}
            onChange={({ currentTarget: { checked } }) =>
              change(path, checked ? [...chosen, code] : chosen.filter((one) => one !== code))
            }
          />{' '}
          {wordOf(field.name, code, labelOf)}
        </label>
      ))}
    </fieldset>
  )
}

function wordOf(member: string, code: string, word: typeof labelOf): string {
  const [group] = codesOf[member] ?? []
  return group === undefined ? code : word(group, code)
}

function Single({ field, value, path, named = true }: FieldProps) {
  const { type } = useForm()
  const name = useName(field)
  const shown = named ? name : `${name} ${Number(path.at(-1)) + 1}`
  const optional = field.required ? null : <span class="quiet"> ({say.value.record.optional})</span>
  const meaning = meaningOf('members', `${type}.${field.name}`) || meaningOf('members', field.name)
  const control = <ControlOf field={field} value={value} path={path} name={shown} />
  const isSeveral = ['words', 'long-words', 'money', 'when'].includes(field.control)
  if (isSeveral) {
    return (
      <fieldset class="field">
        <legend title={meaning}>
          {shown}
          {optional}
        </legend>
        {control}
        <Faults path={path} />
      </fieldset>
    )
  }
  return (
    <p class="field">
      <label for={idOf(path)} title={meaning}>
        {shown}
        {optional}
      </label>
      {control}
      <Faults path={path} />
    </p>
  )
}

interface ControlProps {
  readonly field: Field
  readonly value: unknown
  readonly path: Path
  readonly name: string
}

function ControlOf({ field, value, path, name }: ControlProps) {
  const { faults, locked, change } = useForm()
  const id = idOf(path)
  const invalid = faults.has(path.join('.'))
  const describedBy = invalid ? `${id}-faults` : undefined
  const common = { id, 'aria-invalid': invalid, 'aria-describedby': describedBy, disabled: locked } as const
  const put = (next: unknown) => change(path, next)
  const text = typeof value === 'string' || typeof value === 'number' ? String(value) : ''
  const words = say.value.record
  switch (field.control) {
    case 'when': {
      const { nullable } = field
      return <WhenControl {...{ id, value, nullable, locked, invalid, describedBy, onChange: put }} />
    }
    case 'words':
    case 'long-words':
      return <WordsControl {...{ field, value, path, name }} />
    case 'money':
      return <MoneyControl {...{ field, value, path, name }} />
    case 'choice':
      return (
        <Select
          {...common}
          value={text}
          onChange={put}
          options={field.codes.map((code) => [code, wordOf(field.name, code, labelOf)])}
        />
      )
    case 'yes-no': {
      const { yes, no } = say.value.filters
      const options = [
        ['true', yes],
        ['false', no],
      ] as const
      const given = typeof value === 'boolean' ? String(value) : ''
      return (
        <Select
          {...common}
          value={given}
          options={options}
          onChange={(one) => put(one === undefined ? one : one === 'true')}
        />
      )
    }
    case 'event':
      return <EventControl {...common} value={text} onChange={put} />
    case 'number':
      return (
        <input
          {...common}
          inputMode="numeric"
          value={text}
          onInput={({ currentTarget }) => put(numberOf(currentTarget.value))}
        />
      )
    case 'day':
      return (
        <>
          <input {...common} type="date" value={text} onInput={({ currentTarget }) => put(currentTarget.value)} />{' '}
          {/* The browser writes it in its own language. */}
          {text === '' ? null : <span class="quiet">{inWords(text, language.value)}</span>}
        </>
      )
    case 'long-text':
      return <textarea {...common} rows={2} value={text} onInput={({ currentTarget }) => put(currentTarget.value)} />
    case 'party':
    case 'slug':
    case 'proposal':
      return <KnownControl {...common} field={field} value={text} onChange={put} />
    case 'data-of-event':
    case 'group':
    case 'list':
    case 'none':
    case 'text':
      return (
        <input
          {...common}
          value={text}
          placeholder={words.none}
          onInput={({ currentTarget }) => put(currentTarget.value)}
        />
      )
    default:
      return field satisfies never
  }
}

interface Given {
  readonly id: string
  readonly 'aria-invalid': boolean
  readonly 'aria-describedby': string | undefined
  readonly disabled: boolean
  readonly value: string
  readonly onChange: (value: unknown) => void
}

function Select({ options, onChange, ...given }: Given & { readonly options: readonly (readonly [string, string])[] }) {
  return (
    <select {...given} onChange={({ currentTarget }) => onChange(currentTarget.value || undefined)}>
      <option value="">{say.value.record.none}</option>
      {options.map(([code, word]) => (
        <option key={code} value={code}>
          {word}
        </option>
      ))}
    </select>
  )
}

function numberOf(text: string): unknown {
  return /^\d{1,15}$/.test(text) ? Number(text) : text
}

function EventControl({ onChange, ...given }: Given) {
  const { events } = useForm()
  const options = events.map(
    ({ event }) => [String(event.version), `#${event.version} ${labelOf('eventTypes', event.type)}`] as const,
  )
  return <Select {...given} options={options} onChange={(one) => onChange(one === undefined ? one : Number(one))} />
}

/** Ids that the proposal has already are offered. */
function KnownControl({ field, onChange, ...given }: Given & { readonly field: Field }) {
  const { status } = useForm()
  const list = `${given.id}-known`
  return (
    <>
      <input
        {...given}
        list={list}
        autocomplete="off"
        spellcheck={false}
        autocapitalize="none"
        onInput={({ currentTarget }) => onChange(currentTarget.value)}
      />
      <datalist id={list}>
        {status === null ? null : knownIds(field, status).map((id) => <option key={id}>{id}</option>)}
      </datalist>
    </>
  )
}

function knownIds(
  { control, name }: Field,
  status: NonNullable<ReturnType<typeof useForm>['status']>,
): readonly string[] {
  if (control === 'party') return status.parties.map(({ party }) => party)
  if (control === 'proposal') return status.links.map(({ other }) => other)
  const { pledges, tranches, transactions } = status.money
  const ids: Readonly<Record<string, readonly string[]>> = {
    line: status.lines.map(({ line }) => line),
    pledge: pledges.map(({ pledge }) => pledge),
    tranche: tranches.map(({ tranche }) => tranche),
    transaction: transactions.map(({ transaction }) => transaction),
    milestone: status.milestones.map(({ milestone }) => milestone),
    which: ['start', 'end', ...status.milestones.map(({ milestone }) => milestone)],
    indicator: status.indicators.map(({ indicator }) => indicator),
  }
  return ids[name] ?? []
}

function WordsControl({ field, value, path, name }: ControlProps) {
  const { faults, locked, change } = useForm()
  const given = (value ?? {}) as Readonly<Record<string, string | undefined>>
  const tags = [...new Set([language.value, 'en', 'vi', 'ko', ...Object.keys(given)])]
  const invalid = faults.has(path.join('.'))
  const Input = field.control === 'words' ? 'input' : 'textarea'
  return (
    <span class="words-control">
      {tags.map((tag, index) => (
        <label key={tag}>
          <abbr class="tag" title={labelOf('languages', tag)}>
            {tag}
          </abbr>
          <Input
            {...(index === 0 ? { id: idOf(path) } : {})}
            lang={tag}
            aria-label={`${name} (${labelOf('languages', tag)})`}
            aria-invalid={invalid && index === 0}
            aria-describedby={invalid ? `${idOf(path)}-faults` : undefined}
            disabled={locked}
            value={given[tag] ?? ''}
            onInput={({ currentTarget }: { currentTarget: HTMLInputElement | HTMLTextAreaElement }) =>
              change(path, { ...given, [tag]: currentTarget.value })
            }
          />
        </label>
      ))}
    </span>
  )
}

function MoneyControl({ field, value, path, name }: ControlProps) {
  const { faults, locked, change } = useForm()
  const words = say.value.record
  const { value: amount = '', currency = '' } = (value ?? {}) as { value?: string; currency?: string }
  const invalid = faults.has(path.join('.'))
  const disabled = locked || value === null
  return (
    <span class="money-control">
      <input
        id={idOf(path)}
        inputMode="decimal"
        aria-label={`${name}: ${words.amount}`}
        aria-invalid={invalid}
        aria-describedby={invalid ? `${idOf(path)}-faults` : undefined}
        disabled={disabled}
        value={amount}
        onInput={({ currentTarget }) => change(path, { value: currentTarget.value, currency })}
      />
      <input
        size={4}
        maxLength={3}
        aria-label={`${name}: ${words.currency}`}
        aria-invalid={invalid}
        disabled={disabled}
        placeholder="USD"
        value={currency}
        onInput={({ currentTarget }) => change(path, { value: amount, currency: currentTarget.value.toUpperCase() })}
      />
      {field.nullable ? (
        <label>
          <input
            type="checkbox"
            disabled={locked}
            checked={value === null}
            onChange={({ currentTarget }) => change(path, currentTarget.checked ? null : undefined)}
          />{' '}
          {words.unknown}
        </label>
      ) : null}
    </span>
  )
}

/** What was refused, beside its field. */
export function Faults({ path }: { readonly path: Path }) {
  const faults = useForm().faults.get(path.join('.'))
  if (faults === undefined) return null
  return (
    <span class="faults" id={`${idOf(path)}-faults`}>
      {faults.map((fault) => (
        <span key={`${fault.path} ${fault.message}`}>
          ✕ <FaultWords fault={fault} />{' '}
        </span>
      ))}
    </span>
  )
}

/** In the reader's language; the service's own words are English. */
export function FaultWords({ fault: { message, control } }: { readonly fault: Fault }) {
  const { missing, notAccepted, taken } = say.value.record
  if (language.value === 'en' || message === taken) return <>{message}</>
  const accepted = control === undefined ? undefined : acceptedBy[language.value][control]
  // An item of a list that is still empty is there, but has no content.
  const isMissing = message.startsWith('is missing') || message.endsWith(', not ""')
  return (
    <>
      {isMissing ? missing : notAccepted}
      {accepted === undefined ? '' : `: ${accepted}`}{' '}
      <span class="quiet" lang="en">
        ({message})
      </span>
    </>
  )
}
