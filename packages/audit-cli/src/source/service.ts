/** Requests to a service over HTTP. The service is the audited party: nothing about its answers is taken for granted. */
import { CannotCheck } from '../verdict.ts'
import { isTooDeep } from './depth.ts'
import { keepingPace } from './pace.ts'
import { Passing } from './passing.ts'

export interface Service {
  /** Without a slash at the end. */
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly fetch: typeof globalThis.fetch
  /** Milliseconds between attempts; there is one attempt more than there are pauses. */
  readonly pauses: readonly number[]
  /** Called with the reason for waiting. */
  readonly onWait: ((sentence: string) => void) | undefined
  /** Milliseconds of silence that the user is told of, again and again. */
  readonly silentFor: number
  /** Milliseconds after which an answer that hardly moves is given up. */
  readonly slowAfter: number
  /** The most milliseconds for which one answer waits in all because the service asks for that. */
  readonly mostAsked: number
}

export interface ServiceOptions {
  /** For services that require a key for reading. */
  readonly apiKey?: string | undefined
  readonly fetch?: typeof globalThis.fetch
  readonly pauses?: readonly number[]
  /** Called with a sentence when a wait takes a second or longer. */
  readonly onWait?: ((sentence: string) => void) | undefined
  readonly silentFor?: number
  readonly slowAfter?: number
  readonly mostAsked?: number
}

const usualPauses = [200, 500, 1_000, 2_000, 4_000]

const usualSilence = 5_000
const usualSlowness = 60_000
const usuallyAsked = 60_000

/** Milliseconds from which a wait is reported. */
const worthSaying = 1_000

export function isUrl(location: string): boolean {
  return /^https?:\/\//i.test(location)
}

export function serviceAt(
  url: string,
  {
    apiKey,
    fetch = globalThis.fetch,
    pauses = usualPauses,
    onWait,
    silentFor = usualSilence,
    slowAfter = usualSlowness,
    mostAsked = usuallyAsked,
  }: ServiceOptions = {},
): Service {
  const headers: Record<string, string> = apiKey === undefined ? {} : { Authorization: `Bearer ${apiKey}` }
  return { url: url.replace(/\/+$/, ''), headers, pauses, onWait, silentFor, slowAfter, mostAsked, fetch }
}

/** Longest complete answer that is accepted: a page of 500 statuses is some megabytes. */
const longestAnswer = 256 * 1024 * 1024

/** A complete answer, or null for 404. @throws CannotCheck if there is none */
export async function ask(
  service: Service,
  path: string,
  accept = '*/*',
): Promise<{ url: string; headers: Headers; body: Buffer } | null> {
  return trying(service, path, async () => {
    const response = await open(service, path, accept)
    if (response === null) return null
    return { url: response.url, headers: response.headers, body: await whole(service, response, path) }
  })
}

/** The same, as JSON. */
export async function askJson(service: Service, path: string): Promise<{ headers: Headers; value: unknown } | null> {
  const answer = await ask(service, path, 'application/json')
  if (answer === null) return null
  if (isTooDeep(answer.body)) throw new CannotCheck(`the answer to ${path} is nested deeper than any documented one`)
  try {
    return { headers: answer.headers, value: JSON.parse(answer.body.toString('utf8')) }
  } catch {
    throw new CannotCheck(`the answer to ${path} is not JSON`)
  }
}

/** The most milliseconds of one pause that a service can ask for. */
const longestAsked = 30_000

/** Retries temporary failures. @throws CannotCheck when there are no attempts left */
export async function trying<Value>(service: Service, path: string, work: () => Promise<Value>): Promise<Value> {
  let asked = service.mostAsked
  for (const pause of [...service.pauses, null]) {
    try {
      return await work()
    } catch (error) {
      if (!(error instanceof Passing)) throw error
      if (pause === null) throw new CannotCheck(`${service.url}${path} could not be read: ${error.message}`)
      const rest = Math.max(pause, Math.min(error.after, longestAsked, asked))
      asked -= Math.min(asked, rest)
      if (rest >= worthSaying)
        service.onWait?.(`${service.url}${path}: ${error.message}; it is tried again in ${rest / 1000} s.`)
      await new Promise((resolve) => setTimeout(resolve, rest))
    }
  }
  throw new Error('the last try ends the loop')
}

/** Tells the user that an answer is waited for: a check that says nothing looks like one that hangs. */
export async function sayingSo<Value>(
  { url, onWait, silentFor }: Service,
  path: string,
  waiting: Promise<Value>,
): Promise<Value> {
  const began = performance.now()
  const say = () => {
    const seconds = Math.round((performance.now() - began) / 1000)
    onWait?.(`${url}${path}: no answer for ${seconds} s; it is waited for.`)
  }
  const timer = setInterval(say, silentFor)
  try {
    return await waiting
  } finally {
    clearInterval(timer)
  }
}

/** The head of an answer; null for 404. `fetch` itself gives up if nothing comes for five minutes. @throws Passing, CannotCheck */
async function open(service: Service, path: string, accept: string): Promise<Response | null> {
  const { url, headers, fetch } = service
  const asked = fetch(`${url}${path}`, { headers: { ...headers, Accept: accept } })
  const response = await sayingSo(service, path, asked).catch((error: unknown) => {
    throw new Passing(reasonOf(error))
  })
  if (response.ok) return response
  await response.body?.cancel().catch(() => undefined)
  if (response.status === 404) return null
  throw faultOfStatus(service, path, response.status, response.headers)
}

/** The error for an unsuccessful status: temporary or final. */
export function faultOfStatus({ url }: Service, path: string, status: number, headers: Headers): Error {
  if (![429, 502, 503, 504].includes(status)) return new CannotCheck(`${url}${path} answers ${status}${hint(status)}`)
  return new Passing(`it answers ${status}`, Number(headers.get('Retry-After') ?? 0) * 1000 || 0)
}

function hint(status: number): string {
  if (status === 401 || status === 403) return ': set COMMITMENTS_API_KEY to a key with the scopes read and audit'
  // The command service has the same path for recording.
  return status === 405 ? ': give the address of the projection service' : ''
}

/** A service under audit must not fill our memory. */
async function whole(service: Service, response: Response, path: string): Promise<Buffer> {
  const pieces: Uint8Array[] = []
  let length = 0
  try {
    for await (const piece of keepingPace(service, path, (response.body ?? []) as AsyncIterable<Uint8Array>)) {
      length += piece.length
      if (length > longestAnswer) throw new CannotCheck(`the answer to ${path} does not end`)
      pieces.push(piece)
    }
  } catch (error) {
    throw error instanceof CannotCheck || error instanceof Passing ? error : new Passing(reasonOf(error))
  }
  return Buffer.concat(pieces)
}

function reasonOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
  return cause instanceof Error ? cause.message || cause.name : String(cause)
}
