/** The content of a form: a tree like the body of an event, in which nothing is filled in yet where it is undefined. */
import type { Field } from './fields.ts'

export type Path = readonly (string | number)[]
type Members = Readonly<Record<string, unknown>>

function at(value: unknown, path: Path): unknown {
  return path.reduce<unknown>((inner, step) => (inner as Record<string | number, unknown> | undefined)?.[step], value)
}

/** The same tree with another value at a path. */
export function withAt(value: unknown, path: Path, next: unknown): unknown {
  const [step, ...rest] = path
  if (step === undefined) return next
  if (typeof step === 'number') {
    const list = Array.isArray(value) ? [...(value as readonly unknown[])] : []
    list[step] = withAt(list[step], rest, next)
    return list
  }
  return { ...(value as Members | undefined), [step]: withAt((value as Members | undefined)?.[step], rest, next) }
}

/** What a field has at first: required groups and lists are open. */
export function initialOf(field: Field): unknown {
  if (field.control === 'group') {
    if (!field.required) return undefined
    return Object.fromEntries(field.members.map((member) => [member.name, initialOf(member)]))
  }
  if (field.control !== 'list' || !field.required) return undefined
  // Codes are chosen from all that there are.
  const open = field.item.control === 'choice' ? 0 : field.least
  return Array.from({ length: open }, () => initialOf(field.item))
}

/** The fields of the data of the event that a correction names; null if it names none that is known. */
type FieldsOfCorrected = (correction: Members) => Field | null

/** What is sent: without what is empty, so that each missing member is refused as missing. */
export function cleaned(field: Field, value: unknown, dataOf: FieldsOfCorrected, beside: Members = {}): unknown {
  if (value === null) return null
  switch (field.control) {
    case 'group':
      return cleanedGroup(field, value as Members | undefined, dataOf)
    case 'list': {
      const items = (value as readonly unknown[] | undefined) ?? []
      const kept = items.map((item) => cleaned(field.item, item, dataOf) ?? emptyItem(field.item))
      return kept.length === 0 && !field.required ? undefined : kept
    }
    case 'data-of-event': {
      const fields = dataOf(beside)
      return fields === null ? value : cleaned(fields, value, dataOf)
    }
    case 'words':
    case 'long-words': {
      const texts = Object.entries((value ?? {}) as Members).filter(([, text]) => text !== undefined && text !== '')
      return texts.length === 0 ? undefined : Object.fromEntries(texts)
    }
    case 'money': {
      const { value: amount = '', currency = '' } = (value ?? {}) as { value?: string; currency?: string }
      return amount === '' && currency === '' ? undefined : { value: amount, currency }
    }
    case 'choice':
    case 'day':
    case 'event':
    case 'long-text':
    case 'none':
    case 'number':
    case 'party':
    case 'proposal':
    case 'slug':
    case 'text':
    case 'when':
    case 'yes-no':
      return value === '' ? undefined : value
    default:
      return field satisfies never
  }
}

function cleanedGroup(
  field: Extract<Field, { readonly control: 'group' }>,
  value: Members | undefined,
  dataOf: FieldsOfCorrected,
): unknown {
  const members = field.members
    .map((member) => [member.name, cleaned(member, value?.[member.name], dataOf, value)] as const)
    .filter(([, inner]) => inner !== undefined)
  return members.length === 0 && !field.required ? undefined : Object.fromEntries(members)
}

/** Items keep their places, which the service's answers name. */
function emptyItem({ control }: Field): unknown {
  return control === 'group' || control === 'words' || control === 'long-words' ? {} : ''
}

/** Whether two values of JSON are the same, whatever the order of members. */
export function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(sorted(one)) === JSON.stringify(sorted(other))
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([one], [other]) => (one < other ? -1 : 1))
      .map(([name, inner]) => [name, sorted(inner)]),
  )
}

interface ShownPlace {
  readonly path: string
  readonly control: Field['control']
}

/** The field that shows a fault: the deepest one on the way that the form has and shows. */
export function shownAt(
  field: Field,
  value: unknown,
  path: readonly string[],
  dataOf: FieldsOfCorrected,
  above: readonly string[] = [],
): ShownPlace {
  const [step, ...rest] = path
  const here = { path: above.join('.'), control: field.control }
  if (step === undefined || value === undefined || value === null) return here
  const inner = at(value, [step])
  if (field.control === 'list') {
    if (!Array.isArray(value) || !(Number(step) < value.length)) return here
    return shownAt(field.item, inner, rest, dataOf, [...above, step])
  }
  if (field.control !== 'group') return here
  const named = field.members.find(({ name }) => name === step)
  const member = named?.control === 'data-of-event' ? (dataOf(value as Members) ?? named) : named
  return member === undefined ? here : shownAt(member, inner, rest, dataOf, [...above, step])
}
