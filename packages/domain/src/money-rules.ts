import type { z } from 'zod'
import { committedOf, exceeds, type FundingLine, isOpenLine, plus, type Tranche, written } from './accounts.ts'
import { withdrawnIn } from './currencies.ts'
import { addYear, type Day, firstDay, lastDay } from './dates.ts'
import type { EventBodyWithProposal } from './event-types.ts'
import type { FundingRequest } from './funding.ts'
import { type MoneyOrZero, toMinorUnits } from './money.ts'
import type { Proposal } from './proposal.ts'
import { accepted, type Decision, type Refused, refused } from './refusals.ts'

/** The line that an event names; undefined where there is none. */
export function lineOf({ lines }: Proposal, id: string): FundingLine | undefined {
  return lines.find(({ line }) => line === id)
}

export function unknownLine({ lines }: Proposal, id: string): Refused {
  const known = lines.map(({ line }) => line)
  const detail = `There is no funding line "${id}". ${known.length > 0 ? `The lines are ${known.join(', ')}.` : 'None is recorded: record "funded" first.'}`
  return refused('unknown-line', detail, { lines: known })
}

/**
 * Refuses an amount in another currency than that of the line. A line of unknown amount has none before an amount names it; that amount is in the
 * currency of the pledge which the line is committed from, where it is from one.
 */
export function inCurrencyOf({ pledges }: Proposal, line: FundingLine, amount: { currency: string }): Decision {
  const { line: id, currency, pledge } = line
  if (!isInCurrencyOf(line, amount)) {
    return refused('other-currency', `The line "${id}" is in ${currency}, not in ${amount.currency}.`, { currency })
  }
  const pledged = currency === null ? pledges.find((known) => known.pledge === pledge)?.amount.currency : undefined
  if (pledged === undefined || pledged === amount.currency) return accepted
  const detail = `The line "${id}" is committed from the pledge "${pledge}", which is in ${pledged}, not in ${amount.currency}.`
  return refused('other-currency', detail, { currency: pledged })
}

/**
 * Whether an amount is one of the sums of its line. Another currency is refused on every day; but whoever judges what a correction would break
 * reads the events also with it, and sums hold one currency.
 */
export function isInCurrencyOf({ currency }: Pick<FundingLine, 'currency'>, amount: { currency: string }): boolean {
  return currency === null || amount.currency === currency
}

/** Refuses a tranche that is not there, or is one of another line. */
export function trancheOf({ tranches }: Proposal, id: string | undefined, line: string): Decision {
  if (id === undefined) return accepted
  const tranche = tranches.find((known) => known.tranche === id)
  if (!tranche) {
    const known = tranches.map((one) => one.tranche)
    return refused('unknown-tranche', `There is no tranche "${id}". Plan it first, or leave it out.`, {
      tranches: known,
    })
  }
  if (tranche.line === line) return accepted
  return refused('other-line', `The tranche "${id}" is one of the line "${tranche.line}".`, { line: tranche.line })
}

/** What of a tranche takes up its line. */
type Planned = Pick<Tranche, 'tranche' | 'line' | 'amount' | 'disbursed'>

/**
 * Refuses where the tranches of a line are more than what is committed on it. What was disbursed from a tranche counts where it is more than
 * its plan, so that tranches that were paid still take up their line.
 */
export function planWithin(tranches: readonly Planned[], line: FundingLine): Decision {
  const committed = committedOf(line)
  if (committed === null) return accepted
  const { currency } = committed
  const total = tranches
    .filter((tranche) => tranche.line === line.line)
    .reduce((sum, tranche) => plus(sum, takenUp(tranche, currency), currency), '0')
  if (!exceeds({ value: total, currency }, committed)) return accepted
  const detail = `The tranches of the line "${line.line}" would be ${total} in all; ${written(committed)} are committed.`
  return refused('over-planned', `${detail} Reduce or cancel tranches first.`, { committed })
}

/** `disbursed` is in the currency of the line; a plan in another one is broken itself. */
function takenUp({ amount, disbursed }: Planned, currency: string): string {
  const planned = amount.currency === currency ? amount : { value: '0', currency }
  return exceeds({ value: disbursed, currency }, planned) ? disbursed : planned.value
}

/** The lines on which money is still to come; one of unknown amount counts. */
export function openLines({ lines }: Proposal): string[] {
  return lines.filter(isOpenLine).map(({ line }) => line)
}

/**
 * Refuses amounts in a currency that was withdrawn more than a year before the event: while it was valid, and for a year after, people commit and
 * pay in it. What is only written off, cancelled or carried on (a decommitment, an amount of nothing, a request that was recorded before) is
 * no money that moves, so that an old line can be settled at any time.
 */
export function inCurrencyOfItsTime(proposal: Proposal | null, event: EventBodyWithProposal): Decision {
  const first = firstDay(event.occurredOn)
  if (first === null) return accepted
  for (const { currency } of amountsIn(proposal, event)) {
    const withdrawn = withdrawnIn(currency)
    const until = withdrawn === undefined ? null : addYear(lastDay(withdrawn) as Day)
    if (withdrawn === undefined || until === null || first <= until) continue
    const detail = `${currency} was withdrawn in ${withdrawn}. Amounts in it are accepted of what happened until ${until}; this is dated ${event.occurredOn}. Give the currency that was paid in, or the right date.`
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
