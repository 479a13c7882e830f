import type { World } from '../define-event.ts'
import { definitionOf, type EventBodyWithProposal, type RecordedEvent } from '../event-types.ts'
import { ofLinksInForce } from '../link-rules.ts'
import { type ParseError, parseErrors } from '../parse-errors.ts'
import type { Proposal } from '../proposal.ts'
import { accepted, type Decision, refused } from '../refusals.ts'
import type { Sliced } from '../slices.ts'
import { asIfRecorded, type Broken, newlyBroken } from './at-its-place.ts'
import { breaking } from './broken.ts'
import { foldingStream } from './fold.ts'
import { linksInForceHold, readOtherwise } from './in-force.ts'
import type { Correction } from './rereading.ts'

export type RereadingBody = Extract<EventBodyWithProposal, { type: 'corrected' | 'retracted' }>

/**
 * The rules of events that change how the past is read, and need the whole registry for that. What replaces an event must itself be a valid
 * event, and no event may be broken that was not broken before. A broken event can stay as it is, but cannot become another broken one: an
 * event that changes is checked again. The event's own rules have checked that the events exist.
 *
 * @param now the state of everything recorded, to which `world.history()` leads.
 */
export function* mayReread(now: Proposal | null, body: RereadingBody, world: World<RecordedEvent>): Sliced<Decision> {
  const history = world.history()
  const errors = body.type === 'corrected' ? errorsOf(body.data.corrections, history) : []
  if (errors.length > 0) {
    const detail = `The corrected data do not fit the type of the event: ${errors[0]?.path} ${errors[0]?.message}.`
    return refused('correction-invalid', detail, { errors })
  }
  const then = [...history, asIfRecorded(body, history, world)]
  const after = atTheirPlaces(yield* breaking(then, world))
  if (after.length > 0) {
    const isAnew = readOtherwise(history, then)
    const before = atTheirPlaces(yield* breaking(history, world))
    const mayStay = before.filter(({ version }) => !isAnew(version))
    const decision = breaksNone(newlyBroken(after, mayStay))
    if (decision.outcome === 'refused') return decision
  }
  return linksInForceHold(now, yield* foldingStream(then, world.timeZone), world)
}

/** What other proposals' links allow is checked for the links that come into force, not for each event at its place. */
function atTheirPlaces(broken: readonly Broken[]): readonly Broken[] {
  return broken.filter(({ code }) => !ofLinksInForce.has(code))
}

function breaksNone(broken: readonly Broken[]): Decision {
  if (broken.length === 0) return accepted
  const named = broken
    .map(({ version, type, code, day }) => `event ${version} (${type}: ${code}${day === null ? '' : `, on ${day}`})`)
    .join(', ')
  const detail = `This event would break ${named}. Correct or retract those in the same event.`
  return refused('breaks-events', detail, { broken })
}

/** Data is checked against its schema here, where the type is known: the request has only a version. */
function errorsOf(corrections: readonly Correction[], history: readonly RecordedEvent[]): ParseError[] {
  return corrections.flatMap((correction, index) => {
    const event = history[correction.event - 1]
    if (!event) throw new Error(`Event ${correction.event} is not in the history that was given`)
    const path = `data.corrections.${index}`
    return [
      ...errorsOfData(correction, event, `${path}.data`),
      ...errorsOfSource(correction, event, `${path}.evidence`),
    ]
  })
}

function errorsOfData({ data }: Correction, { type }: RecordedEvent, path: string): ParseError[] {
  const schema = definitionOf(type)?.data
  if (data === undefined || !schema || schema.safeParse(data).success) return []
  return parseErrors(schema, data).map((error) => ({
    path: error.path === '' ? path : `${path}.${error.path}`,
    message: error.message,
  }))
}

function errorsOfSource({ evidence }: Correction, { type, assertedBy }: RecordedEvent, path: string): ParseError[] {
  if (evidence?.length !== 0 || assertedBy !== undefined || !definitionOf(type)?.sourced) return []
  return [{ path, message: 'must have at least one piece of evidence, because nobody asserts that event' }]
}
