import type { z } from 'zod'
import { exceeds, type FundingLine, plus, undisbursedOf, written } from '../../accounts.ts'
import { providerOf } from '../../acts.ts'
import { When } from '../../dates.ts'
import { defineEvent } from '../../define-event.ts'
import { changed } from '../../lists.ts'
import { Money } from '../../money.ts'
import { inCurrencyOf, isInCurrencyOf, lineOf, trancheOf, unknownLine } from '../../money-rules.ts'
import { originOf } from '../../origin.ts'
import type { Proposal } from '../../proposal.ts'
import { accepted, type Decision, refused } from '../../refusals.ts'
import { firstRefusal } from '../../rules.ts'
import { LocalId, object } from '../../schema.ts'

const DisbursedData = object({
  transaction: LocalId,
  line: LocalId,
  tranche: LocalId.optional(),
  amount: Money,
  valueDate: When.nullable().optional(),
}).meta({
  id: 'DisbursedData',
  description:
    'Money was placed at the recipient\u2019s disposal. At most the undisbursed rest of its line, in the currency of the line. A line of unknown amount has no limit; its currency is that of its pledge, or of its first tranche or payment.',
  examples: [
    {
      transaction: 'payment-1',
      line: 'kr-grant',
      amount: { value: '1000000', currency: 'USD' },
      valueDate: '2026-03-31',
    },
  ],
})
type DisbursedData = z.infer<typeof DisbursedData>

export const disbursed = defineEvent({
  type: 'disbursed',
  schemaVersion: 1,
  group: 'money',
  words: {
    en: { label: 'Disbursed', description: 'Money was placed at the recipient\u2019s disposal.' },
    vi: { label: 'Giải ngân', description: 'Tiền đã được chuyển cho bên tiếp nhận sử dụng.' },
    ko: { label: '집행', description: '수혜자가 쓸 수 있도록 자금이 지급되었다.' },
  },
  data: DisbursedData,
  happens: true,
  sourced: true,
  acts: { who: 'the provider of the line', parties: ({ line }, proposal) => providerOf(proposal, line) },
  accepts: 'open',
  from: 'open, funded',
  brings: ({ data }) => [`transaction ${data.transaction}`],
  waitsFor(proposal, { data }) {
    if (!lineOf(proposal, data.line)) return `line ${data.line}`
    const planned = data.tranche === undefined || proposal.tranches.some(({ tranche }) => tranche === data.tranche)
    return planned ? undefined : `tranche ${data.tranche}`
  },
  decide(proposal, { data }) {
    const line = lineOf(proposal, data.line)
    if (!line) return unknownLine(proposal, data.line)
    return firstRefusal(
      () => newTransaction(proposal, data.transaction),
      () => trancheOf(proposal, data.tranche, data.line),
      () => inCurrencyOf(proposal, line, data.amount),
      () => withinLine(line, data.amount),
    )
  },
  evolve(proposal, event) {
    const { data } = event
    const { transaction, line: id, tranche = null, amount, valueDate = null } = data
    const added = { transaction, line: id, tranche, amount, valueDate, refunded: '0', ...originOf(event) }
    const transactions = [...proposal.transactions, added]
    const paid = lineOf(proposal, id)
    if (paid && !isInCurrencyOf(paid, amount)) return { ...proposal, transactions }
    return {
      ...proposal,
      lines: changed(proposal.lines, ({ line }) => line === id, paying(data)),
      tranches:
        tranche === null
          ? proposal.tranches
          : changed(proposal.tranches, (known) => known.tranche === tranche, paying(data)),
      transactions,
    }
  },
})

function newTransaction({ transactions }: Proposal, id: string): Decision {
  const existing = transactions.find(({ transaction }) => transaction === id)
  if (!existing) return accepted
  const detail = `The transaction "${id}" was recorded in event ${existing.version}. A further transaction needs another id.`
  return refused('transaction-exists', detail, { version: existing.version })
}

function withinLine(line: FundingLine, amount: { value: string; currency: string }): Decision {
  const rest = undisbursedOf(line)
  if (!exceeds(amount, rest) || rest === null) return accepted
  const detail = `The undisbursed rest of the line "${line.line}" is ${written(rest)}. Disburse at most that amount.`
  return refused('over-committed', detail, { undisbursed: rest })
}

function paying({ amount: { value, currency } }: Pick<DisbursedData, 'amount'>) {
  return <Paid extends { disbursed: string }>(paid: Paid): Paid => {
    const sum = plus(paid.disbursed, value, currency)
    return 'currency' in paid ? { ...paid, currency, disbursed: sum } : { ...paid, disbursed: sum }
  }
}
