import type { z } from 'zod'
import { defineEvent } from '../../define-event.ts'
import { originOf } from '../../origin.ts'
import { Consented, type Proposal } from '../../proposal.ts'
import { accepted, type Decision, refused } from '../../refusals.ts'
import { firstRefusal, requireParties } from '../../rules.ts'

const ConsentedData = Consented.meta({
  id: 'ConsentedData',
  description: 'A step of one party towards an agreement: support, approval, signature or ratification.',
  examples: [{ party: 'most-vn', act: 'support' }],
})

export const consented = defineEvent({
  type: 'consented',
  schemaVersion: 1,
  group: 'act',
  words: {
    en: { label: 'Consented', description: 'One party supported, approved, signed or ratified it.' },
    vi: { label: 'Chấp thuận', description: 'Một bên đã ủng hộ, phê duyệt, ký hoặc phê chuẩn.' },
    ko: { label: '동의', description: '한 당사자가 지지, 승인, 서명 또는 비준하였다.' },
  },
  data: ConsentedData,
  happens: true,
  sourced: true,
  acts: { who: 'the `party`', parties: ({ party }) => [party] },
  accepts: 'open',
  from: 'open',
  decide(proposal, { data }) {
    return firstRefusal(
      () => requireParties(proposal, [data.party]),
      () => consentedOnce(proposal, data),
    )
  },
  evolve(proposal, event) {
    return { ...proposal, consents: [...proposal.consents, { ...event.data, ...originOf(event) }] }
  },
})

function consentedOnce({ consents }: Proposal, { party, act }: z.infer<typeof ConsentedData>): Decision {
  const before = consents.find((consent) => consent.party === party && consent.act === act)
  if (!before) return accepted
  const detail = `The ${act} of "${party}" was recorded in event ${before.version}. Each act of a party is recorded only once.`
  return refused('already-consented', detail, { version: before.version })
}
