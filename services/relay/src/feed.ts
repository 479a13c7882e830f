/** The feed of the projection service, as pages of CloudEvents. */
import { z } from 'zod'
import { elementsOf } from './elements.ts'
import { type Message, RelayStopped } from './sink.ts'

export interface Feed {
  /** The address of the projection service. */
  readonly url: string
  readonly apiKey: string | undefined
}

export interface FeedPage {
  readonly logId: string
  /** Where the log ended when the page was made. */
  readonly head: number
  readonly messages: readonly Message[]
}

/** The most events in one page: two megabytes as a rule. */
const pageSize = 500

/** Milliseconds: longer than the service takes to give up on a page. */
const patience = 30_000

/** What the relay reads of a CloudEvent; docs/decisions/0009-live-feed.md says what each attribute is. */
const Attributes = z.object({
  id: z.string(),
  type: z.string(),
  subject: z.string(),
  sequence: z.string().regex(/^\d{16}$/),
  data: z.object({ type: z.string() }),
})

/**
 * The events after a position.
 *
 * @throws RelayStopped if the log ends before the position, or the service refuses the key; any other error may pass
 */
export async function readPage(feed: Feed, after: number, signal: AbortSignal): Promise<FeedPage> {
  const headers = { accept: 'application/cloudevents-batch+json' }
  const response = await ask(feed, `/v1/events?after=${after}&limit=${pageSize}`, headers, signal)
  const text = await response.text()
  if (!response.ok) throw refusalOf(response.status, text, after)
  const logId = response.headers.get('log-id')
  const head = Number(response.headers.get('log-position') ?? Number.NaN)
  if (logId === null || !Number.isSafeInteger(head))
    throw new Error('The answer does not say how far in which log it has seen.')
  const messages = elementsOf(text).map((body) => messageOf(body, logId))
  assertNoGap(messages, after)
  return { logId, head, messages }
}

function messageOf(body: string, logId: string): Message {
  const { id, subject, sequence, data } = Attributes.parse(JSON.parse(body))
  return { logId, position: Number(sequence), eventId: id, type: data.type, proposalId: subject, body }
}

/** Positions have no gaps; a page that has one is not passed on. */
function assertNoGap(messages: readonly Message[], after: number): void {
  for (const [index, { position }] of messages.entries()) {
    const expected = after + 1 + index
    if (position !== expected) throw new Error(`Position ${position} came where ${expected} should have.`)
  }
}

/**
 * Waits until the statuses have applied an event after the position, as long as the service waits (some seconds). Returns in either case:
 * the next page tells, and it is served even if the statuses stand still.
 */
export async function waitForMore(feed: Feed, position: number, signal: AbortSignal): Promise<void> {
  const response = await ask(
    feed,
    `/v1/proposals?limit=1&atLeast=${position + 1}`,
    { accept: 'application/json' },
    signal,
  )
  const text = await response.text()
  if (response.ok || isProblem(text, 'not-yet-applied')) return
  throw refusalOf(response.status, text, position)
}

function ask(feed: Feed, path: string, headers: Record<string, string>, signal: AbortSignal): Promise<Response> {
  const authorization = feed.apiKey === undefined ? {} : { authorization: `Bearer ${feed.apiKey}` }
  return fetch(feed.url + path, {
    headers: { ...headers, ...authorization },
    redirect: 'error',
    signal: AbortSignal.any([signal, AbortSignal.timeout(patience)]),
  })
}

/** Statuses that may pass by themselves. */
const mayPass: ReadonlySet<number> = new Set([408, 429])

function refusalOf(status: number, text: string, after: number): Error {
  const said = `the projection service answered ${status}: ${text.slice(0, 500)}`
  if (isProblem(text, 'beyond-head')) {
    return new RelayStopped(
      'log-went-back',
      `By the stream or by --after, events up to position ${after} were published, and the log ends before it: --after is too high, or the log has lost events that were published. ` +
        'If it has, find out from the operator of the log what was given up. Then give the relay a new stream (NATS_STREAM, NATS_SUBJECT).',
    )
  }
  if (status >= 500 || mayPass.has(status)) return new Error(said)
  return new RelayStopped(
    'refused',
    `The feed cannot be read: ${said} Give the relay a key with the scopes read and audit (RELAY_API_KEY_FILE).`,
  )
}

function isProblem(text: string, code: string): boolean {
  try {
    return (JSON.parse(text) as { code?: unknown }).code === code
  } catch {
    return false
  }
}
