import {
  type Author,
  BulkLine,
  domainVocabulary,
  type EventPlan,
  faultsOf,
  limits,
  type NoPlan,
  type ParseError,
  type Proposal,
  ProposalId,
  parseWish,
  RecordedEvent,
  type WhyNot,
  type Wish,
  Wish as WishSchema,
} from '@commitments/domain'
import {
  type Allowance,
  type Answer,
  type Caller,
  defineRoute,
  hasRight,
  invalid,
  Problem,
  parseStructuredString,
  problem,
  type RouteDefinition,
} from '@commitments/http-kit'
import { z } from 'zod'
import { dryRunAll, refusalsOf } from '../recorder/decide.ts'
import { holds } from '../recorder/judge.ts'
import { createLines, oneByOne } from '../recorder/one-by-one.ts'
import { eventKeys, isOutdated, planNow, recordedBefore, recordPlan, untilAnswered } from '../recorder/plan.ts'
import type { Recorder } from '../recorder/recorder.ts'
import type { IndexedRefusal, Precondition, Recorded, RecordRequest } from '../recorder/requests.ts'
import { orProblem, problemOf, writeProblems } from './answers.ts'
import { eventLimit, preconditionOf, requestOf, whoSpeaks } from './conditions.ts'
import { RecordHeaders, type RecordParts } from './record-event.ts'
import { StatusIfReadable, statusThen } from './status-then.ts'

const Query = z.strictObject({
  dryRun: z.enum(['true', 'false'], { error: 'must be `true` or `false`' }).optional().meta({
    description:
      '`true`: says which events would be recorded, and the status that would come of them; nothing is recorded.',
    example: 'true',
  }),
})

/** A wish has no signature, and names no event; its keys are its own. */
const ofEvents = new Set([
  'not-your-event',
  'bad-signature',
  'not-your-signing-key',
  'signed-for-another-log',
  'idempotency-key-reused',
])
const planProblems = writeProblems.filter((code) => !ofEvents.has(code))

const Path = z.string().meta({
  description: 'The member of the wish, such as `wished.planned.end`; a thing in a list by its place, from 0.',
})

const NotPlanned = z
  .strictObject({
    path: Path,
    why: z.enum(Object.keys(domainVocabulary.whyNotPlanned) as [WhyNot]).meta({
      description: [
        'Why it is not planned.',
        '',
        ...Object.entries(domainVocabulary.whyNotPlanned).map(([why, { en }]) => `- \`${why}\`: ${en.description}`),
      ].join('\n'),
    }),
    present: z
      .unknown()
      .optional()
      .meta({ description: 'What the record says; null if it says nothing. Absent if you may not read it.' }),
    wished: z.unknown().meta({ description: 'What the wish says.' }),
    detail: z.string().meta({ description: 'What you can do, in a sentence.' }),
  })
  .meta({
    id: 'NotPlanned',
    description: 'A difference that is left as it is. It keeps no other difference from being made up for.',
    examples: [
      {
        path: 'wished.lines.0.amount',
        why: 'recorded-otherwise',
        present: { value: '35000000', currency: 'USD' },
        wished: { value: '36000000', currency: 'USD' },
        detail: 'Event 3 says otherwise. If that is wrong, record "corrected".',
      },
    ],
  })

const version = z.int().min(1).meta({ description: 'The version of the proposal, with these events.' })
const notPlanned = z.array(NotPlanned).meta({ description: 'Differences that are left as they are, and why.' })

const KeptInStep = z
  .strictObject({
    proposalId: ProposalId,
    version,
    position: z.int().min(1).meta({
      description:
        'The position of the last event of the proposal. Reads with `atLeast` see what the wish brought about.',
    }),
    events: z.array(RecordedEvent).meta({
      description: 'The events that were recorded, exactly as they are in the log. Empty: there was nothing to record.',
    }),
    notPlanned,
  })
  .meta({
    id: 'KeptInStep',
    description: 'The record is as wished, except for what `notPlanned` names.',
    examples: [{ proposalId: 'vkist-phase-2', version: 4, position: 17, events: [], notPlanned: [] }],
  })

const StepsTried = z
  .strictObject({
    dryRun: z.literal(true).meta({ description: 'Nothing was recorded.' }),
    proposalId: ProposalId,
    version,
    events: z
      .array(
        z
          .strictObject({
            paths: z.array(Path).meta({ description: 'The members of the wish that the event is for.' }),
            event: BulkLine,
          })
          .meta({
            id: 'PlannedEvent',
            description: 'An event that would be recorded, as a line of `POST /v1/events`.',
          }),
      )
      .meta({
        description:
          'The events that would be recorded, in their order. `POST /v1/events?atomic=true` takes them as lines: so you can change, sign or delay them.',
      }),
    notPlanned,
    status: StatusIfReadable,
  })
  .meta({ id: 'StepsTried', description: 'What the wish would lead to now.' })

const KeepingInStep = z.union([KeptInStep, StepsTried]).meta({
  id: 'KeepingInStep',
  description: 'What was recorded to fulfil the wish; with `dryRun=true`: what would be.',
})

const description = [
  'For a system that knows the state and not what happened: send the state that the record should have, and the events that bring it there are recorded, all or none. A proposal that does not exist is created.',
  'What is absent is left alone; so is a party, link, line … that a list does not name, and a language that a text does not have. A wish that the record fulfils records nothing, and is answered with an empty list of events: it can be sent again and again, for instance each night.',
  'Nothing is ever corrected or retracted: a difference that only a correction could make up for is named in `notPlanned`, with what the record says, what the wish says, and what you can do. The same holds for a known date or amount that changes without a `reason`, and for what the record said before and another caller changed since, or that was corrected, retracted or reopened (`changed-since`): a system that has not noticed does not take it back. A caller that has read the record, and wishes what became so again, sends `If-Match` with that version and a `reason`; what happened and was taken out is recorded again only with a certainly later `occurredOn` of its own. If the rules refuse an event that the wish needs, nothing is recorded, and `errors` names the member of the wish.',
  'The same record and the same wish lead to the same events in the same order. With `If-Match`, a wish that was made on an older version is refused (412); without it, a wish that another writer overtakes is planned again; wishes for one proposal wait for each other. An `Idempotency-Key` belongs to this wish of this caller for this proposal: if the answer was lost, send both again, and the events that were recorded are answered, whatever others have recorded since. An event of a wish has no signature; a caller that must sign takes the events of a dry run, signs them and records them.',
  'A wish leads to at most 500 events.',
  whoSpeaks,
].join('\n\n')

type KeepParts = Pick<RecordParts, 'recorder' | 'logId' | 'readAccess'>

/** `PUT /v1/proposals/{proposalId}/plan`: brings the record to a wished state or, as a dry run, says how. */
export function keepInStepRoute({ recorder, logId, readAccess }: KeepParts): RouteDefinition {
  const lines = createLines()
  return defineRoute({
    method: 'PUT',
    url: '/v1/proposals/:proposalId/plan',
    operationId: 'keepInStep',
    tag: 'Record',
    summary: 'Bring a proposal to a wished state',
    description,
    access: { scope: 'record' },
    params: z.strictObject({ proposalId: ProposalId }),
    query: Query,
    headers: RecordHeaders,
    body: {
      parse: 'json',
      schema: WishSchema,
      read: parseWish,
      contentTypes: ['application/json'],
      limit: eventLimit,
    },
    responses: {
      200: {
        description:
          'The events that were recorded or, as a dry run, would be. `Log-Position` is the position of the last event of the proposal, and 0 in the dry run of a new one.',
        schema: KeepingInStep,
        headers: ['Log-Position', 'Log-Id', 'Idempotency-Replayed'],
      },
    },
    problems: planProblems,
    // The work of a plan gets a turn of its own, and a recording has its own queue.
    work: 'memory',
    async handler(call): Promise<Answer> {
      const { caller, headers, traceparent, allowance } = call
      const key = parseStructuredString('idempotency-key', headers['idempotency-key'])
      const precondition = preconditionOf(headers['if-match'], headers['if-none-match'])
      const keeping: Keeping = {
        recorder,
        proposalId: call.params.proposalId,
        wish: call.body,
        author: authorOf(caller, call.body, precondition),
        caller,
        keyOf: key === null ? null : eventKeys(key, call.params.proposalId, call.body),
        precondition,
        traceparent,
        allowance,
        mayRead: hasRight(caller, 'read', readAccess),
        inTurn: (work) => call.inTurn('page', work),
      }
      const isDryRun = call.query.dryRun === 'true'
      const line = { proposalId: keeping.proposalId, caller: caller.recordedBy }
      const answer = await orProblem(
        isDryRun
          ? tryOut(keeping)
          : oneByOne(lines, line, () => {
              // Others took so long that nobody waits for this one any longer.
              if (call.asking.signal.aborted)
                throw problem('unavailable', 'The caller left before its wish was planned.')
              return keepInStep(keeping)
            }),
      )
      if (!isDryRun) call.note({ proposalId: keeping.proposalId })
      return { ...answer, headers: { ...answer.headers, 'Log-Id': logId() } }
    },
  })
}

/** A wish of a caller. */
interface Keeping extends Pick<RecordRequest, 'precondition' | 'traceparent'> {
  readonly recorder: Recorder
  readonly proposalId: string
  readonly wish: Wish
  readonly author: Author
  readonly caller: Caller
  /** The idempotency key of each event; null: none was given. */
  readonly keyOf: ((index: number) => string) | null
  readonly allowance: Allowance | null
  /** Whether the caller may know what the record says: to record is not to read. */
  readonly mayRead: boolean
  /** Does work in a turn of its own. */
  readonly inTurn: <Result>(work: () => Promise<Result>) => Promise<Result>
}

/** A demanded version holds when it is planned, so its caller has seen what the record says. */
function authorOf({ recordedBy, party }: Caller, { assertedBy }: Wish, { demand }: Precondition): Author {
  return { recordedBy, assertedBy: assertedBy ?? party, hasSeen: demand === 'version' }
}

/** A plan that can be carried out. */
interface Feasible {
  readonly plan: EventPlan
  readonly before: Proposal | null
  readonly now: string
  readonly requests: readonly RecordRequest[]
}

function keepInStep(keeping: Keeping): Promise<Answer> {
  const { recorder, allowance } = keeping
  return untilAnswered(async () => {
    const known = await recordedOfWish(keeping)
    if (known.length > 0) return answerRecorded(keeping, known, (await repeatedNow(keeping)).plan.notPlanned, true)
    const feasible = await feasibleNow(keeping)
    const { plan, requests } = feasible
    if (requests.length === 0) return answerNothing(keeping, plan)
    const tooMany = requests.length > 1 ? allowance?.takeWhole(requests.length - 1) : null
    if (tooMany) throw tooMany
    const result = await recordPlan(recorder, requests, Buffer.byteLength(JSON.stringify(plan.events)))
    if (isOutdated(result)) return null
    if (result.outcome === 'refused') throw refusal(keeping, result.refusals, feasible)
    return answerRecorded(keeping, result.results, plan.notPlanned, false)
  })
}

async function recordedOfWish({ recorder, caller, keyOf }: Keeping): Promise<readonly Recorded[]> {
  return keyOf === null ? [] : recordedBefore(recorder, caller.recordedBy, keyOf)
}

async function tryOut(keeping: Keeping): Promise<Answer> {
  const { recorder, proposalId } = keeping
  const { timeZone } = recorder
  const feasible = (await recordedOfWish(keeping)).length > 0 ? await repeatedNow(keeping) : await feasibleNow(keeping)
  const { plan, before, now, requests } = feasible
  const refusals = refusalsOf(await keeping.inTurn(() => dryRunAll(recorder, requests)))
  if (refusals.length > 0) throw refusal(keeping, refusals, feasible)
  const status = statusThen(plan.proposal, now, timeZone)
  const events = plan.events.map(({ paths, body }, index) => ({
    paths,
    event: index === 0 ? { ...body, ifVersion: before?.version ?? 0 } : body,
  }))
  const { version } = plan.proposal
  const notPlanned = shownTo(keeping, plan.notPlanned)
  const body = { dryRun: true, proposalId, version, events, notPlanned, ...(keeping.mayRead ? { status } : {}) }
  return { status: 200, headers: { 'Log-Position': String(before?.position ?? 0) }, body }
}

/** @throws Problem where the caller demands another version, or no plan fulfils the wish */
async function feasibleNow(keeping: Keeping): Promise<Feasible> {
  const { recorder, proposalId, precondition } = keeping
  const { plan, before, now } = await keeping.inTurn(() => planNow(recorder, proposalId, keeping))
  if (!holds(precondition, before)) {
    throw problemOf({ outcome: 'version-conflict', actual: before?.version ?? 0 }, precondition)
  }
  if (plan.outcome !== 'planned') throw noPlan(plan)
  return { plan, before, now, requests: requestsOf(keeping, plan, before) }
}

/** The requests to record a plan; the first one demands that the proposal is as it was planned on. */
function requestsOf({ caller, keyOf, traceparent }: Keeping, { events }: EventPlan, before: Proposal | null) {
  const asPlanned: Precondition =
    before === null ? { demand: 'absent' } : { demand: 'version', versions: [before.version] }
  return events.map(({ body }, index) =>
    requestOf(caller, body, {
      idempotencyKey: keyOf?.(index) ?? null,
      precondition: index === 0 ? asPlanned : { demand: 'nothing' },
      traceparent,
    }),
  )
}

/** Of a wish that was recorded before, under the same key: it records nothing more. */
async function repeatedNow(keeping: Keeping): Promise<Feasible> {
  const { recorder, proposalId } = keeping
  const { plan, before: proposal, now } = await keeping.inTurn(() => planNow(recorder, proposalId, keeping))
  if (proposal === null) throw new Error(`${proposalId} has recorded events, and is not there`)
  const notPlanned = plan.outcome === 'planned' ? plan.notPlanned : []
  return { plan: { outcome: 'planned', events: [], notPlanned, proposal }, before: proposal, now, requests: [] }
}

function noPlan(plan: NoPlan): Problem {
  switch (plan.outcome) {
    case 'invalid':
      return invalid(plan.errors)
    case 'too-much': {
      const detail = `A wish leads to at most ${limits.planned} events, and to no more of such that count before others in a long history. Wish for less at once.`
      return problem('too-large', detail)
    }
    case 'refused':
      return atMembers(problemOf({ outcome: 'refused', refusal: plan.refusal }), plan.faults)
    default:
      return plan satisfies never
  }
}

function refusal({ wish }: Keeping, refusals: readonly IndexedRefusal[], { plan, requests }: Feasible): Problem {
  const [first] = refusals
  const event = first && plan.events[first.index]
  if (!event) throw new Error('a refusal without a refused event')
  const refused = problemOf(first.answer, requests[first.index]?.precondition)
  return atMembers(refused, faultsOf({ ...refused.extra, code: refused.code }, event, wish))
}

/** With the members of the wish at fault. */
function atMembers({ code, detail, extra, headers }: Problem, errors: readonly ParseError[]): Problem {
  return problem(code, `Nothing was recorded. ${detail}`, { ...extra, ...(errors.length > 0 && { errors }), headers })
}

/** @returns without what the record says, for a caller that may not read */
function shownTo({ mayRead }: Keeping, notPlanned: EventPlan['notPlanned']) {
  return mayRead ? notPlanned : notPlanned.map(({ path, why, wished, detail }) => ({ path, why, wished, detail }))
}

function answerRecorded(
  keeping: Keeping,
  results: readonly Recorded[],
  notPlanned: EventPlan['notPlanned'],
  replayed: boolean,
): Answer {
  const { version, position } = results.at(-1) as Recorded
  const events = results.map(({ line }) => line).join(',')
  const [head, tail] = [
    { proposalId: keeping.proposalId, version, position },
    { notPlanned: shownTo(keeping, notPlanned) },
  ].map((members) => JSON.stringify(members))
  return {
    status: 200,
    headers: { 'Log-Position': String(position), ...(replayed ? { 'Idempotency-Replayed': 'true' } : {}) },
    type: 'application/json',
    // The lines as they are: whoever checks them needs each byte.
    body: `${head?.slice(0, -1)},"events":[${events}],${tail?.slice(1)}`,
  }
}

function answerNothing(keeping: Keeping, { proposal, notPlanned }: EventPlan): Answer {
  const { proposalId, version, position } = proposal
  const body = { proposalId, version, position, events: [], notPlanned: shownTo(keeping, notPlanned) }
  return { status: 200, headers: { 'Log-Position': String(position) }, body }
}
