import type { World } from '../define-event.ts'
import type { RecordedEvent } from '../event-types.ts'
import { withOthers } from '../lists.ts'
import { decideNext } from '../next.ts'
import type { Proposal } from '../proposal.ts'
import { drained, eventsASlice, type Sliced } from '../slices.ts'
import { type Broken, brokenOnSomeDay, holdsOnEveryDay, worldWith } from './at-its-place.ts'
import { byVersion } from './by-version.ts'
import { reread } from './effective.ts'
import { rereadingOf } from './rereading.ts'

/**
 * The broken events of a stream, as the stream is understood now: their own rules refuse them in the order of recording, or a rule that
 * holds on every day is broken on theirs. Other proposals are looked at as they are now.
 *
 * A corrected event can refer to anything recorded up to now. If its correction names a funding line, a milestone … that came later, its
 * place is where that thing exists; parties, pledges and versions of later events are assumed to be known at its own place.
 */
export function brokenEvents(stream: readonly RecordedEvent[], world: World): readonly Broken[] {
  return drained(breaking(stream, world))
}

/** Like `brokenEvents`, in slices. */
export function* breaking(stream: readonly RecordedEvent[], world: World): Sliced<readonly Broken[]> {
  const rereading = rereadingOf(stream)
  const events = reread(stream, rereading)
  const onSomeDay = yield* brokenOnSomeDay(stream, world)
  const isCorrected = ({ version }: RecordedEvent) => rereading.corrections.has(version)
  const asRecorded = yield* brokenAsRecorded(events, stream.length, world, isCorrected)
  const known = new Set(onSomeDay.map(({ version }) => version))
  const others = asRecorded.filter(({ version }) => !known.has(version))
  return [...onSomeDay, ...others].toSorted((a, b) => a.version - b.version)
}

/** In the order of recording: the state on which each event was checked, as it is understood now. */
function* brokenAsRecorded(
  events: readonly RecordedEvent[],
  version: number,
  world: World,
  isCorrected: (event: RecordedEvent) => boolean,
): Sliced<readonly Broken[]> {
  const laterKnowledge = once(() => everKnown(version, events))
  const broken: Broken[] = []
  const judgeOne = (event: RecordedEvent, before: Proposal | null) => {
    const state = before && atItsPlace(before, event)
    const replay = worldWith(world, state)
    let decision = decideNext(state, event, replay)
    if (decision.outcome === 'refused' && state && isCorrected(event)) {
      decision = decideNext(knowing(state, laterKnowledge()), event, replay)
    }
    // Rules that hold on every day are checked by day.
    if (decision.outcome === 'accepted' || holdsOnEveryDay(event.type, decision.code)) return
    const { version: of, type } = event
    broken.push({ version: of, type, code: decision.code, detail: decision.detail, day: null })
  }
  const reading = byVersion(events)
  for (let count = 1; ; count += 1) {
    const { done, value } = reading.next()
    if (done) {
      for (const event of value.waiting) judgeOne(event, value.proposal)
      return broken
    }
    judgeOne(value.event, value.before)
    if (count % eventsASlice === 0) yield
  }
}

/**
 * Retracted versions still count as versions: a retracted event is still in the record, and can be contested. Whatever the day from which
 * it counts, here it is the next event: its place among the days is checked separately.
 */
function atItsPlace(before: Proposal, { version }: RecordedEvent): Proposal {
  return { ...before, version: version - 1 }
}

interface Knowledge extends Pick<Proposal, 'version' | 'parties' | 'pledges'> {}

/** Everything that ever existed in a stream, of the kinds that an event can refer to without changing them. */
function everKnown(version: number, events: readonly RecordedEvent[]): Knowledge {
  const parties = new Map<string, Proposal['parties'][number]>()
  const pledges = new Map<string, Proposal['pledges'][number]>()
  for (const { after } of byVersion(events)) {
    for (const party of after.parties) parties.set(party.party, party)
    for (const pledge of after.pledges) pledges.set(pledge.pledge, pledge)
  }
  return { version, parties: [...parties.values()], pledges: [...pledges.values()] }
}

function knowing(before: Proposal, { version, parties, pledges }: Knowledge): Proposal {
  return {
    ...before,
    version,
    parties: withOthers(before.parties, parties, ({ party }) => party),
    pledges: withOthers(before.pledges, pledges, ({ pledge }) => pledge),
  }
}

function once<Value>(make: () => Value): () => Value {
  let value: { readonly made: Value } | undefined
  return () => (value ??= { made: make() }).made
}
