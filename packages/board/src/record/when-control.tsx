/** A date as precisely as it is known: its precision is chosen, and only the numbers are typed. */
import { useState } from 'preact/hooks'
import { precisionOf, shapeOf } from '../dates/shape.ts'
import { inWords, pointInWords } from '../dates/words.ts'
import { language, say } from '../texts/reader.ts'

type Form = '' | 'day' | 'month' | 'year' | 'between' | 'lasting' | 'unknown'
type Precision = 'day' | 'month' | 'year' | 'open'

/** A point that is being typed; it is whole once it has the form of its precision. */
interface Point {
  readonly precision: Precision
  readonly text: string
}

interface Typed {
  readonly form: Form
  readonly from: Point
  readonly to: Point
}

interface WhenProps {
  readonly id: string
  readonly value: unknown
  readonly nullable: boolean
  readonly locked: boolean
  readonly invalid: boolean
  readonly describedBy: string | undefined
  readonly onChange: (value: string | null | undefined) => void
}

export function WhenControl({ id, value, nullable, locked, invalid, describedBy, onChange }: WhenProps) {
  const words = say.value.record
  const [typed, type] = useState<Typed>(() => typedOf(value))
  const change = (changes: Partial<Typed>) => {
    const next = { ...typed, ...changes }
    type(next)
    onChange(whenOf(next))
  }
  const forms: readonly Form[] = [
    '',
    'day',
    'month',
    'year',
    'between',
    'lasting',
    ...(nullable ? ['unknown' as const] : []),
  ]
  const choose = (form: Form) =>
    change({
      form,
      ...(form === 'day' || form === 'month' || form === 'year' ? { from: { precision: form, text: '' } } : {}),
    })
  const isRange = typed.form === 'between' || typed.form === 'lasting'
  const written = whenOf(typed)
  return (
    <span class="when-control">
      <select
        id={id}
        aria-label={words.precision}
        aria-invalid={invalid}
        aria-describedby={describedBy}
        disabled={locked}
        value={typed.form}
        onChange={({ currentTarget }) => choose(currentTarget.value as Form)}
      >
        {forms.map((form) => (
          <option key={form} value={form}>
            {form === '' ? words.none : words.precisions[form]}
          </option>
        ))}
      </select>
      {typed.form === '' || typed.form === 'unknown' ? null : (
        <PointControl
          key={isRange ? 'range' : typed.form}
          label={isRange ? words.point.from : words.precision}
          point={typed.from}
          choices={isRange ? (typed.form === 'between' ? withOpen : closed) : []}
          locked={locked}
          onChange={(from) => change({ from })}
        />
      )}
      {isRange ? (
        <PointControl
          label={words.point.to}
          point={typed.to}
          choices={withOpen}
          locked={locked}
          onChange={(to) => change({ to })}
        />
      ) : null}
      {typeof written === 'string' ? (
        <span class="quiet">
          {inWords(written, language.value)} ({words.stored(written)})
        </span>
      ) : null}
    </span>
  )
}

const closed: readonly Precision[] = ['day', 'month', 'year']
const withOpen: readonly Precision[] = [...closed, 'open']

interface PointProps {
  readonly label: string
  readonly point: Point
  /** The precisions to choose from; empty: it is chosen already. */
  readonly choices: readonly Precision[]
  readonly locked: boolean
  readonly onChange: (point: Point) => void
}

function PointControl({ label, point, choices, locked, onChange }: PointProps) {
  const words = say.value.record.point
  const { precision, text } = point
  const [year = '', month = ''] = text.split('-')
  const put = (next: string) => onChange({ precision, text: next })
  const nameOf = (part: string) => (choices.length === 0 ? part : `${label}: ${part}`)
  return (
    <span class="point">
      {choices.length === 0 ? null : (
        <>
          {label}{' '}
          <select
            aria-label={say.value.record.precision}
            disabled={locked}
            value={precision}
            onChange={({ currentTarget }) => onChange({ precision: currentTarget.value as Precision, text: '' })}
          >
            {choices.map((one) => (
              <option key={one} value={one}>
                {words[one]}
              </option>
            ))}
          </select>
        </>
      )}
      {precision === 'day' ? (
        <input
          type="date"
          aria-label={nameOf(words.day)}
          disabled={locked}
          value={text}
          onInput={({ currentTarget }) => put(currentTarget.value)}
        />
      ) : null}
      {precision === 'month' ? (
        <select
          aria-label={nameOf(words.month)}
          disabled={locked}
          value={month}
          onChange={({ currentTarget }) => put(`${year}-${currentTarget.value}`)}
        >
          {['', ...months].map((one) => (
            <option key={one} value={one}>
              {one === '' ? say.value.record.none : monthName(one)}
            </option>
          ))}
        </select>
      ) : null}
      {precision === 'month' || precision === 'year' ? (
        <input
          type="text"
          inputMode="numeric"
          size={4}
          maxLength={4}
          aria-label={nameOf(words.year)}
          disabled={locked}
          value={year}
          onInput={({ currentTarget: { value } }) => put(precision === 'year' ? value : `${value}-${month}`)}
        />
      ) : null}
    </span>
  )
}

const months = Array.from({ length: 12 }, (_, index) => String(index + 1).padStart(2, '0'))

function monthName(month: string): string {
  return language.value === 'en' ? pointInWords(`2000-${month}`, 'en').replace(/ 2000$/, '') : `${Number(month)}`
}

function typedOf(value: unknown): Typed {
  const nothing: Point = { precision: 'day', text: '' }
  if (value === null) return { form: 'unknown', from: nothing, to: nothing }
  if (typeof value !== 'string' || value === '') return { form: '', from: nothing, to: nothing }
  const shape = shapeOf(value)
  if (shape.form === 'unknown') return { form: 'unknown', from: nothing, to: nothing }
  if (shape.form === 'between' || shape.form === 'lasting') {
    return { form: shape.form, from: pointOf(shape.from), to: pointOf(shape.to) }
  }
  return { form: shape.form, from: pointOf(shape.point), to: nothing }
}

function pointOf(point: string | null): Point {
  return point === null ? { precision: 'open', text: '' } : { precision: precisionOf(point), text: point }
}

/** Undefined until everything is there. */
function whenOf({ form, from, to }: Typed): string | null | undefined {
  if (form === 'unknown') return null
  const [first, last] = [writtenPoint(from), writtenPoint(to)]
  if (form === '' || first === undefined) return undefined
  if (form !== 'between' && form !== 'lasting') return first
  if (last === undefined || (first === '' && last === '')) return undefined
  return form === 'between' ? `[${first}..${last}]` : `${first}/${last === '' ? '..' : last}`
}

/** Empty if that side is open. */
function writtenPoint({ precision, text }: Point): string | undefined {
  if (precision === 'open') return ''
  const form = { day: /^\d{4}-\d\d-\d\d$/, month: /^\d{4}-\d\d$/, year: /^\d{4}$/ }[precision]
  return form.test(text) ? text : undefined
}
