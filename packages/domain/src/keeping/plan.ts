/** The events that bring a proposal to a wish. */
import { deciding, needsHistory } from '../decide.ts'
import type { World } from '../define-event.ts'
import { type ParseError, parseEventBody } from '../event-schemas.ts'
import { definitionOf, type EventBodyWithProposal, type RecordedEvent } from '../event-types.ts'
import { evolveIfLast } from '../evolve.ts'
import { foldingStream } from '../history/fold.ts'
import type { Proposal } from '../proposal.ts'
import { type Refused, refused } from '../refusals.ts'
import { limits } from '../schema.ts'
import type { Sliced } from '../slices.ts'
import { differencesOf } from './differences.ts'
import { faultsOf } from './fault.ts'
import type { NotPlanned, Step, Told } from './found.ts'
import { type Author, ceasedFacts } from './past.ts'
import type { Wish, Wished } from './wish.ts'

/** An event to record, and the members of the wish that it is for. */
export interface PlannedEvent {
  readonly paths: readonly string[]
  readonly body: EventBodyWithProposal
  /** The members of the wish that its date and its evidence are from. */
  readonly source: { readonly occurredOn: string; readonly evidence: string }
}

export interface EventPlan {
  readonly outcome: 'planned'
  /** In the order in which they are recorded, all or none. Empty: the record is as wished, as far as events can bring it there. */
  readonly events: readonly PlannedEvent[]
  readonly notPlanned: readonly NotPlanned[]
  /** The state with these events. */
  readonly proposal: Proposal
}

/** Nothing can be planned. */
export type NoPlan =
  /** An event for these members of the wish is refused by a rule. */
  | {
      readonly outcome: 'refused'
      readonly paths: readonly string[]
      readonly refusal: Refused
      /** The members at fault. */
      readonly faults: readonly ParseError[]
    }
  /** What the wish says makes an event that no schema accepts. */
  | { readonly outcome: 'invalid'; readonly errors: readonly ParseError[] }
  /** It takes more events, or more work on a long history, than one call may. */
  | { readonly outcome: 'too-much' }

/** A history that goes on in thought. */
interface Imagined {
  readonly proposal: Proposal | null
  readonly history: readonly RecordedEvent[]
}

interface Context {
  readonly proposalId: string
  readonly told: Told
  readonly world: World<RecordedEvent>
  /** Events of histories that may still be folded. */
  work: number
}

/**
 * The events that would bring a proposal to a wish, each of which the rules accept after those before it. It is a function of the history,
 * the wish, and what the world shows: the same events in the same order. Once they are recorded, the same wish leads to none.
 *
 * A member whose event would be accepted and yet not bring the wish about, because something that counts later holds, is not planned. Nor
 * is what the record stated before and somebody has changed, corrected or retracted since.
 *
 * @param begun the proposal and its recorded events; none if there is none
 * @param work the most events of histories that may be folded, for events that do not count last and for what was stated before
 */
export function* planning(
  proposalId: string,
  begun: Imagined,
  { wish, author }: { readonly wish: Wish; readonly author: Author },
  world: World<RecordedEvent>,
  work: number,
): Sliced<EventPlan | NoPlan> {
  const before: Context = { proposalId, told: { wish, author, ceased: new Map() }, world, work }
  const ceased = yield* ceasedOf(before, begun)
  if (ceased === null) return { outcome: 'too-much' }
  const context = { ...before, told: { ...before.told, ceased } }
  const ineffective = new Set<string>()
  for (;;) {
    const tried = yield* tryPlan(context, begun, ineffective)
    if (tried.outcome !== 'ineffective') return tried
    for (const path of tried.paths) ineffective.add(path)
  }
}

function* ceasedOf(context: Context, { proposal, history }: Imagined): Sliced<Told['ceased'] | null> {
  if (proposal === null) return context.told.ceased
  const { facts } = differencesOf(proposal, context.told)
  return yield* ceasedFacts(history, facts, context.world.timeZone, (events) => {
    context.work -= events
    return context.work >= 0
  })
}

/** `ineffective`: events for these members would leave them as they are. */
type Tried = EventPlan | NoPlan | { readonly outcome: 'ineffective'; readonly paths: readonly string[] }

function* tryPlan(context: Context, begun: Imagined, ineffective: ReadonlySet<string>): Sliced<Tried> {
  const events: PlannedEvent[] = []
  let imagined = begun
  if (begun.proposal === null) {
    const first = beginning(context)
    if (!('step' in first)) return first
    const placed = yield* place(context, imagined, first.step, first.paths)
    if ('forbidden' in placed) return placed.refused
    if (!('after' in placed)) return placed
    events.push(placed.event)
    imagined = placed.after
  }
  // Members all of whose events were placed.
  const done = new Set<string>()
  for (;;) {
    const { steps, notPlanned } = differencesOf(imagined.proposal as Proposal, context.told)
    const open = steps.filter(({ path }) => !ineffective.has(path))
    const again = open.filter(({ path }) => done.has(path)).map(({ path }) => path)
    if (again.length > 0) return { outcome: 'ineffective', paths: again }
    if (open.length === 0) {
      const later = steps.map(laterHolds)
      return {
        outcome: 'planned',
        events,
        notPlanned: [...notPlanned, ...later],
        proposal: imagined.proposal as Proposal,
      }
    }
    const first = beforeAgreement(open)
    let round = yield* placeRound(context, imagined, mergedUpdates(first))
    // What was agreed may be possible only with the dates that follow it.
    if (!('after' in round) && first.length < open.length)
      round = yield* placeRound(context, imagined, mergedUpdates(open))
    if (!('after' in round)) return round
    imagined = round.after
    events.push(...round.events)
    for (const { paths } of round.events) for (const path of paths) done.add(path)
    for (const path of round.waiting) done.delete(path)
    if (events.length > limits.planned) return { outcome: 'too-much' }
  }
}

/** The terms of an agreement replace planned dates: what the wish says of these dates holds after it, and follows it. */
function beforeAgreement(steps: readonly Step[]): readonly Step[] {
  const agreement = steps.find(({ type }) => type === 'agreed')
  const { start, end } = (agreement?.data['terms'] ?? {}) as { readonly start?: unknown; readonly end?: unknown }
  const replaced = new Set([
    ...(start === undefined ? [] : ['wished.planned.start']),
    ...(end === undefined ? [] : ['wished.planned.end']),
  ])
  return steps.filter(({ path }) => !replaced.has(path))
}

interface Placed {
  readonly after: Imagined
  readonly event: PlannedEvent
}

interface Round {
  readonly after: Imagined
  readonly events: readonly PlannedEvent[]
  /** Members with an event that was refused: it may follow others. */
  readonly waiting: readonly string[]
}

/** A rule refuses this event. */
interface Forbidden {
  readonly forbidden: PlannedEvent
  readonly refused: NoPlan
}

/** Places the steps that the rules accept; the others wait for the next round. If none is accepted, the first refusal is the answer. */
function* placeRound(context: Context, before: Imagined, steps: readonly Merged[]): Sliced<Round | Tried> {
  const events: PlannedEvent[] = []
  const waiting: string[] = []
  const refusals: Forbidden[] = []
  let after = before
  for (const { step, paths } of steps) {
    const placed = yield* place(context, after, step, paths)
    if ('after' in placed) {
      after = placed.after
      events.push(placed.event)
    } else if ('forbidden' in placed) {
      refusals.push(placed)
      waiting.push(...paths)
    } else return placed
  }
  const [first] = refusals
  if (events.length > 0 || first === undefined) return { after, events, waiting }
  const vain = yield* inVain(context, before, refusals)
  return vain.length > 0 ? { outcome: 'ineffective', paths: vain } : first.refused
}

/**
 * Members of the description, and planned dates, that would stay as they are even if their event were accepted, because something that
 * counts later holds. What a wish could not bring about yesterday is not refused today because the proposal has ended since, or because the
 * wish already holds on its own day.
 */
function* inVain(context: Context, before: Imagined, refusals: readonly Forbidden[]): Sliced<readonly string[]> {
  const vain: string[] = []
  for (const { forbidden } of refusals) {
    const { body, paths } = forbidden
    if (!describes(body) || !needsHistory(before.proposal, body, context.world)) continue
    context.work -= before.history.length
    if (context.work < 0) return []
    const { proposal } = yield* continued(before, body, context.world)
    const open = new Set(differencesOf(proposal as Proposal, context.told).steps.map(({ path }) => path))
    vain.push(...paths.filter((path) => open.has(path)))
  }
  return vain
}

/** Whether an event only describes the proposal as a whole: then it refers to nothing that may be missing. */
function describes({ type, data }: EventBodyWithProposal): boolean {
  return type === 'updated' || (type === 'rescheduled' && (data.which === 'start' || data.which === 'end'))
}

function* place(
  context: Context,
  before: Imagined,
  step: Step,
  paths: readonly string[],
): Sliced<Placed | Forbidden | NoPlan> {
  const { proposalId, world } = context
  const parsed = parseEventBody(bodyOf(step, context.told.wish))
  if (!parsed.ok) return { outcome: 'invalid', errors: parsed.errors.map((error) => atMember(error, step)) }
  const body = { proposalId, ...parsed.body } as EventBodyWithProposal
  const own: World<RecordedEvent> = {
    ...world,
    find: (id) => (id === proposalId ? before.proposal : world.find(id)),
    history: () => before.history,
  }
  if (needsHistory(before.proposal, body, own)) context.work -= before.history.length
  if (context.work < 0) return { outcome: 'too-much' }
  const event = { paths, body, source: sourceOf(step) }
  const decision = yield* deciding(before.proposal, body, own)
  if (decision.outcome === 'refused') {
    const faults = faultsOf(decision, event, context.told.wish)
    return { forbidden: event, refused: { outcome: 'refused', paths, refusal: decision, faults } }
  }
  return { after: yield* continued(before, body, world), event }
}

/** Where a happening says its own date and evidence, they are its; otherwise they are those of the whole wish. */
function sourceOf({ type, path, occurredOn, evidence }: Step): PlannedEvent['source'] {
  const own = type === 'proposed' ? 'wished.proposed.' : `${path}.`
  return {
    occurredOn: `${occurredOn === undefined ? '' : own}occurredOn`,
    evidence: `${evidence === undefined ? '' : own}evidence`,
  }
}

function* continued(
  { proposal, history }: Imagined,
  body: EventBodyWithProposal,
  { now, timeZone }: World<RecordedEvent>,
): Sliced<Imagined> {
  const event = {
    ...body,
    position: proposal?.position ?? 0,
    recordedAt: now,
    eventId: '',
    nonce: '',
    version: (proposal?.version ?? 0) + 1,
    schemaVersion: definitionOf(body.type)?.schemaVersion ?? 1,
    recordedBy: '',
  } as RecordedEvent
  const longer = [...history, event]
  return {
    proposal: evolveIfLast(proposal, event, timeZone) ?? (yield* foldingStream(longer, timeZone)),
    history: longer,
  }
}

function bodyOf({ type, data, occurredOn, evidence, note }: Step, wish: Wish) {
  const { assertedBy, confidence, correlationId, causationId } = wish
  const members = {
    type,
    occurredOn: occurredOn === undefined ? wish.occurredOn : occurredOn,
    data,
    evidence: evidence ?? wish.evidence,
    assertedBy,
    confidence,
    note: wish.note ?? note,
    correlationId,
    causationId,
  }
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined))
}

/** The member of the wish that an error in an event is about. */
function atMember({ path, message }: ParseError, { path: member, type }: Step): ParseError {
  if (type === 'proposed') return { path: path.replace(/^data\b/, 'wished'), message }
  return { path: member, message: path === '' ? message : `makes an event (${type}) in which ${path} ${message}` }
}

/** The first event of a proposal that does not exist, or why it cannot be made. */
function beginning({ proposalId, told: { wish } }: Context): Merged | NoPlan {
  const { title, summary, kind, parties, fields, parent, planned, requestedFunding, agenda, proposed } = wish.wished
  const present = parties?.flatMap(({ left, roles = [], ...party }) => (left ? [] : [{ ...party, roles }]))
  const missing = Object.entries({ title, kind, parties: present?.length ? present : undefined })
    .filter(([, value]) => value === undefined)
    .map(([member]) => `wished.${member}`)
  if (missing.length > 0) {
    const detail = `There is no proposal "${proposalId}". A wish for one that does not exist needs title, kind and parties; missing here: ${missing.join(', ')}.`
    const faults = missing.map((path) => ({ path, message: missingHere(path, parties !== undefined) }))
    return { outcome: 'refused', paths: missing, refusal: refused('unknown-proposal', detail), faults }
  }
  const members = {
    title,
    summary,
    kind,
    parties: present,
    fields,
    parent: parent ?? undefined,
    planned,
    requestedFunding,
    agenda,
  }
  const given = Object.entries(members).filter(([, value]) => value !== undefined)
  const paths = given.map(([member]) => `wished.${member}`)
  return {
    paths,
    step: {
      path: 'wished',
      present: null,
      wished: wish.wished,
      type: 'proposed',
      data: Object.fromEntries(given),
      ...datesOf(proposed),
    },
  }
}

function missingHere(path: string, isGiven: boolean): string {
  if (path === 'wished.parties' && isGiven) return 'must name a party that takes part: the proposal does not exist yet'
  return 'is missing; a proposal that does not exist needs it'
}

function datesOf({ occurredOn, evidence }: NonNullable<Wished['proposed']> = {}) {
  return { occurredOn, evidence }
}

/** A step for one or several members. */
interface Merged {
  readonly step: Step
  readonly paths: readonly string[]
}

/** All changes of the description are one event. */
function mergedUpdates(steps: readonly Step[]): Merged[] {
  const updates = steps.filter(({ type }) => type === 'updated')
  const data = updates.reduce((all, step) => ({ ...all, ...step.data, ...plannedOf(all, step.data) }), {})
  return steps.flatMap((step) => {
    if (step.type !== 'updated') return [{ step, paths: [step.path] }]
    if (step !== updates[0]) return []
    return [{ step: { ...step, data }, paths: updates.map(({ path }) => path) }]
  })
}

function plannedOf(one: { planned?: object }, other: { planned?: object }) {
  return other.planned === undefined ? {} : { planned: { ...one.planned, ...other.planned } }
}

function laterHolds({ path, present, wished }: Step): NotPlanned {
  const detail =
    'Its event would count before one that is recorded, and that one holds. Give a later date (`occurredOn`) if it happened later; if the record is wrong, record "corrected".'
  return { path, why: 'later-holds', present, wished, detail }
}
