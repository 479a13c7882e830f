import { defineEvent } from '../../define-event.ts'
import { originOf } from '../../origin.ts'
import { knownEvent } from '../../rules.ts'
import { eventVersion, object } from '../../schema.ts'
import { LongLanguageMap } from '../../texts.ts'

const ContestedData = object({ event: eventVersion(), claim: LongLanguageMap }).meta({
  id: 'ContestedData',
  description: 'A source contradicts an event of this proposal. Both claims stay, each with its evidence.',
  examples: [{ event: 3, claim: { en: 'The amount is put at 70 million USD by other reports.' } }],
})

export const contested = defineEvent({
  type: 'contested',
  schemaVersion: 1,
  group: 'knowledge',
  words: {
    en: { label: 'Contested', description: 'A source contradicts a recorded event.' },
    vi: { label: 'Có ý kiến khác', description: 'Một nguồn nêu khác với một sự kiện trong hồ sơ.' },
    ko: { label: '이견', description: '기록된 사건과 다른 내용을 말하는 출처가 있다.' },
  },
  data: ContestedData,
  happens: true,
  sourced: true,
  acts: 'anybody',
  accepts: 'any',
  from: 'any',
  brings: ({ data }) => [`contest ${data.event}`],
  decide: (proposal, { data }) => knownEvent(proposal, data.event),
  evolve(proposal, event) {
    const { assertedBy = null, confidence = null } = event
    const contest = { ...event.data, assertedBy, confidence, ...originOf(event), resolved: null }
    return { ...proposal, contested: [...proposal.contested, contest] }
  },
})
