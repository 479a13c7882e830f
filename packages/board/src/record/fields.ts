/** Fields of a form, made from the JSON Schema that the service gives of an event: a control for each kind of value, and none for a single event. */

/** The part of JSON Schema that the service uses. */
export interface Schema {
  readonly $ref?: string
  readonly $defs?: Readonly<Record<string, Schema>>
  readonly type?: string
  readonly enum?: readonly string[]
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly items?: Schema
  readonly anyOf?: readonly Schema[]
  readonly maxLength?: number
  readonly minItems?: number
}

/** The controls of single values; a group has members, a list has items. */
type Control =
  | 'text'
  | 'long-text'
  | 'number'
  | 'yes-no'
  | 'choice'
  | 'day'
  | 'when'
  | 'money'
  | 'words'
  | 'long-words'
  | 'slug'
  | 'party'
  | 'proposal'
  /** The version of an event of the proposal. */
  | 'event'
  /** The data of the event that is corrected: its type decides on the fields. */
  | 'data-of-event'
  /** There is no control for it. */
  | 'none'

interface Common {
  readonly name: string
  /** The name of its schema; empty if that has none. */
  readonly schema: string
  readonly required: boolean
  /** Null is an answer: it is not known. */
  readonly nullable: boolean
}

export type Field = Common &
  (
    | { readonly control: Exclude<Control, 'choice'> }
    | { readonly control: 'choice'; readonly codes: readonly string[] }
    | { readonly control: 'group'; readonly members: readonly Field[] }
    | { readonly control: 'list'; readonly item: Field; readonly least: number }
  )

export type GroupField = Extract<Field, { readonly control: 'group' }>
export type ListField = Extract<Field, { readonly control: 'list' }>

/** Named schemas whose values have a control of their own. Every other is a choice, a group or a text, as its schema says. */
const controls: Readonly<Record<string, Exclude<Control, 'choice'>>> = {
  Day: 'day',
  When: 'when',
  Money: 'money',
  MoneyOrZero: 'money',
  LanguageMap: 'words',
  LongLanguageMap: 'long-words',
  PartyId: 'party',
  ProposalId: 'proposal',
  LocalId: 'slug',
  Field: 'slug',
}

/** What only programs give. */
const forPrograms = new Set(['signature', 'correlationId', 'causationId'])

/** The fields of a schema whose root is an object. */
export function fieldsOf(schema: Schema, name: string): GroupField {
  const field = fieldOf(schema, { name, required: true }, schema.$defs ?? {})
  if (field.control !== 'group') throw new TypeError(`The schema of ${name} is not one of an object.`)
  return field
}

interface Place {
  readonly name: string
  readonly required: boolean
  readonly nullable?: boolean
  readonly schema?: string
}

function fieldOf(schema: Schema, place: Place, defs: Readonly<Record<string, Schema>>): Field {
  const { $ref, anyOf } = schema
  if (anyOf !== undefined) {
    const [only] = anyOf.filter(({ type }) => type !== 'null')
    const nullable = anyOf.some(({ type }) => type === 'null')
    return fieldOf(only ?? {}, { ...place, nullable }, defs)
  }
  if ($ref !== undefined) {
    const named = $ref.replace(/^.*\//, '')
    return fieldOf(defs[named] ?? {}, { ...place, schema: named }, defs)
  }
  const common = { nullable: false, schema: '', ...place }
  const control = controls[common.schema]
  if (control !== undefined) return { ...common, control }
  const { type, enum: codes, properties, required = [], items, minItems = 0 } = schema
  if (codes !== undefined) return { ...common, control: 'choice', codes }
  if (type === 'array' && items !== undefined) {
    const item = fieldOf(items, { name: place.name, required: true }, defs)
    return { ...common, control: 'list', item, least: place.required ? minItems : 0 }
  }
  if (type === 'object' && properties !== undefined) {
    const members = Object.entries(properties)
      .filter(([name]) => !forPrograms.has(name))
      .map(([name, inner]) => fieldOf(inner, { name, required: required.includes(name) }, defs))
    return { ...common, control: 'group', members }
  }
  return { ...common, control: controlOf(schema, common) }
}

function controlOf({ type, maxLength = 0 }: Schema, { name, schema }: Common): Exclude<Control, 'choice'> {
  if (type === 'boolean') return 'yes-no'
  if (type === 'integer') return name === 'event' || name === 'events' ? 'event' : 'number'
  if (type === 'string') return maxLength > 2_048 ? 'long-text' : 'text'
  return type === 'object' && schema === '' && name === 'data' ? 'data-of-event' : 'none'
}

/** Every field of a tree, from the root on. */
export function everyField(field: Field): Field[] {
  if (field.control === 'group') return [field, ...field.members.flatMap(everyField)]
  return field.control === 'list' ? [field, ...everyField(field.item)] : [field]
}
