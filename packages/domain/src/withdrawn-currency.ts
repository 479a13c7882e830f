import type { z } from 'zod'
import { withdrawnIn } from './currencies.ts'
import { addYear, type Day, firstDay, lastDay } from './dates.ts'
import type { EventBodyWithProposal } from './event-types.ts'
import type { FundingRequest } from './funding.ts'
import { type MoneyOrZero, toMinorUnits } from './money.ts'
import type { Proposal } from './proposal.ts'
import { accepted, type Decision, refused } from './refusals.ts'

/**
 * Refuses amounts in a currency that was withdrawn more than a year before the event: people commit and pay in a currency while it is
 * valid, and for a year after. A decommitment, an amount of zero or an earlier request moves no money, so an old line can be settled at any
 * time.
 */
export function inCurrencyOfItsTime(proposal: Proposal | null, event: EventBodyWithProposal): Decision {
  const first = firstDay(event.occurredOn)
  if (first === null) return accepted
  for (const { currency } of amountsIn(proposal, event)) {
    const withdrawn = withdrawnIn(currency)
    const until = withdrawn === undefined ? null : addYear(lastDay(withdrawn) as Day)
    if (withdrawn === undefined || until === null || first <= until) continue
    const detail = `${currency} was withdrawn in ${withdrawn}. Amounts in it are accepted for events that happened until ${until}; this one is dated ${event.occurredOn}. Give the currency of the payment, or the right date.`
    return refused('withdrawn-currency', detail, { currency, until })
  }
  return accepted
}

function amountsIn(proposal: Proposal | null, event: EventBodyWithProposal): readonly z.infer<typeof MoneyOrZero>[] {
  const { type, data } = event
  if (type === 'proposed') return requestsOf(data)
  if (type === 'updated') return requestsOf(data).filter(({ currency }) => !isAskedIn(proposal, currency))
  if (type === 'funded' || type === 'disbursed' || type === 'refunded') return data.amount === null ? [] : [data.amount]
  if (type === 'pledged' || type === 'tranche-planned') return toMinorUnits(data.amount) > 0n ? [data.amount] : []
  return type === 'contributed-in-kind' && data.valuation ? [data.valuation.amount] : []
}

function requestsOf({ requestedFunding = [] }: { requestedFunding?: readonly FundingRequest[] | undefined }) {
  return requestedFunding.flatMap(({ amount }) => amount ?? [])
}

function isAskedIn(proposal: Proposal | null, currency: string): boolean {
  return proposal?.requested.some(({ amount }) => amount?.currency === currency) ?? false
}
