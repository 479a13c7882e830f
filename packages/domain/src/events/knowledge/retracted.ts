import type { z } from 'zod'
import { defineEvent } from '../../define-event.ts'
import { accepted, type Decision, refused } from '../../refusals.ts'
import { firstRefusal, knownEvent, noErasure } from '../../rules.ts'
import { distinct, eventVersion, limits, object } from '../../schema.ts'
import { LongLanguageMap } from '../../texts.ts'

const RetractedData = object({
  events: distinct(eventVersion(), { of: 'versions of events', min: 1, max: limits.rereadEvents }),
  reason: LongLanguageMap,
}).meta({
  id: 'RetractedData',
  description:
    'The events named by their versions should not have been recorded at all: the proposal is read as if they had not been, and they stay readable. A correction may be retracted. So may a retraction: the events that it retracted then count again.',
  examples: [{ events: [4], reason: { en: 'The report was about another project.' } }],
})
type RetractedData = z.infer<typeof RetractedData>

export const retracted = defineEvent({
  type: 'retracted',
  schemaVersion: 1,
  group: 'knowledge',
  words: {
    en: { label: 'Retracted', description: 'Events that should not have been recorded at all are retracted.' },
    vi: { label: 'Rút lại', description: 'Bỏ các sự kiện lẽ ra không được ghi nhận.' },
    ko: { label: '기록 철회', description: '기록되지 말았어야 할 사건을 읽지 않는다.' },
  },
  data: RetractedData,
  happens: false,
  sourced: true,
  acts: 'whose-events',
  accepts: 'any',
  from: 'any',
  rereads: true,
  decide(proposal, { data }, world) {
    return firstRefusal(
      ...data.events.map((event) => () => knownEvent(proposal, event)),
      () => notTheFirst(data),
      () => noErasure(proposal, data.events, world),
    )
  },
  // Its effect is on how other events are read (history/fold.ts).
  evolve: (proposal) => proposal,
})

function notTheFirst({ events }: RetractedData): Decision {
  if (!events.includes(1)) return accepted
  return refused(
    'first-event-retracted',
    'The first event creates the proposal and cannot be retracted. If the whole proposal was recorded by mistake, end it as void.',
  )
}
