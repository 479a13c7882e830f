import { type FundingLine, isOpenLine } from './accounts.ts'
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

/** Refuses an amount in another currency than that of the line, as far as the line has one. */
export function inCurrencyOf({ line, currency }: FundingLine, amount: { currency: string }): Decision {
  if (currency === null || amount.currency === currency) return accepted
  return refused('other-currency', `The line "${line}" is in ${currency}, not in ${amount.currency}.`, { currency })
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

/** The lines on which money is still to come; one of unknown amount counts. */
export function openLines({ lines }: Proposal): string[] {
  return lines.filter(isOpenLine).map(({ line }) => line)
}
