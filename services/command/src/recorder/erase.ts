/**
 * Erases texts of recorded events for ever (docs/decisions/0048-erasure.md). One caller proposes it, and another one approves it: then the
 * lines are rewritten, and for each proposal an event `erased` is recorded, in one transaction.
 */
import {
  decodeLine,
  definitionOf,
  type ErasedData,
  type EventBodyWithProposal,
  eraseLine,
  type LanguageMap,
  type RecordedEvent,
} from '@commitments/domain'
import {
  classifyFault,
  type Erasure,
  type ErasureToPropose,
  eraseEvents,
  haltedState,
  proposeErasure,
  readErasure,
  readErasures,
  readLinesAt,
  sqlState,
} from '@commitments/event-store'
import { leafHash } from '@commitments/transparency'
import type { BatchContext } from './batch.ts'
import { NotSent } from './log.ts'
import { type NewEvent, newEvent, newEventId } from './new-event.ts'
import { Halted, OutcomeUnknown, Overtaken, Unavailable } from './requests.ts'

export type Erasing = Pick<BatchContext, 'log' | 'cache' | 'announce'>

/** What keeps lines from being erased. */
export type NotErasable =
  | { readonly outcome: 'no-such-position'; readonly positions: readonly number[] }
  /**
   * They are erased already, or are themselves the record of an erasure; or this release does not know their type, and so not what is text; or they
   * or others of their proposal cannot be read.
   */
  | { readonly outcome: 'not-erasable'; readonly positions: readonly number[] }

type Proposed = { readonly outcome: 'proposed'; readonly erasure: Erasure; readonly isNew: boolean } | NotErasable

type Approved =
  | { readonly outcome: 'erased'; readonly erasure: Erasure }
  | { readonly outcome: 'unknown' | 'expired' }
  | { readonly outcome: 'same-caller'; readonly erasure: Erasure }
  | NotErasable

/** The most that are listed: the newest. */
const mostListed = 100

/** Milliseconds for which an approval is prepared again because others record on the same proposals. */
const patience = 10_000

/** @throws Unavailable */
export function listErasures({ log }: Erasing): Promise<Erasure[]> {
  return reading(log.with((client) => readErasures(client, mostListed)))
}

/**
 * Proposes to erase the lines at some positions. Nothing is erased by that.
 *
 * @throws Unavailable
 */
export async function propose({ log }: Erasing, asked: ErasureToPropose): Promise<Proposed> {
  const lines = await reading(log.with((client) => readLinesAt(client, asked.positions)))
  const read = lines.map(({ position, line }) => ({ position, event: readable(line) }))
  const unread = read.filter(({ event }) => event.length === 0)
  if (unread.length > 0) return { outcome: 'not-erasable', positions: unread.map(({ position }) => position) }
  const fault = faultOf(
    asked.positions,
    read.flatMap(({ event }) => event),
  )
  if (fault) return fault
  const { erasure, isNew } = await written(log.with((client) => proposeErasure(client, asked)))
  return { outcome: 'proposed', erasure, isNew }
}

/**
 * Approves what another caller has proposed, and erases. A repeated approval gets the same answer, and does nothing more.
 *
 * @throws Unavailable, Halted, Overtaken: certainly nothing was erased
 * @throws OutcomeUnknown: it may be erased or not; the same call again finds out
 */
export async function approve(erasing: Erasing, erasureId: string, approvedBy: string): Promise<Approved> {
  const { log, cache, announce } = erasing
  await log.assertOpen()
  const until = performance.now() + patience
  let tries = 0
  for (; performance.now() < until; tries += 1) {
    const erasure = await reading(log.with((client) => readErasure(client, erasureId)))
    if (erasure === null) return { outcome: 'unknown' }
    if (erasure.state === 'erased') return { outcome: 'erased', erasure }
    if (erasure.state === 'expired') return { outcome: 'expired' }
    if (erasure.proposedBy === approvedBy) return { outcome: 'same-caller', erasure }
    const plan = await planned(erasing, erasure, approvedBy)
    if (plan.outcome !== 'planned') {
      // Another approval may have erased them since the erasure was read.
      const now = await reading(log.with((client) => readErasure(client, erasureId)))
      if (now?.state === 'erased') continue
      return plan
    }
    const { events, lines } = plan
    const approval = { erasureId, approvedBy, events: events.map(({ append }) => append), lines }
    const outcome = await written(log.with((client) => eraseEvents(client, approval)))
    if (outcome === 'erased') {
      for (const { append } of events) cache.delete(append.proposalId)
      await log.look()
      announce(log.known.newest?.position ?? 0)
    }
  }
  throw new Overtaken(tries)
}

interface Plan {
  readonly outcome: 'planned'
  readonly events: readonly NewEvent[]
  readonly lines: readonly { readonly position: number; readonly line: string }[]
}

/** The event of each proposal, and the new lines, by what the log says now. */
async function planned({ log }: Erasing, erasure: Erasure, recordedBy: string): Promise<Plan | NotErasable> {
  const { positions } = erasure
  const found = await reading(log.with((client) => readLinesAt(client, positions)))
  const streams = await log.readStreams([...new Set(found.map(({ proposalId }) => proposalId))])
  const read = [...streams].map(([proposalId, texts]) => ({ proposalId, texts, stream: texts.flatMap(readable) }))
  const unread = read.find(({ texts, stream }) => stream.length < texts.length)
  if (unread) {
    const own = found.filter(({ proposalId }) => proposalId === unread.proposalId)
    return { outcome: 'not-erasable', positions: own.map(({ position }) => position) }
  }
  const fault = faultOf(
    positions,
    read.flatMap(({ stream }) => stream).filter(({ position }) => positions.includes(position)),
  )
  if (fault) return fault
  const events: NewEvent[] = []
  const lines: { position: number; line: string }[] = []
  for (const { proposalId, texts, stream } of read) {
    const by = newEventId()
    const own = texts.flatMap((line, index) => {
      const event = stream[index] as RecordedEvent
      return positions.includes(event.position) ? [erasedOne(event, line, by, stream)] : []
    })
    lines.push(...own)
    const data: ErasedData = {
      events: own.map(({ version, position, line }) => ({ version, position, leafHash: hashOf(line) })),
      reason: JSON.parse(erasure.reason) as LanguageMap,
      decidedBy: JSON.parse(erasure.decidedBy) as LanguageMap,
      proposedBy: erasure.proposedBy,
    }
    const body: EventBodyWithProposal = { proposalId, type: 'erased', occurredOn: null, data }
    const place = { version: stream.length + 1, follows: stream.at(-1)?.eventId ?? null, restsOn: [] }
    events.push(newEvent({ body, keyDigest: null, speaker: { recordedBy }, traceparent: null }, place, by))
  }
  return { outcome: 'planned', events, lines }
}

function erasedOne(event: RecordedEvent, line: string, by: string, stream: readonly RecordedEvent[]) {
  const { version, position } = event
  const typeOf = (of: number) => stream[of - 1]?.type
  return { version, position, line: eraseLine(event, { by, leafHash: hashOf(line), typeOf }) }
}

function hashOf(line: string): string {
  return leafHash(Buffer.from(line)).toString('base64')
}

function faultOf(positions: readonly number[], events: readonly RecordedEvent[]): NotErasable | null {
  const there = new Set(events.map(({ position }) => position))
  const missing = positions.filter((position) => !there.has(position))
  if (missing.length > 0) return { outcome: 'no-such-position', positions: missing }
  const fixed = events.filter(({ type, erased }) => type === 'erased' || erased !== undefined || !definitionOf(type))
  if (fixed.length > 0) return { outcome: 'not-erasable', positions: fixed.map(({ position }) => position) }
  return null
}

/** None for a line that is no event: somebody has written it into the table without the service. */
function readable(line: string): RecordedEvent[] {
  try {
    return [decodeLine(line)]
  } catch {
    return []
  }
}

async function reading<Result>(work: Promise<Result>): Promise<Result> {
  try {
    return await work
  } catch (cause) {
    if (!(cause instanceof NotSent) && classifyFault(cause) === 'content') throw cause
    throw new Unavailable('the log cannot be read', { cause })
  }
}

async function written<Result>(work: Promise<Result>): Promise<Result> {
  try {
    return await work
  } catch (cause) {
    if (cause instanceof NotSent) throw new Unavailable('no connection', { cause })
    if (sqlState(cause) === haltedState) throw new Halted((cause as Error).message, { cause })
    const fault = classifyFault(cause)
    if (fault === 'content') throw cause
    if (fault === 'not-recorded') throw new Unavailable('the log cannot be written', { cause })
    throw new OutcomeUnknown('the log gave no answer', { cause })
  }
}
