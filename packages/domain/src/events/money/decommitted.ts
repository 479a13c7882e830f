import type { z } from 'zod'
import { exceeds, type FundingLine, plus, undisbursedOf, written } from '../../accounts.ts'
import { providerOf } from '../../acts.ts'
import { defineEvent } from '../../define-event.ts'
import { changed } from '../../lists.ts'
import { Money } from '../../money.ts'
import { inCurrencyOf, isInCurrencyOf, lineOf, planWithin, unknownLine } from '../../money-rules.ts'
import { accepted, type Decision, refused } from '../../refusals.ts'
import { firstRefusal } from '../../rules.ts'
import { LocalId, object } from '../../schema.ts'
import { LongLanguageMap } from '../../texts.ts'

const DecommittedData = object({ line: LocalId, amount: Money, reason: LongLanguageMap }).meta({
  id: 'DecommittedData',
  description:
    'A later reduction of a funding line: at most its undisbursed rest, and not below its open tranches. On a line of unknown amount the reduction is kept, and the amount stays unknown.',
  examples: [
    {
      line: 'kr-grant',
      amount: { value: '500000', currency: 'USD' },
      reason: { en: 'Tenders came in below the plan.' },
    },
  ],
})

export const decommitted = defineEvent({
  type: 'decommitted',
  schemaVersion: 1,
  group: 'money',
  words: {
    en: { label: 'Decommitted', description: 'A firm obligation was reduced.' },
    vi: { label: 'Hủy vốn', description: 'Giảm phần vốn đã cam kết.' },
    ko: { label: '약정 감액', description: '확정된 약정액이 줄었다.' },
  },
  data: DecommittedData,
  happens: true,
  sourced: true,
  acts: { who: 'the provider of the line', parties: ({ line }, proposal) => providerOf(proposal, line) },
  accepts: 'open',
  from: 'open, funded',
  waitsFor: (proposal, { data }) => (lineOf(proposal, data.line) ? undefined : `line ${data.line}`),
  decide(proposal, { data }) {
    const line = lineOf(proposal, data.line)
    if (!line) return unknownLine(proposal, data.line)
    return firstRefusal(
      () => inCurrencyOf(proposal, line, data.amount),
      () => withinRest(line, data.amount),
      () => planWithin(proposal.tranches, reduced(line, data.amount)),
    )
  },
  evolve(proposal, { data: { line: id, amount } }) {
    const lines = changed(
      proposal.lines,
      ({ line }) => line === id,
      (line) => reduced(line, amount),
    )
    return { ...proposal, lines }
  },
})

function reduced(line: FundingLine, amount: z.infer<typeof Money>): FundingLine {
  if (!isInCurrencyOf(line, amount)) return line
  const { value, currency } = amount
  return { ...line, currency, decommitted: plus(line.decommitted, value, currency) }
}

function withinRest(line: FundingLine, amount: { value: string; currency: string }): Decision {
  const rest = undisbursedOf(line)
  if (rest === null || !exceeds(amount, rest)) return accepted
  const detail = `The undisbursed rest of the line "${line.line}" is ${written(rest)}. Decommit at most that amount.`
  return refused('over-decommitted', detail, { undisbursed: rest })
}
