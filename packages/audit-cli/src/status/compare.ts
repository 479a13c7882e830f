import { isDeepStrictEqual } from 'node:util'
import { type Proposal, type RecordedEvent, statusOf, today } from '@commitments/domain'
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
  readonly seen: number
  /** Also request each proposal separately: the answer that most callers get, and one request for each. */
  readonly eachAlone: boolean
}

interface Tally {
  compared: number
  broken: Broken | null
  open: string | null
}

export function putStatus(spill: Spill, served: ServedStatus): void {
  put(spill, 'status', served.proposalId, Buffer.from(JSON.stringify(served)))
}

/**
 * Folds the verified events of every proposal and compares the result with its served status, member by member. The lists were read before
 * the lines, so the lines contain everything that the lists had seen. What others say about a proposal (`related`) is not compared. For
 * parties, the recorded name is compared, not a new name from another proposal.
 *
 * @throws CannotCheck
 */
export async function compareStatuses(comparison: Comparison): Promise<Finding> {
  const tally: Tally = { compared: 0, broken: null, open: null }
  for (const piled of piles<Kind>(comparison.spill)) await comparePile(comparison, piled, tally)
  if (tally.broken) return tally.broken
  if (tally.open !== null) return notChecked(tally.open)
  return held(
    `The served status of each of ${tally.compared} proposals is what its events come to: as listed${
      comparison.eachAlone ? ' and as asked for by itself' : ''
    } (time zone ${comparison.timeZone}).`,
  )
}

async function comparePile(comparison: Comparison, piled: Piled<Kind>, tally: Tally): Promise<void> {
  for (const [proposalId, pile] of piled) {
    const events = eventsOf(pile.filter(({ kind }) => kind === 'line').map(({ bytes }) => bytes))
    const statuses = pile.filter(({ kind }) => kind === 'status')
    const listed = statuses.map(({ bytes }) => JSON.parse(bytes.toString('utf8')) as ServedStatus)
    for (const one of listed) note(tally, compareOne(comparison, events, one))
    if (listed.length === 0 || comparison.eachAlone) note(tally, await compareAlone(comparison, proposalId, events))
    tally.compared += 1
  }
}

/** A proposal that no list has may have been created after its page was read, or may have no status at all. */
async function compareAlone(
  comparison: Comparison,
  proposalId: string,
  events: readonly RecordedEvent[],
): Promise<Finding> {
  if (events.length === 0) return sound
  const served = await servedStatus(comparison.service, proposalId)
  if (served === null) return unserved(comparison, proposalId, events)
  // Events recorded since the lists were read are not verified yet.
  return Number(served.status['position']) > comparison.verified ? sound : compareOne(comparison, events, served)
}

const sound: Finding = held('')

function note(tally: Tally, finding: Finding): void {
  if (finding.outcome === 'not-checked') tally.open ??= finding.because
  if (finding.outcome !== 'broken') return
  if (tally.broken === null || (finding.position ?? 0) < (tally.broken.position ?? 0)) tally.broken = finding
}

function unserved({ seen, timeZone }: Comparison, proposalId: string, events: readonly RecordedEvent[]): Finding {
  const [first] = events
  // Nobody can serve the status of a proposal whose first event cannot be folded.
  if (!first || first.position > seen || foldAll(events, timeZone).proposal === null) return sound
  const because = `the service serves no status of ${proposalId}, which this event begins, and says that it has seen the log up to position ${seen}`
  return { outcome: 'broken', position: first.position, because }
}

function compareOne(comparison: Comparison, events: readonly RecordedEvent[], served: ServedStatus): Finding {
  const { proposalId, status } = served
  const position = Number(status['position'])
  if (position > comparison.verified) {
    return notChecked(
      `the served status of ${proposalId} rests on position ${position}, and the signed log ends at ${comparison.verified}`,
    )
  }
  const known = events.filter((event) => event.position <= Math.max(position, served.seen))
  const { proposal, impossible } = foldAll(known, comparison.timeZone)
  if (proposal === null) return strange(proposalId, known)
  if (status['parked']) return parked(proposalId, status['parked'], impossible)
  const at = (impossible ?? known.at(-1))?.position ?? position
  const member = differingMember(proposal, served, comparison.timeZone)
  if (member === null && impossible === null) return sound
  const what = impossible
    ? 'shows an event that cannot follow those before it'
    : memberSentence(member ?? '', proposal, served, comparison.timeZone)
  return { outcome: 'broken', position: at, because: `the served status of ${proposalId} ${what}` }
}

function strange(proposalId: string, known: readonly RecordedEvent[]): Finding {
  const position = known[0]?.position
  const because = `a status of ${proposalId} is served, and no event in the log begins that proposal`
  return { outcome: 'broken', ...(position === undefined ? {} : { position }), because }
}

/**
 * The service itself reports the proposal as parked. That is right if the event is impossible; otherwise the cause is
 * not visible from here.
 */
function parked(proposalId: string, where: unknown, impossible: RecordedEvent | null): Finding {
  const { position } = where as { position?: unknown }
  if (impossible && impossible.position === position) return sound
  return notChecked(
    `the service says that the status of ${proposalId} is parked at position ${Number(position)}, but here that event can be applied`,
  )
}

/** The first differing member; null if none differs. Around midnight the condition may be that of either day. */
function differingMember(proposal: Proposal, { status, servedAt }: ServedStatus, timeZone: string): string | null {
  const differing = [0, -aMinute, aMinute].map((shift) => {
    return firstDifference(asServed(proposal, servedAt + shift, timeZone), status)
  })
  return differing.includes(null) ? null : (differing[0] ?? null)
}

/** The status at an instant (milliseconds since 1970) as a service would write it: without what JSON leaves out. */
function asServed(proposal: Proposal, at: number, timeZone: string): Record<string, unknown> {
  const status = statusOf(proposal, today(new Date(at), timeZone), timeZone)
  return JSON.parse(JSON.stringify(status)) as Record<string, unknown>
}

const aMinute = 60_000

/** Members that are served in addition to the status of the fold. */
const beside = new Set(['related', 'parked'])

function firstDifference(ours: Record<string, unknown>, served: Readonly<Record<string, unknown>>): string | null {
  const names = new Set([...Object.keys(ours), ...Object.keys(served).filter((name) => !beside.has(name))])
  for (const name of names) if (!isDeepStrictEqual(ours[name], recordedOf(name, served[name]))) return name
  return null
}

/** Parties with the names that their proposal recorded: a new name of an organisation comes from another stream and is shown instead. */
export function recordedOf(name: string, value: unknown): unknown {
  if (!Array.isArray(value) || (name !== 'parties' && name !== 'formerParties')) return value
  return value.map((one: Record<string, unknown>) => {
    const { recordedName, ...party } = one
    if (recordedName === undefined) return one
    const { name: _inForce, ...unnamed } = party
    return recordedName === null ? unnamed : { ...unnamed, name: recordedName }
  })
}

function memberSentence(
  member: string,
  proposal: Proposal,
  { status, servedAt }: ServedStatus,
  timeZone: string,
): string {
  const zone = member === 'condition' ? ' (is the ledger in another time zone? say so with --time-zone)' : ''
  const ours = asServed(proposal, servedAt, timeZone)[member]
  return `says ${member} ${shortly(status[member])}, but its events give ${shortly(ours)}${zone}`
}

function shortly(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing'
  return text.length > 80 ? `${text.slice(0, 79)}…` : text
}
