/**
 * The query of a board URL. Names and values are those of the API, so that a link of the board can be turned into an API request by hand.
 * Anything that is not understood becomes a notice, never an error.
 */
import { conditions, endings, kinds, roles, stages } from './codes.ts'

/** A parameter: how its values are read and written. */
interface Parameter<Value> {
  /** Null if the text is not accepted. */
  readonly read: (text: string) => Value | null
  readonly list: boolean
}

const one = <Value>(read: (text: string) => Value | null): Parameter<Value> => ({ read, list: false })
const list = <Value>(read: (text: string) => Value | null): Parameter<readonly Value[]> =>
  ({ read, list: true }) as unknown as Parameter<readonly Value[]>

const among =
  <Value extends string>(values: readonly Value[]) =>
  (text: string): Value | null =>
    values.find((value) => value === text) ?? null

const matching = (pattern: RegExp) => (text: string) => (pattern.test(text) ? text : null)

const slug = matching(/^[a-z0-9](?:[a-z0-9-]{0,78}[a-z0-9])?$/)
const yesOrNo = among(['true', 'false'] as const)

export const sorts = [
  'title',
  'stage',
  'condition',
  'plannedEnd',
  'agreed',
  'committed',
  'updated',
  'proposalId',
] as const
export type SortKey = (typeof sorts)[number]
export type Sort = SortKey | `-${SortKey}`

export const languages = ['en', 'vi', 'ko'] as const
export type Language = (typeof languages)[number]

/** In the order in which they are written. */
const parameters = {
  q: one((text) => (text !== '' && text.length <= 200 && !text.includes('\0') ? text : null)),
  stage: list(among(stages)),
  condition: list(among(conditions)),
  ending: list(among([...endings, 'none'] as const)),
  kind: list(among(kinds)),
  party: list(slug),
  role: list(among(roles)),
  country: list(matching(/^[A-Z]{2}$/)),
  field: list(slug),
  parent: one(slug),
  hasParts: one(yesOrNo),
  contested: one(yesOrNo),
  suspended: one(yesOrNo),
  formerParty: list(slug),
  ids: list(slug),
  updatedSince: one(instant),
  sort: one(among(sorts.flatMap((key) => [key, `-${key}`] as const))),
  currency: one(matching(/^[A-Z]{3}$/)),
  view: one(among(['table', 'programmes', 'dates'] as const)),
  years: one(among(['3', '10', 'all'] as const)),
  order: one(among(['oldest', 'newest'] as const)),
  clock: one(among(['happened', 'recorded'] as const)),
  corrections: one(among(['hidden'] as const)),
  type: list(slug),
  before: one(whole),
  asOf: one(day),
  knownAt: one(instant),
  knownAtPosition: one(whole),
  lang: one(among(languages)),
  theme: one(among(['light', 'dark'] as const)),
}

type Parameters = typeof parameters
export type ParameterName = keyof Parameters

/** A member is absent if the URL does not have it. */
export type Query = {
  readonly [Name in ParameterName]?: Parameters[Name] extends Parameter<infer Value> ? Value : never
}

/** Something in the URL that has no effect. */
export interface Ignored {
  readonly name: string
  readonly value: string
  /** Whether the board knows a parameter with that name. */
  readonly known: boolean
}

interface Parsed {
  readonly query: Query
  readonly ignored: readonly Ignored[]
}

/** The parameters in a query string, with or without `?`. */
export function parseQuery(search: string): Parsed {
  const given = new URLSearchParams(search)
  const query: Record<string, unknown> = {}
  const ignored: Ignored[] = []
  for (const name of new Set(given.keys())) {
    const texts = given.getAll(name)
    if (!Object.hasOwn(parameters, name)) {
      ignored.push(...texts.map((value) => ({ name, value, known: false })))
      continue
    }
    const parameter = parameters[name as ParameterName] as Parameter<unknown>
    const { values, refused } = parameter.list ? readList(parameter, texts) : readOne(parameter, texts)
    ignored.push(...refused.map((value) => ({ name, value, known: true })))
    if (values.length > 0) query[name] = parameter.list ? values : values[0]
  }
  return { query: inOrder(query), ignored }
}

interface Values {
  readonly values: readonly unknown[]
  readonly refused: readonly string[]
}

/** The first value counts. */
function readOne({ read }: Parameter<unknown>, [first = '', ...others]: readonly string[]): Values {
  const value = read(first)
  return value === null ? { values: [], refused: [first, ...others] } : { values: [value], refused: others }
}

/** Alternatives, separated by commas or repeated, each once. */
function readList({ read }: Parameter<unknown>, texts: readonly string[]): Values {
  const pieces = texts.flatMap((text) => text.split(','))
  const values = pieces.map(read).filter((value) => value !== null)
  return { values: [...new Set(values)], refused: pieces.filter((piece) => read(piece) === null) }
}

function inOrder(query: Query): Query {
  const names = Object.keys(parameters) as ParameterName[]
  return Object.fromEntries(names.filter((name) => query[name] !== undefined).map((name) => [name, query[name]]))
}

/** The query string, with `?`; empty if there are no parameters. Equal queries give equal texts. */
export function formatQuery(query: Query): string {
  const pairs = Object.entries(inOrder(query)).map(([name, value]) => `${name}=${written(value)}`)
  return pairs.length === 0 ? '' : `?${pairs.join('&')}`
}

function written(value: unknown): string {
  if (Array.isArray(value)) return value.map(written).join(',')
  return encodeURIComponent(String(value).toWellFormed()).replaceAll('%3A', ':')
}

const monthLengths = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

function day(text: string): string | null {
  const [, year, month, date] = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text) ?? []
  if (year === undefined || year === '0000') return null
  const longest = monthLengths[Number(month) - 1] ?? 0
  if (Number(date) < 1 || Number(date) > longest) return null
  // Here, a 29 February in a year without one becomes 1 March.
  return new Date(`${text}T00:00:00Z`).toISOString().startsWith(text) ? text : null
}

/** What the API takes for an instant: no hour 24, and no offset beyond 14 hours. */
function instant(text: string): string | null {
  const shape =
    /^(\d{4}-\d{2}-\d{2})T(?:[01]\d|2[0-3]):\d{2}:\d{2}(?:\.\d{1,9})?(?:Z|[+-](?:(?:0\d|1[0-3]):\d{2}|14:00))$/
  const [, date] = shape.exec(text) ?? []
  return date !== undefined && day(date) !== null && !Number.isNaN(Date.parse(text)) ? text : null
}

function whole(text: string): number | null {
  return /^[1-9]\d{0,14}$/.test(text) ? Number(text) : null
}
