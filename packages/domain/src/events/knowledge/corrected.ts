import { z } from 'zod'
import { When } from '../../dates.ts'
import { defineEvent, isRereading, type World } from '../../define-event.ts'
import { Confidence, Evidence } from '../../evidence.ts'
import type { Proposal } from '../../proposal.ts'
import { accepted, type Decision, refused } from '../../refusals.ts'
import { firstRefusal, knownEvent, noErasure } from '../../rules.ts'
import { boundedList, distinct, eventVersion, limits, object } from '../../schema.ts'
import { LongLanguageMap } from '../../texts.ts'

const dataError = 'must be the whole right data of that event: an object'

/** Whether the data are valid depends on the stream: `mayReread` checks them against the schema of the event's type. */
const WholeData = z
  .unknown()
  .check((payload) => {
    const { value } = payload
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return
    payload.issues.push({ code: 'custom', message: dataError, input: value })
  })
  .meta({
    type: 'object',
    description: 'The complete correct `data`, as the type of the corrected event requires it.',
  }) as unknown as z.ZodType<Readonly<Record<string, unknown>>>

const Correction = object({
  event: eventVersion(),
  data: WholeData.optional(),
  occurredOn: When.nullable().optional(),
  confidence: Confidence.optional(),
  evidence: boundedList(Evidence, { of: 'pieces of evidence', max: limits.evidence }).optional(),
})
  .refine(({ event: _event, ...right }) => Object.values(right).some((value) => value !== undefined), {
    error: 'must say what is right: data, occurredOn, confidence or evidence',
  })
  .meta({
    id: 'Correction',
    description:
      'The correction of one event, which `event` names by its version. Omitted members stay unchanged. `evidence` replaces the old evidence.',
    examples: [{ event: 2, occurredOn: '2018-03-22' }],
  })

const CorrectedData = object({
  reason: LongLanguageMap,
  corrections: distinct(Correction, { of: 'corrections', min: 1, max: limits.rereadEvents }, ({ event }) => event),
}).meta({
  id: 'CorrectedData',
  description:
    'The record of some events was wrong: they are now read as given here, and the original record stays readable. Corrections of one event merge member by member, and the later one holds. A correction may refer to anything recorded up to now. Its own `occurredOn` is null.',
  examples: [
    {
      reason: { en: 'The day has become known; only the year had been recorded.' },
      corrections: [{ event: 2, occurredOn: '2018-03-22' }],
    },
  ],
})
type CorrectedData = z.infer<typeof CorrectedData>

export const corrected = defineEvent({
  type: 'corrected',
  schemaVersion: 1,
  group: 'knowledge',
  words: {
    en: { label: 'Corrected', description: 'The record of some events was wrong and is corrected.' },
    vi: { label: 'Đính chính', description: 'Đính chính các sự kiện đã được ghi nhận sai.' },
    ko: { label: '정정', description: '잘못 기록된 사건을 바로잡는다.' },
  },
  data: CorrectedData,
  happens: false,
  sourced: true,
  acts: 'whose-events',
  accepts: 'any',
  from: 'any',
  rereads: true,
  decide(proposal, event, world): Decision {
    const events = event.data.corrections.map((correction) => correction.event)
    return firstRefusal(
      () => undated(event),
      ...events.map((version) => () => knownEvent(proposal, version)),
      () => noErasure(proposal, events, world),
      () => correctable(event.data, proposal, world),
    )
  },
  // Its effect is on how other events are read (history/fold.ts).
  evolve: (proposal) => proposal,
})

function undated({ occurredOn }: { readonly occurredOn: When | null }): Decision {
  if (occurredOn === null) return accepted
  return refused(
    'correction-dated',
    'A correction concerns the record and has no date in the world: its own occurredOn must be null. Give the correct date of an event in data.corrections.',
  )
}

function correctable({ corrections }: CorrectedData, { proposalId }: Proposal, world: World): Decision {
  const history = world.history()
  const target = corrections.map(({ event }) => history[event - 1]).find((event) => event && isRereading(event))
  if (!target) return accepted
  const { version, type } = target
  const detail = `Event ${version} of ${proposalId} is itself ${type}. Retract it with "retracted", and record the right one.`
  return refused('not-correctable', detail, { version, type })
}
