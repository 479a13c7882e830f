import { committedOf, exceeds, type FundingLine, isOpenLine, plus, type Tranche, written } from './accounts.ts'
import type { Proposal } from './proposal.ts'
import { accepted, type Decision, type Refused, refused } from './refusals.ts'

/** The line that an event names; undefined if there is none. */
export function lineOf({ lines }: Proposal, id: string): FundingLine | undefined {
  return lines.find(({ line }) => line === id)
}

export function unknownLine({ lines }: Proposal, id: string): Refused {
  const known = lines.map(({ line }) => line)
  const detail = `There is no funding line "${id}". ${known.length > 0 ? `The lines are ${known.join(', ')}.` : 'None is recorded: record "funded" first.'}`
  return refused('unknown-line', detail, { lines: known })
}

/**
 * Refuses an amount in another currency than that of the line. A line of unknown amount has no currency until an amount names it. If the
 * line is committed from a pledge, that amount is in the currency of the pledge.
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
 * Whether an amount belongs in the sums of its line. Another currency is refused on every day; but the check of what a correction would
 * break also reads such events, and sums have one currency.
 */
export function isInCurrencyOf({ currency }: Pick<FundingLine, 'currency'>, amount: { currency: string }): boolean {
  return currency === null || amount.currency === currency
}

/** Refuses a tranche that does not exist, or belongs to another line. */
export function trancheOf({ tranches }: Proposal, id: string | undefined, line: string): Decision {
  if (id === undefined) return accepted
  const tranche = tranches.find((known) => known.tranche === id)
  if (!tranche) {
    const known = tranches.map((one) => one.tranche)
    return refused('unknown-tranche', `There is no tranche "${id}". Plan it first, or omit it.`, {
      tranches: known,
    })
  }
  if (tranche.line === line) return accepted
  return refused('other-line', `The tranche "${id}" belongs to the line "${tranche.line}".`, { line: tranche.line })
}

/** The part of a tranche that uses up its line. */
type Planned = Pick<Tranche, 'tranche' | 'line' | 'amount' | 'disbursed'>

/**
 * Refuses if the tranches of a line are more than what is committed on it. If more was disbursed from a tranche than planned, the disbursed
 * amount counts, so that paid tranches still use up their line.
 */
export function planWithin(tranches: readonly Planned[], line: FundingLine): Decision {
  const committed = committedOf(line)
  if (committed === null) return accepted
  const { currency } = committed
  const total = tranches
    .filter((tranche) => tranche.line === line.line)
    .reduce((sum, tranche) => plus(sum, takenUp(tranche, currency), currency), '0')
  if (!exceeds({ value: total, currency }, committed)) return accepted
  const detail = `The tranches of the line "${line.line}" would be ${total} in total, but only ${written(committed)} is committed.`
  return refused('over-planned', `${detail} Reduce or cancel tranches first.`, { committed })
}

/** `disbursed` is in the currency of the line; a plan in another one is itself broken. */
function takenUp({ amount, disbursed }: Planned, currency: string): string {
  const planned = amount.currency === currency ? amount : { value: '0', currency }
  return exceeds({ value: disbursed, currency }, planned) ? disbursed : planned.value
}

/** The lines on which money is still to come, including those of unknown amount. */
export function openLines({ lines }: Proposal): string[] {
  return lines.filter(isOpenLine).map(({ line }) => line)
}
