/** Requests to the projection service, through the typed client. */
import {
  type AnswerTo,
  type Client,
  createClient,
  type LogPoint,
  type QueryOf,
  type QuestionPath,
  Unreachable,
} from '@commitments/client'
import { readShell } from '../shell.ts'
import { apiKey, authorization } from './api-key.ts'

/** A request; equal requests have equal keys. */
export interface Ask<Value> {
  readonly path: string
  /** The answer is text, not JSON. */
  readonly text?: boolean
  readonly named: Readonly<Record<string, string>>
  readonly query: Readonly<Record<string, unknown>>
  /** The answer comes in pages, each with the `after` of the next one in `next`: all are read, and joined. */
  join?(before: Value, page: Value): Value
  /** Never set: it carries the type of the answer. */
  readonly answer?: Value
}

export function ask<Path extends QuestionPath>(
  path: Path,
  query?: QueryOf<Path>,
  named: Readonly<Record<string, string>> = {},
): Ask<AnswerTo<Path>> {
  return { path, named, query: query ?? {} }
}

/** A request whose answer is text, such as a checkpoint. */
export function askText(path: '/log/checkpoint' | '/log/vkey'): Ask<string> {
  return { path, text: true, named: {}, query: {} }
}

export function keyOf({ path, named, query }: Ask<unknown>): string {
  return addressOf(path, query, named)
}

/** The address of a request, for links to the API itself (CSV, a checkpoint …). */
export function addressOf(
  path: string,
  query: Readonly<Record<string, unknown>> = {},
  named: Readonly<Record<string, string>> = {},
): string {
  const filled = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(named[name] ?? ''))
  const pairs = Object.entries(query)
    .filter(([, value]) => value !== undefined)
    .map(
      ([name, value]) => `${name}=${encodeURIComponent(String(value)).replaceAll('%2C', ',').replaceAll('%3A', ':')}`,
    )
  return `${readShell().base}${filled}${pairs.length === 0 ? '' : `?${pairs.join('&')}`}`
}

let made: { readonly key: string | null; readonly client: Client } | undefined

function client(): Client {
  const key = apiKey.peek()
  if (made === undefined || made.key !== key) {
    const here = new URL(readShell().base, location.origin)
    const common = { projectionUrl: here, commandUrl: here, retries: { withinMs: 8_000 } }
    made = { key, client: createClient({ ...common, ...(key !== null && { apiKey: key }) }) }
  }
  return made.client
}

/** Sends the request, anew if the log is replaced between two pages of the answer. The browser itself keeps answers with their ETags. */
export async function askNow<Value>(asked: Ask<Value>, signal: AbortSignal): Promise<Seen<Value>> {
  if (asked.text === true) return (await readText(asked, signal)) as Seen<Value>
  const whole = (await readPages(asked, signal)) ?? (await readPages(asked, signal))
  if (whole === null) throw new Error('The log was replaced while it was read.')
  return whole
}

async function readPage<Value>({ path, named, query }: Ask<Value>, signal: AbortSignal): Promise<Seen<Value>> {
  const question = { query, path: named, signal } as Parameters<Client['get']>[1]
  return (await client().get(path as QuestionPath, question)) as Seen<Value>
}

/** Null if the log is replaced meanwhile: its pages would not belong together. */
async function readPages<Value>(asked: Ask<Value>, signal: AbortSignal): Promise<Seen<Value> | null> {
  const first = await readPage(asked, signal)
  if (asked.join === undefined) return first
  let { value, position } = first
  for (let after = nextOf(first); after !== null; ) {
    const page = await readPage({ ...asked, query: { ...asked.query, after } }, signal)
    if (page.logId !== first.logId) return null
    value = asked.join(value, page.value)
    position = Math.min(position, page.position)
    after = nextOf(page)
  }
  return { ...first, value, position }
}

function nextOf({ value }: Seen<unknown>): number | null {
  return (value as { readonly next: number | null }).next
}

type Seen<Value> = LogPoint & { readonly value: Value }

async function readText({ path }: Ask<unknown>, signal: AbortSignal): Promise<Seen<string>> {
  const response = await fetchOk(addressOf(path), { signal })
  const position = Number(response.headers.get('Log-Position'))
  return { value: await response.text(), position, logId: response.headers.get('Log-Id') ?? '' }
}

/** The very bytes of one line of the log, without its line feed. */
export async function askLine(position: number, signal: AbortSignal): Promise<Uint8Array<ArrayBuffer>> {
  const address = addressOf('/v1/events', { after: position - 1, limit: 1 })
  const response = await fetchOk(address, { signal, headers: { Accept: 'application/x-ndjson' } })
  const bytes = new Uint8Array(await response.arrayBuffer())
  return bytes.at(-1) === 0x0a ? bytes.slice(0, -1) : bytes
}

async function fetchOk(
  address: string,
  { signal, headers }: { signal: AbortSignal; headers?: Record<string, string> },
) {
  const response = await fetch(address, { signal, headers: { ...authorization(), ...headers } }).catch(
    (error: unknown) => {
      throw signal.aborted ? error : new Unreachable('No answer came.', { cause: error })
    },
  )
  if (!response.ok) throw new Error(`The service answers ${response.status}.`)
  return response
}
