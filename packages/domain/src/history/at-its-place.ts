import type { Day } from '../dates.ts'
import type { World } from '../define-event.ts'
import { definitionOf, type EventBodyWithProposal, type EventType, type RecordedEvent } from '../event-types.ts'
import { ImpossibleHistory } from '../evolve.ts'
import { withOthers } from '../lists.ts'
import type { Proposal } from '../proposal.ts'
import { type Decision, type RefusalCode, type Refused, refused } from '../refusals.ts'
import { eventsASlice, type Sliced } from '../slices.ts'
import { orderOf } from './dating.ts'
import { effectiveHistory } from './effective.ts'
import { inOrder, type Read } from './fold.ts'

/** An event of a stream that is refused at its place in the order, as the stream is understood now. */
export interface Broken {
  readonly version: number
  readonly type: string
  /** Why it is refused. */
  readonly code: RefusalCode
  readonly detail: string
  /** The day from which it counts, and on which the rule would be broken; null if the rule does not depend on a day. */
  readonly day: Day | null
}

/** The same, with the rule's whole answer. */
interface BrokenRule {
  readonly event: RecordedEvent
  readonly day: Day | null
  readonly refusal: Refused
}

/** Whether a rule holds on every day, for events of this type. */
export function holdsOnEveryDay(type: RecordedEvent['type'], code: RefusalCode): boolean {
  return everyDay[type]?.includes(code) ?? false
}

/**
 * The rules that hold on every day, and not only in the order of recording (docs/domain.md, Order of the fold), by type of event. All other
 * rules are about recording: an event that was recorded once is not checked again when something is learnt later.
 */
const everyDay: Partial<Record<RecordedEvent['type'], readonly RefusalCode[]>> = {
  pledged: ['other-currency'],
  funded: ['other-currency'],
  disbursed: ['over-committed', 'other-currency', 'other-line'],
  decommitted: ['over-decommitted', 'over-planned', 'other-currency'],
  ended: ['over-planned'],
  refunded: ['over-refunded', 'other-currency'],
  'tranche-planned': ['over-planned', 'other-currency', 'other-line'],
  // A date that was unknown when the event was recorded would be dropped silently.
  updated: ['already-planned'],
  'party-left': ['last-party'],
}

/** Events about the standing of a proposal's record. They must hold on the current state and at their place. */
const aboutStanding: ReadonlySet<string> = new Set<EventType>(['ended', 'closed', 'reopened'])

/**
 * Whether an event that does not count last can be recorded: first by its own rules at its place in the order, then by the rules that hold
 * on every day after it. It was already checked that the proposal accepts it now.
 *
 * @param now the state of everything recorded, to which `world.history()` leads
 */
export function* mayTakeItsPlace(
  now: Proposal,
  body: EventBodyWithProposal,
  world: World<RecordedEvent>,
): Sliced<Decision> {
  if (aboutStanding.has(body.type)) {
    const decision = ownRules(now, body, world)
    if (decision.outcome === 'refused') return decision
  }
  const history = world.history()
  const event = asIfRecorded(body, history, world)
  const { own, broken } = yield* judgeInOrder([...history, event], world, { event, now })
  if (own) return own
  if (broken.length === 0) return { outcome: 'accepted' }
  const before = yield* brokenOnSomeDay(history, world)
  const [first] = newlyBroken(broken.map(shown), before)
  const rule = broken.find((one) => one.event.version === first?.version && one.refusal.code === first?.code)
  if (!rule || !first) return { outcome: 'accepted' }
  const { outcome: _refused, code, detail, ...extra } = rule.refusal
  const when = first.day === null ? 'It' : `On ${first.day} it`
  return refused(code, `${when} would break event ${first.version} (${first.type}): ${detail}`, {
    ...extra,
    day: first.day,
    broken: [first],
  })
}

/** The events of a stream that break a rule which holds on every day. */
export function* brokenOnSomeDay(stream: readonly RecordedEvent[], world: World): Sliced<readonly Broken[]> {
  const { broken } = yield* judgeInOrder(stream, world)
  return broken.map(shown)
}

/** Those that were not broken before, or not for this reason. */
export function newlyBroken(after: readonly Broken[], before: readonly Broken[]): readonly Broken[] {
  const known = new Set(before.map(({ version, code }) => `${version} ${code}`))
  return after.filter(({ version, code }) => !known.has(`${version} ${code}`))
}

/** As the last event of its stream. Other members that the log would add do not matter for reading the other events. */
export function asIfRecorded(
  body: EventBodyWithProposal,
  history: readonly RecordedEvent[],
  { now }: World,
): RecordedEvent {
  const version = history.length + 1
  return { ...body, version, position: 0, recordedAt: now, eventId: '', nonce: '', schemaVersion: 1, recordedBy: '' }
}

/** An event that may be recorded, and the state of everything that is recorded. */
interface Candidate {
  readonly event: RecordedEvent
  readonly now: Proposal
}

interface Judged {
  /** Why the candidate is refused at its place. */
  readonly own: Refused | null
  readonly broken: readonly BrokenRule[]
}

function* judgeInOrder(stream: readonly RecordedEvent[], world: World, candidate?: Candidate): Sliced<Judged> {
  const broken: BrokenRule[] = []
  const judge = (read: Pick<Read, 'event' | 'before' | 'from'>): Refused | null => {
    if (read.event === candidate?.event) return judgeCandidate(candidate, read, world)
    const refusal = refusalOnDay(read, world)
    if (refusal) broken.push({ event: read.event, day: read.from, refusal })
    return null
  }
  const reading = inOrder(orderOf(effectiveHistory(stream), world.timeZone))
  let last: Read | null = null
  for (let count = 1; ; count += 1) {
    const { done, value } = reading.next()
    if (done) {
      const never = value.map((event) => neverThere(event, last, world))
      const own = never.find(({ event }) => event === candidate?.event)?.refusal ?? null
      return { own, broken: [...broken, ...never] }
    }
    const own = judge(value)
    if (own) return { own, broken }
    last = value
    if (count % eventsASlice === 0) yield
  }
}

function judgeCandidate(
  { now }: Candidate,
  { event, before, from }: Pick<Read, 'event' | 'before' | 'from'>,
  world: World,
): Refused | null {
  if (before === null) return null
  const decision = ownRules(knowing(before, now, event), event, world)
  return decision.outcome === 'refused' ? onDay(from, decision) : null
}

function onDay(day: Day, { outcome: _refused, code, detail, ...extra }: Refused): Refused {
  return refused(code, `The event counts from ${day} and is judged as of that day. ${detail}`, { ...extra, day })
}

function refusalOnDay({ event, before }: Pick<Read, 'event' | 'before'>, world: World): Refused | null {
  if (!everyDay[event.type] || before === null) return null
  const decision = ownRules(before, event, world)
  return decision.outcome === 'refused' && holdsOnEveryDay(event.type, decision.code) ? decision : null
}

/** An event that refers to something that never comes. If a rule accepted it, the log would contain a stream that cannot be folded. */
function neverThere(event: RecordedEvent, last: Read | null, world: World): BrokenRule {
  const refusal = last && ownRules({ ...last.after, version: event.version - 1 }, event, world)
  if (refusal?.outcome !== 'refused') throw new ImpossibleHistory('nothing-there', event)
  return { event, day: null, refusal }
}

function ownRules(proposal: Proposal | null, event: EventBodyWithProposal, world: World): Decision {
  const definition = definitionOf(event.type)
  if (!definition) throw new TypeError(`Not an event type: ${event.type}`)
  return definition.decide(proposal, event, worldWith(world, proposal))
}

/** If a rule reaches its own proposal through others, it must find it as it was then. */
export function worldWith(world: World, before: Proposal | null): World {
  return {
    futureBegins: world.futureBegins,
    now: world.now,
    timeZone: world.timeZone,
    find: (proposalId) => (proposalId === before?.proposalId ? before : world.find(proposalId)),
    history: () => world.history(),
  }
}

function shown({ event: { version, type }, day, refusal: { code, detail } }: BrokenRule): Broken {
  return { version, type, code, detail, day }
}

/**
 * The state at a place in the order, combined with what the whole record knows. Amounts, dates and what is in force on the day are checked
 * at the place. Checked on the whole record are: the stages from which an event is possible, which ids are taken, what happens once and has
 * happened, who the parties are, what was pledged, and which milestones were met. The reason: sources give acts in a wrong order, and
 * events without a date count late.
 */
function knowing(before: Proposal, now: Proposal, { type }: RecordedEvent): Proposal {
  const parties = [...now.parties, ...now.formerParties]
  const left = new Set(before.formerParties.map(({ party }) => party))
  const others = parties.filter(({ party }) => !left.has(party))
  return {
    ...before,
    version: now.version,
    stage: now.stage,
    // Whether a party can leave is checked on the parties of that day.
    parties: type === 'party-left' ? before.parties : withOthers(before.parties, others, ({ party }) => party),
    pledges: withOthers(before.pledges, now.pledges, ({ pledge }) => pledge),
    lines: withOthers(before.lines, now.lines, ({ line }) => line),
    transactions: withOthers(before.transactions, now.transactions, ({ transaction }) => transaction),
    milestones:
      type === 'delivered'
        ? now.milestones
        : withOthers(before.milestones, now.milestones, ({ milestone }) => milestone),
    links: withOthers(before.links, now.links, ({ relation, other }) => `${relation} ${other}`),
    parent: before.parent ?? now.parent,
    consents: now.consents,
    history: { ...before.history, agreed: now.history.agreed, delivered: now.history.delivered },
    delivery: { ...before.delivery, started: now.delivery.started },
  }
}
