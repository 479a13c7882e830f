/**
 * Sends the log to the endpoints. An endpoint is one checkpoint on the log: what comes after it is read as the live feed reads it, sent one
 * event after the other, and the checkpoint moves when the receiver has answered. So nothing is skipped, and whatever fails between the two is
 * sent again, with the same id. Endpoints share nothing but the connections to the database: one that is slow or away holds up no other.
 */
import { randomUUID } from 'node:crypto'
import { type Database, type Listener, pause, runLoop, withTimeout } from '@commitments/event-store'
import { type ApiKeys, hasRight, type ReadAccess } from '@commitments/http-kit'
import { Kysely, PostgresDialect } from 'kysely'
import { LRUCache } from 'lru-cache'
import type { Pool } from 'pg'
import type { Logger } from 'pino'
import type { CloudEventsOrigin } from '../live/cloud-events.ts'
import { continues, readLimit } from '../live/hub.ts'
import { type Range, type RangeLine, readRange } from '../live/read-range.ts'
import { createFoldMemory } from '../past/dense.ts'
import { eventIdOf } from '../streams/log-line.ts'
import {
  claimEndpoints,
  type HeldEndpoint,
  holdLonger,
  noteDelivered,
  noteFailed,
  notePaused,
  passEndpoint,
  release,
} from './claims.ts'
import { type Attempt, type Lookup, openReceiver, type Receiver } from './deliver.ts'
import { endpointsAtMost } from './endpoints.ts'
import { type Fitting, fittingLines, type Judging } from './fitting.ts'
import { contentType, eventMessage, logChangedMessage, type Message } from './messages.ts'
import type { WebhookSettings } from './settings.ts'
import { signedHeaders } from './signature.ts'
import type { Outcome } from './webhook-words.ts'

/** All in milliseconds. */
export interface WebhookTimes {
  /** For one attempt. */
  readonly patience: number
  /** For which an instance holds an endpoint; longer than an attempt by far. */
  readonly lease: number
  /** Between attempts, by the number of failures in a row; the last one holds for all further ones. */
  readonly retries: readonly number[]
  /** Of failing, after which an endpoint is paused. */
  readonly giveUpAfter: number
  /** For which a former secret still signs. */
  readonly formerSecret: number
}

const [second, minute, hour] = [1_000, 60_000, 3_600_000]

export const usualTimes: WebhookTimes = {
  patience: 15 * second,
  lease: 45 * second,
  retries: [5 * second, 30 * second, 5 * minute, 30 * minute, 2 * hour, 5 * hour],
  giveUpAfter: 120 * hour,
  formerSecret: 24 * hour,
}

/** The longest that a receiver can ask us to wait. */
const longestRetryAfter = hour

/** Before a message is sent, so much must be left of the lease beyond the time that the message may take. */
const leaseMargin = 5 * second

/** Until an endpoint is looked at again for which nothing could be sent although there is something: the read model of the past is behind. */
const restPause = 200

/** Between two looks at the table at least; and at most while an endpoint is in work or rests. */
const pace = 25
const busyPause = 250

interface SenderOptions {
  /** Connections of its own: what it does takes none from readers and projectors. */
  readonly pool: Pool
  readonly settings: WebhookSettings
  readonly times: WebhookTimes
  readonly keys: ApiKeys
  readonly readAccess: ReadAccess
  readonly origin: CloudEventsOrigin
  readonly timeZone: string
  readonly listener: Listener
  readonly logger: Logger
  readonly lookup?: Lookup | undefined
  readonly onAttempt?: (outcome: Outcome) => void
}

interface Sender extends SenderOptions {
  readonly holder: string
  readonly judging: Judging
  /** Endpoints in work. */
  readonly running: Map<string, Promise<void>>
  /** Until when an endpoint is left alone, on the clock of `performance`. */
  readonly resting: Map<string, number>
  /** What this instance has sent last, by endpoint: the database may have lost it, with events that others have. */
  readonly sent: LRUCache<string, Place & Sent>
  /** No further message is begun. */
  readonly stopping: AbortSignal
  /** The one that is under way is given up. */
  readonly cutting: AbortSignal
}

/** Of which endpoint a place is: one that was made anew, or that its owner has changed, is another. */
interface Sent {
  readonly revision: number
  readonly createdAt: Date
}

interface Place {
  readonly logId: string
  readonly position: number
  readonly eventId: string | null
}

/** Milliseconds for which a message under way may end when the service stops. */
const closingPatience = 5 * second

/** Starts to send. The returned function ends it. */
export function startSender(options: SenderOptions): () => Promise<void> {
  const [stop, cut] = [new AbortController(), new AbortController()]
  const db = new Kysely<Database>({ dialect: new PostgresDialect({ pool: options.pool }) })
  const sender: Sender = {
    ...options,
    holder: randomUUID(),
    judging: { db, timeZone: options.timeZone, folds: createFoldMemory(foldBytes) },
    running: new Map(),
    resting: new Map(),
    sent: new LRUCache({ max: 2 * endpointsAtMost.inAll }),
    stopping: stop.signal,
    cutting: cut.signal,
  }
  const onFailure = (error: unknown, failures: number) =>
    options.logger.warn({ err: error, failures }, 'the endpoints of webhooks could not be read; they are tried again')
  const loop = runLoop({ turn: () => turn(sender), stopping: stop.signal, onFailure })
  return async () => {
    stop.abort()
    const timer = setTimeout(() => cut.abort(), closingPatience)
    await loop
    await Promise.all(sender.running.values())
    clearTimeout(timer)
  }
}

const foldBytes = 4 * 1024 * 1024

async function turn(sender: Sender): Promise<void> {
  const { pool, settings, running, listener, stopping } = sender
  const before = performance.now()
  const except = leftAlone(sender, before)
  const held = await claimEndpoints(pool, claimOf(sender), settings.keyId, except)
  for (const one of held) {
    const work = serve(sender, one, before).finally(() => running.delete(one.name))
    running.set(one.name, work)
  }
  await pause(pace, stopping)
  // Of an endpoint that was left alone nobody knows what has come meanwhile.
  const isBusy = except.length > 0 || held.length > 0
  const until = isBusy ? AbortSignal.any([stopping, AbortSignal.timeout(busyPause)]) : stopping
  const woken = await listener.next(until).catch(() => 'late')
  // A closed follower gives no reason to look; then this looks from time to time.
  if (woken === 'closed') await pause(second, stopping)
}

function claimOf({ holder, times: { lease } }: Sender) {
  return { holder, lease }
}

function leftAlone({ running, resting }: Sender, now: number): string[] {
  for (const [name, until] of resting) if (until <= now) resting.delete(name)
  return [...running.keys(), ...resting.keys()]
}

/** One endpoint that this instance holds, for as long as there is something to send. */
interface Serving {
  readonly sender: Sender
  readonly endpoint: HeldEndpoint
  readonly receiver: Receiver
  place: Place
  /** Up to where the log may be sent. */
  until: number
  /** How many erasures there were when that was asked last. */
  erasures: number
  /** When the lease was last taken, on the clock of `performance`, at the latest. */
  heldAt: number
}

/** What is next for an endpoint: the log after its place, nothing for now, or nothing by us. */
type Next = 'more' | 'idle' | 'let-go'

async function serve(sender: Sender, endpoint: HeldEndpoint, heldAt: number): Promise<void> {
  const { settings, times, lookup, logger, stopping } = sender
  const { url, name } = endpoint
  const receiver = openReceiver({ url, networks: settings.networks, patience: times.patience, lookup })
  const serving: Serving = {
    sender,
    endpoint,
    receiver,
    place: placeOf(sender, endpoint),
    until: endpoint.until,
    erasures: endpoint.erasures,
    heldAt,
  }
  try {
    let next: Next = 'more'
    while (next === 'more' && !stopping.aborted) next = await sendSome(serving)
    if (next !== 'let-go') await release(sender.pool, claimOf(sender), name)
  } catch (err) {
    logger.warn({ webhook: name, err }, 'an endpoint could not be served; it is tried again')
    sender.resting.set(name, performance.now() + second)
    // If this fails too, the lease ends by itself.
    await release(sender.pool, claimOf(sender), name).catch(() => undefined)
  } finally {
    receiver.close()
  }
}

/** Where it continues. If the database has less than this instance has sent, it was lost: the log is then compared with what was sent. */
function placeOf({ sent }: Sender, endpoint: HeldEndpoint): Place {
  const { name, revision, createdAt, logId, position, eventId } = endpoint
  const last = sent.get(name)
  const isSame = last?.revision === revision && last.createdAt.getTime() === createdAt.getTime() && last.logId === logId
  return isSame && last.position > position ? last : { logId, position, eventId }
}

async function sendSome(serving: Serving): Promise<Next> {
  const { sender, place, erasures } = serving
  const range = await withTimeout(readLimit, readRange(sender.pool, place.position))
  if (!continues({ onlyReads: false }, range, place.logId, place.position, place.eventId)) return tell(serving, range)
  const lines = range.lines.filter(({ position }) => position <= serving.until)
  const { lines: known, fits } = await fittingLines(sender.judging, serving.endpoint, lines)
  if (known.length === 0) {
    if (lines.length > 0) sender.resting.set(serving.endpoint.name, performance.now() + restPause)
    return 'idle'
  }
  return sendLines(serving, range, { lines: known, fits, erasures })
}

async function sendLines(
  serving: Serving,
  { logId }: Range,
  { lines, fits, erasures }: Fitting & Pick<Serving, 'erasures'>,
): Promise<Next> {
  const { sender, endpoint } = serving
  for (const line of lines) {
    // A receiver may take minutes for each of these lines, and their texts may be erased meanwhile.
    if (sender.stopping.aborted || line.position > serving.until || serving.erasures > erasures) return 'more'
    if (!fits(line)) continue
    const message = eventMessage(line.line, logId, sender.origin, endpoint.content)
    const sent = await sendOne(serving, message)
    if (sent !== 'more') return sent
  }
  return passTo(serving, lines.at(-1))
}

/** The last lines were not for this endpoint. */
async function passTo(serving: Serving, line: RangeLine | undefined): Promise<Next> {
  const { sender, endpoint, place } = serving
  if (line === undefined || line.position <= place.position) return 'more'
  serving.place = { logId: place.logId, position: line.position, eventId: eventIdOf(line.line) }
  const isOurs = await passEndpoint(sender.pool, claimOf(sender), endpoint, line.position)
  return isOurs ? 'more' : 'let-go'
}

async function sendOne(serving: Serving, message: Message): Promise<Next> {
  const { sender, endpoint, place } = serving
  if (!(await isOursForAnAttempt(serving))) return 'let-go'
  const attempt = mayReceive(sender, endpoint.owner) ? await deliver(serving, message) : noRight
  // Stopped under way: it is not known what the receiver has, so it is sent again.
  if (attempt === null) return 'more'
  if (attempt.outcome !== 'delivered') return fail(serving, message, attempt)
  const reached = { logId: place.logId, position: message.position ?? place.position, eventId: message.id }
  sender.sent.set(endpoint.name, { ...reached, revision: endpoint.revision, createdAt: endpoint.createdAt })
  const before = performance.now()
  const sendable = await noteDelivered(sender.pool, claimOf(sender), endpoint, message, attempt)
  if (sendable === null) return 'let-go'
  Object.assign(serving, { place: reached, ...sendable, heldAt: before })
  return 'more'
}

/** So that the attempt ends before any other instance could begin one. */
async function isOursForAnAttempt(serving: Serving): Promise<boolean> {
  const { sender, endpoint, heldAt } = serving
  const { lease, patience } = sender.times
  const now = performance.now()
  if (heldAt + lease - now >= patience + leaseMargin) return true
  serving.heldAt = now
  return holdLonger(sender.pool, claimOf(sender), endpoint)
}

const noRight: Attempt = { outcome: 'no-right', status: null, milliseconds: 0, retryAfter: null }

/** Whether the owner of an endpoint may receive events now: its key is valid, and has the scopes that it needs. */
function mayReceive({ keys, readAccess }: Pick<SenderOptions, 'keys' | 'readAccess'>, owner: string): boolean {
  const caller = keys.named(owner.replace(/^key:/, ''))
  return caller !== null && (['webhooks', 'audit'] as const).every((scope) => hasRight(caller, scope, readAccess))
}

async function deliver({ sender, endpoint, receiver }: Serving, message: Message): Promise<Attempt | null> {
  const { settings, cutting, onAttempt } = sender
  const signed = signedHeaders(settings.key, endpoint, message.id, message.body, new Date())
  const attempt = await receiver.deliver({ ...signed, 'content-type': contentType }, message.body, cutting)
  if (cutting.aborted && attempt.outcome !== 'delivered') return null
  onAttempt?.(attempt.outcome)
  return attempt
}

async function fail({ sender, endpoint }: Serving, message: Message, attempt: Attempt): Promise<Next> {
  const { times, logger } = sender
  const { outcome, status } = attempt
  logger.info({ webhook: endpoint.name, message: message.id, outcome, status }, 'a webhook was not delivered')
  const failure = {
    wait: waitAfter(times, endpoint.failures, attempt),
    giveUpAfter: times.giveUpAfter,
    isGone: status === 410,
  }
  await noteFailed(sender.pool, claimOf(sender), endpoint, message, attempt, failure)
  return 'let-go'
}

/** A fifth more or less, so that endpoints that failed together are not tried together. */
function waitAfter({ retries }: WebhookTimes, failures: number, { status, retryAfter }: Attempt): number {
  const usual = retries[Math.min(failures, retries.length - 1)] ?? 0
  const asked = status === 429 || status === 503 ? Math.min((retryAfter ?? 0) * second, longestRetryAfter) : 0
  return Math.max(Math.round(usual * (0.8 + 0.4 * Math.random())), asked)
}

/** The log is another one, or lacks what was sent: the receiver is told, and nothing is sent until somebody says from where. */
async function tell(serving: Serving, { logId }: Range): Promise<Next> {
  const { sender, endpoint, place } = serving
  if (!(await isOursForAnAttempt(serving))) return 'let-go'
  const message = logChangedMessage(logId, place, sender.origin)
  const attempt = mayReceive(sender, endpoint.owner) ? await deliver(serving, message) : noRight
  if (attempt === null) return 'idle'
  if (attempt.outcome !== 'delivered') return fail(serving, message, attempt)
  const why = logId === place.logId ? 'log-went-back' : 'log-changed'
  sender.logger.warn(
    { webhook: endpoint.name, why, logId, previous: place },
    'an endpoint is paused: it has events of another past',
  )
  await notePaused(sender.pool, claimOf(sender), endpoint, why, message, attempt)
  return 'let-go'
}
