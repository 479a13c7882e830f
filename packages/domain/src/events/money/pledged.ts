import type { z } from 'zod'
import { defineEvent } from '../../define-event.ts'
import { changedOrAdded } from '../../lists.ts'
import { MoneyOrZero, toMinorUnits } from '../../money.ts'
import { isInCurrencyOf } from '../../money-rules.ts'
import { originOf } from '../../origin.ts'
import type { Proposal } from '../../proposal.ts'
import { accepted, type Decision, refused } from '../../refusals.ts'
import { firstRefusal, requireParties } from '../../rules.ts'
import { LocalId, object, PartyId } from '../../schema.ts'

const PledgedData = object({ pledge: LocalId, provider: PartyId, amount: MoneyOrZero }).meta({
  id: 'PledgedData',
  description:
    'A non-binding announcement by a provider. The amount is absolute: a later amount for the same pledge replaces it, and 0 withdraws it.',
  examples: [{ pledge: 'flagship-2023', provider: 'msit-kr', amount: { value: '30000000', currency: 'USD' } }],
})
type PledgedData = z.infer<typeof PledgedData>

export const pledged = defineEvent({
  type: 'pledged',
  schemaVersion: 1,
  group: 'money',
  words: {
    en: { label: 'Pledged', description: 'A provider announced an amount without binding itself.' },
    vi: { label: 'Cam kết (chưa ràng buộc)', description: 'Một bên cấp vốn công bố số tiền dự kiến, chưa ràng buộc.' },
    ko: { label: '공여 의사 표명', description: '제공자가 구속력 없이 금액을 발표하였다.' },
  },
  data: PledgedData,
  happens: true,
  sourced: true,
  acts: { who: 'the `provider`', parties: ({ provider }) => [provider] },
  accepts: 'open',
  from: 'open',
  brings: ({ data }) => [`pledge ${data.pledge}`],
  // A withdrawal refers to an existing pledge. Any other amount is a separate pledge, whenever it was announced.
  waitsFor: (proposal, { data }) =>
    toMinorUnits(data.amount) > 0n || pledgeBefore(proposal, data) ? undefined : `pledge ${data.pledge}`,
  decide(proposal, { data }) {
    return firstRefusal(
      () => requireParties(proposal, [data.provider]),
      () => sameProvider(proposal, data),
      () => somethingToWithdraw(proposal, data),
      () => inCurrencyOfLines(proposal, data),
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
  const detail = `The pledge "${data.pledge}" belongs to "${before.provider}". A pledge of "${data.provider}" needs another id.`
  return refused('other-provider', detail, { provider: before.provider })
}

function somethingToWithdraw(proposal: Proposal, data: PledgedData): Decision {
  if (toMinorUnits(data.amount) > 0n || pledgeBefore(proposal, data)) return accepted
  const pledges = proposal.pledges.map(({ pledge }) => pledge)
  return refused(
    'unknown-pledge',
    `There is no pledge "${data.pledge}" to withdraw. A new pledge needs a positive amount.`,
    {
      pledges,
    },
  )
}

/**
 * Amounts that were committed from it, and paid on such a line, stay comparable with it. They do not bound a pledge: providers announce
 * less than they committed, and the status flags that.
 */
function inCurrencyOfLines(proposal: Proposal, data: PledgedData): Decision {
  const { pledge, amount } = data
  if (pledgeBefore(proposal, data)?.amount.currency === amount.currency) return accepted
  const line = proposal.lines.find((known) => known.pledge === pledge && !isInCurrencyOf(known, amount))
  if (line === undefined) return accepted
  const detail = `The line "${line.line}" is committed from the pledge "${pledge}" and is in ${line.currency}. The pledge must stay in ${line.currency}.`
  return refused('other-currency', detail, { currency: line.currency })
}
