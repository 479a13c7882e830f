import { isDeepStrictEqual } from 'node:util'
import {
  type Day,
  type Proposal,
  type RecordedEvent,
  type Renaming,
  statusOf,
  today,
  withNamesInForce,
} from '@commitments/domain'
import type { Service } from '../source/service.ts'
import { type Broken, type Finding, held, notChecked } from '../verdict.ts'
import { eventsOf, foldAll } from './fold.ts'
import { type ServedStatus, servedStatus } from './served.ts'
import { type Piled, piles, put, type Spill } from './spill.ts'

/** The two kinds of items in the spill of a comparison. */
export type Kind = 'line' | 'status'

interface Comparison {
  readonly service: Service
  readonly spill: Spill
  /** The time zone of the ledger: decides on which day a condition changes. */
  readonly timeZone: string
  /** Lines up to this position were verified. */
  readonly verified: number
  /** Every list had seen the log at least up to this position. */
  readonly least: number
  /** Whether each proposal was also requested separately: the answer that most callers get. */
  readonly eachAlone: boolean
  /** Why the service has not yet shown all that is signed; null if it has. */
  readonly behind: string | null
  /** Why some statuses could not be read; null if all were. */
  readonly fault: Error | null
  /** Renamings of organisations, as they were when the statuses were read: several if some were recorded meanwhile. */
  readonly names: readonly (readonly Renaming[])[]
}

interface Tally {
  compared: number
  /** Proposals that could only be compared as they were known: more was recorded whenever they were read. */
  newer: number
  broken: Broken | null
  open: string | null
}

export function putStatus(spill: Spill, served: ServedStatus): void {
  put(spill, 'status', served.proposalId, Buffer.from(JSON.stringify(served)))
}

/**
 * Folds the verified events of every proposal and compares the result with its served status, member by member. The statuses were read
 * before the lines, so the lines contain everything that these had seen. What was recorded since is requested again, so that nothing that
 * is signed is without a status. What others say about a proposal (`related`) is compared elsewhere.
 *
 * @throws CannotCheck
 */
export async function compareStatuses(comparison: Comparison): Promise<Finding> {
  const tally: Tally = { compared: 0, newer: 0, broken: null, open: comparison.fault?.message ?? comparison.behind }
  for (const piled of piles<Kind>(comparison.spill)) await comparePile(comparison, piled, tally)
  if (tally.broken) return tally.broken
  if (tally.open !== null) return notChecked(tally.open)
  const alone = comparison.eachAlone ? ' and as asked for by itself' : ''
  const newer =
    tally.newer === 0
      ? ''
      : ` ${tally.newer} of them were read after more had been recorded, and were compared as they were known at that position.`
  return held(
    `The served status of each of ${tally.compared} proposals is what its events come to: as listed${alone} (up to position ${comparison.verified}, time zone ${comparison.timeZone}).${newer}`,
  )
}

async function comparePile(comparison: Comparison, piled: Piled<Kind>, tally: Tally): Promise<void> {
  const { verified } = comparison
  for (const [proposalId, pile] of piled) {
    const lines = pile.filter(({ kind }) => kind === 'line').map(({ bytes }) => bytes)
    const events = eventsOf(lines).filter(({ position }) => position <= verified)
    const statuses = pile.filter(({ kind }) => kind === 'status')
    const served = statuses.map(({ bytes }) => JSON.parse(bytes.toString('utf8')) as ServedStatus)
    for (const one of served) note(tally, compareOne(comparison, events, one))
    note(tally, unlisted(comparison, proposalId, events, served))
    if (isOpen(comparison, events, served)) note(tally, await compareAgain(comparison, proposalId, events, tally))
    tally.compared += 1
  }
}

const sound: Finding = held('')

function note(tally: Tally, finding: Finding): void {
  if (finding.outcome === 'not-checked') tally.open ??= finding.because
  if (finding.outcome !== 'broken') return
  if (tally.broken === null || (finding.position ?? 0) < (tally.broken.position ?? 0)) tally.broken = finding
}

/** A proposal whose events all lists had seen is in one of them, unless its first event cannot be folded. */
function unlisted(
  { least, fault, timeZone }: Comparison,
  proposalId: string,
  events: readonly RecordedEvent[],
  served: readonly ServedStatus[],
): Finding {
  const [first, last] = [events[0], events.at(-1)]
  // One that changed meanwhile may have left the list of void proposals, which is read last, before that was read.
  if (fault !== null || !first || !last || last.position > least || served.some(({ isAlone }) => !isAlone)) return sound
  if (foldAll(events, timeZone).proposal === null) return sound
  const because = `the service serves no status of ${proposalId}, which this event begins, in any list, and says that it has seen the log up to position ${least}`
  return { outcome: 'broken', position: first.position, because }
}

/** Whether some event of the proposal is in none of its answers, or it has no answer. */
function isOpen(
  { behind, fault, eachAlone }: Comparison,
  events: readonly RecordedEvent[],
  served: readonly ServedStatus[],
): boolean {
  const last = events.at(-1)
  if (!last || behind !== null || fault !== null) return false
  const answers = eachAlone ? served.filter(({ isAlone }) => isAlone) : served
  return last.position > Math.max(0, ...answers.map(({ seen }) => seen))
}

/** Requests the status again, of at least the end of the verified log. */
async function compareAgain(
  comparison: Comparison,
  proposalId: string,
  events: readonly RecordedEvent[],
  tally: Tally,
): Promise<Finding> {
  const { service, verified } = comparison
  const served = await servedStatus(service, proposalId, `atLeast=${verified}`)
  if (served === null) return unserved(comparison, proposalId, events)
  if (served.seen < verified)
    return notChecked(
      `the status of ${proposalId} was requested as of position ${verified} at least, and was served as of position ${served.seen}`,
    )
  // One that has seen more may show names that somebody else recorded since.
  if (served.seen === verified && !isBeyond(served, verified)) return compareOne(comparison, events, served)
  tally.newer += 1
  const then = await servedStatus(service, proposalId, `knownAtPosition=${verified}`)
  return then === null
    ? unserved(comparison, proposalId, events)
    : compareOne(comparison, events, { ...then, seen: verified })
}

function isBeyond({ status }: ServedStatus, verified: number): boolean {
  return !(Number(status['position']) <= verified)
}

function unserved({ verified, timeZone }: Comparison, proposalId: string, events: readonly RecordedEvent[]): Finding {
  const [first] = events
  // Nobody can serve the status of a proposal whose first event cannot be folded.
  if (!first || foldAll(events, timeZone).proposal === null) return sound
  const because = `the service serves no status of ${proposalId}, which this event begins, and was asked for it as of position ${verified} at least`
  return { outcome: 'broken', position: first.position, because }
}

function compareOne(comparison: Comparison, events: readonly RecordedEvent[], served: ServedStatus): Finding {
  const { proposalId, status } = served
  const position = Number(status['position'])
  if (isBeyond(served, comparison.verified)) {
    return notChecked(
      `the served status of ${proposalId} rests on position ${position}, and the signed log ends at ${comparison.verified}`,
    )
  }
  const known = events.filter((event) => event.position <= Math.max(position, served.seen))
  const { proposal, impossible } = foldAll(known, comparison.timeZone)
  if (proposal === null) return strange(proposalId, known)
  const parking = parkedFault(served, impossible)
  if (parking !== null) return notChecked(parking)
  const at = (impossible ?? known.at(-1))?.position ?? position
  const fault = statusFault(proposal, served, comparison)
  if (fault === null && (impossible === null || isParked(status))) return sound
  const what =
    impossible && !isParked(status)
      ? 'shows an event that cannot follow those before it'
      : `${fault?.says}, but its events give ${fault?.gives}${zoneHint(fault)}`
  return { outcome: 'broken', position: at, because: `the served status of ${proposalId} ${what}` }
}

function strange(proposalId: string, known: readonly RecordedEvent[]): Finding {
  const position = known[0]?.position
  const because = `a status of ${proposalId} is served, and no event in the log begins that proposal`
  return { outcome: 'broken', ...(position === undefined ? {} : { position }), because }
}

/**
 * The service itself reports the proposal as parked. That is right if the event is impossible; otherwise the cause is not visible from
 * here: the reason why it cannot be checked. Null if it is right, or not parked.
 */
export function parkedFault({ proposalId, status }: ServedStatus, impossible: RecordedEvent | null): string | null {
  if (!isParked(status)) return null
  const { position } = Object(status['parked']) as { position?: unknown }
  if (impossible && impossible.position === position) return null
  return `the service says that the status of ${proposalId} is parked at position ${Number(position)}, but here that event can be applied`
}

function isParked(status: ServedStatus['status']): boolean {
  return status['parked'] !== undefined
}

/** How a status is served. */
interface Serving {
  readonly timeZone: string
  /** The day of the condition, if one was requested; otherwise it is the day of the answer. */
  readonly asOf?: Day | undefined
  /** The names of organisations that may be shown: all renamings in force, or several lists of them if some were recorded meanwhile. */
  readonly names: readonly (readonly Renaming[])[]
}

/** The first member that differs: what the service says of it, and what the events give. */
interface StatusFault {
  readonly member: string
  readonly says: string
  readonly gives: string
}

/** Null if no member differs. Around midnight the condition may be that of either day. */
export function statusFault(
  proposal: Proposal,
  { status, servedAt }: Pick<ServedStatus, 'status' | 'servedAt'>,
  { timeZone, asOf, names }: Serving,
): StatusFault | null {
  const near = [0, -aMinute, aMinute].map((shift) => today(new Date(servedAt + shift), timeZone))
  const days = asOf === undefined ? [...new Set(near)] : [asOf]
  let fault: StatusFault | null = null
  for (const day of days)
    for (const renamings of names) {
      const ours = asServed(proposal, day, timeZone, renamings)
      const member = firstDifference(ours, status)
      if (member === null) return null
      fault ??= { member, says: `says ${member} ${shortly(status[member])}`, gives: shortly(ours[member]) }
    }
  return fault
}

/** The status on a day as a service would write it: without what JSON leaves out. */
function asServed(
  proposal: Proposal,
  day: Day,
  timeZone: string,
  renamings: readonly Renaming[],
): Record<string, unknown> {
  const status = withNamesInForce(statusOf(proposal, day, timeZone), renamings)
  return JSON.parse(JSON.stringify(status)) as Record<string, unknown>
}

const aMinute = 60_000

/** Members that are served in addition to the status of the fold. */
const beside = new Set(['related', 'parked'])

function firstDifference(ours: Record<string, unknown>, served: Readonly<Record<string, unknown>>): string | null {
  const names = new Set([...Object.keys(ours), ...Object.keys(served).filter((name) => !beside.has(name))])
  for (const name of names) if (!isDeepStrictEqual(ours[name], served[name])) return name
  return null
}

function zoneHint(fault: StatusFault | null): string {
  return fault?.member === 'condition' ? ' (is the ledger in another time zone? say so with --time-zone)' : ''
}

function shortly(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing'
  return text.length > 80 ? `${text.slice(0, 79)}…` : text
}
