/** What every control of a form has in common. */
import { createContext } from 'preact'
import { useContext } from 'preact/hooks'
import type { KnownEvent } from '../proposal/events.ts'
import type { Status } from '../proposal/status.ts'
import type { Field } from './fields.ts'
import type { Fault } from './sending.ts'
import type { Path } from './values.ts'

interface Form {
  readonly type: string
  /** Null for a new proposal. */
  readonly status: Status | null
  readonly events: readonly KnownEvent[]
  /** The fields of the data of the event that a correction names. */
  readonly dataOf: (correction: Readonly<Record<string, unknown>>) => Field | null
  /** Faults by the path of the field that shows them. */
  readonly faults: ReadonlyMap<string, readonly Fault[]>
  readonly locked: boolean
  readonly change: (path: Path, value: unknown) => void
}

export const FormContext = createContext<Form | null>(null)

export function useForm(): Form {
  const form = useContext(FormContext)
  if (form === null) throw new Error('a field outside of a form')
  return form
}

export function idOf(path: Path): string {
  return `field-${path.join('-')}`
}
