import { InKind } from '../../accounts.ts'
import { defineEvent } from '../../define-event.ts'
import { originOf } from '../../origin.ts'
import { firstRefusal, requireParties, somethingAgreed } from '../../rules.ts'

const ContributedInKindData = InKind.meta({
  id: 'ContributedInKindData',
  description:
    'A contribution other than money. It is valued only with a method, listed separately, and never added to money.',
  examples: [
    {
      item: { en: 'Electron microscope' },
      quantity: '2',
      provider: 'kist-kr',
      valuation: { amount: { value: '400000', currency: 'USD' }, method: { en: 'Purchase price' } },
    },
  ],
})

export const contributedInKind = defineEvent({
  type: 'contributed-in-kind',
  schemaVersion: 1,
  group: 'money',
  words: {
    en: { label: 'Contributed in kind', description: 'Goods, land, staff or services were given.' },
    vi: { label: 'Đóng góp hiện vật', description: 'Đóng góp bằng hàng hóa, đất đai, nhân sự hoặc dịch vụ.' },
    ko: { label: '현물 기여', description: '물품, 토지, 인력 또는 용역이 제공되었다.' },
  },
  data: ContributedInKindData,
  happens: true,
  sourced: true,
  acts: { who: 'the `provider`', parties: ({ provider }) => [provider] },
  accepts: 'open',
  from: 'open, agreed',
  decide(proposal, { data }) {
    return firstRefusal(
      () => somethingAgreed(proposal),
      () => requireParties(proposal, [data.provider]),
    )
  },
  evolve(proposal, event) {
    return { ...proposal, inKind: [...proposal.inKind, { ...event.data, ...originOf(event) }] }
  },
})
