import type { z } from 'zod'
import { committedOf, exceeds, plus, written } from '../../accounts.ts'
import { defineEvent } from '../../define-event.ts'
import { changedOrAdded, versionsOf } from '../../lists.ts'
import { MoneyOrZero, toMinorUnits } from '../../money.ts'
import { originOf } from '../../origin.ts'
import type { Proposal } from '../../proposal.ts'
import { accepted, type Decision, refused } from '../../refusals.ts'
import { firstRefusal, strangerAmong } from '../../rules.ts'
import { LocalId, object, PartyId } from '../../schema.ts'

const PledgedData = object({ pledge: LocalId, provider: PartyId, amount: MoneyOrZero }).meta({
  id: 'PledgedData',
  description:
    'A provider\u2019s non-binding announcement. The amount is absolute: the same pledge again takes the place of what was said before, and 0 withdraws it.',
  examples: [{ pledge: 'flagship-2023', provider: 'msit-kr', amount: { value: '30000000', currency: 'USD' } }],
})
type PledgedData = z.infer<typeof PledgedData>

export const pledged = defineEvent({
  type: 'pledged',
  schemaVersion: 1,
  group: 'money',
  words: {
    en: { label: 'Pledged', description: 'A provider announced an amount, without being bound to it.' },
    vi: { label: 'Cam kết (chưa ràng buộc)', description: 'Một bên cấp vốn công bố số tiền dự kiến, chưa ràng buộc.' },
    ko: { label: '공여 의사 표명', description: '제공자가 구속력 없이 금액을 발표하였다.' },
  },
  data: PledgedData,
  happens: true,
  sourced: true,
  acts: { who: 'the `provider`', parties: ({ provider }) => [provider] },
  accepts: 'open',
  from: 'open',
  refersTo: (proposal, { data }) => versionsOf(pledgeBefore(proposal, data)),
  decide(proposal, { data }) {
    return firstRefusal(
      () => strangerAmong(proposal, [data.provider]),
      () => sameProvider(proposal, data),
      () => somethingToWithdraw(proposal, data),
      () => notBelowCommitted(proposal, data),
    )
  },
  evolve(proposal, event) {
    const pledge = { ...event.data, ...originOf(event) }
    return { ...proposal, pledges: changedOrAdded(proposal.pledges, isPledge(event.data), () => pledge) }
  },
})

function isPledge({ pledge }: { pledge: string }) {
  return (known: { pledge: string }) => known.pledge === pledge
}

function pledgeBefore({ pledges }: Proposal, data: PledgedData) {
  return pledges.find(isPledge(data))
}

function sameProvider(proposal: Proposal, data: PledgedData): Decision {
  const before = pledgeBefore(proposal, data)
  if (!before || before.provider === data.provider) return accepted
  const detail = `The pledge "${data.pledge}" is one of "${before.provider}". A pledge of "${data.provider}" needs an id of its own.`
  return refused('other-provider', detail, { provider: before.provider })
}

function somethingToWithdraw(proposal: Proposal, data: PledgedData): Decision {
  if (toMinorUnits(data.amount) > 0n || pledgeBefore(proposal, data)) return accepted
  const pledges = proposal.pledges.map(({ pledge }) => pledge)
  return refused(
    'unknown-pledge',
    `There is no pledge "${data.pledge}" to withdraw. A new one has a positive amount.`,
    {
      pledges,
    },
  )
}

/** In another currency it cannot be compared with what was committed from it, and so cannot take its place. */
function notBelowCommitted(proposal: Proposal, { pledge, amount }: PledgedData): Decision {
  const committed = committedFrom(proposal, pledge)
  for (const [currency, value] of committed) {
    if (currency !== amount.currency && proposal.pledges.find(isPledge({ pledge }))?.amount.currency === currency) {
      const detail = `${written({ value, currency })} were committed from the pledge "${pledge}". It stays in ${currency}.`
      return refused('other-currency', detail, { currency })
    }
    if (currency === amount.currency && exceeds({ value, currency }, amount)) {
      const detail = `${written({ value, currency })} were committed from the pledge "${pledge}". It is at least that.`
      return refused('below-committed', detail, { committed: { value, currency } })
    }
  }
  return accepted
}

function committedFrom({ lines }: Proposal, pledge: string): Map<string, string> {
  const sums = new Map<string, string>()
  for (const line of lines) {
    const committed = line.pledge === pledge ? committedOf(line) : null
    if (committed === null) continue
    const { value, currency } = committed
    sums.set(currency, plus(sums.get(currency) ?? '0', value, currency))
  }
  return sums
}
