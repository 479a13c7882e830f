import type { z } from 'zod'
import { difference, exceeds, plus, type Transaction, written } from '../../accounts.ts'
import { receiverOf } from '../../acts.ts'
import { defineEvent } from '../../define-event.ts'
import { changed, NothingThere } from '../../lists.ts'
import { Money } from '../../money.ts'
import { isInCurrencyOf, lineOf } from '../../money-rules.ts'
import type { Proposal } from '../../proposal.ts'
import { accepted, type Decision, refused } from '../../refusals.ts'
import { LocalId, object } from '../../schema.ts'
import { LongLanguageMap } from '../../texts.ts'

const RefundedData = object({ transaction: LocalId, amount: Money, reason: LongLanguageMap }).meta({
  id: 'RefundedData',
  description:
    'Disbursed money was given back. `transaction` is that of the disbursement; all refunds of it together are at most its amount.',
  examples: [
    {
      transaction: 'payment-1',
      amount: { value: '20000', currency: 'USD' },
      reason: { en: 'Unspent at the end of the project.' },
    },
  ],
})
type RefundedData = z.infer<typeof RefundedData>

export const refunded = defineEvent({
  type: 'refunded',
  schemaVersion: 1,
  group: 'money',
  words: {
    en: { label: 'Refunded', description: 'Disbursed money was given back.' },
    vi: { label: 'Hoàn trả', description: 'Tiền đã giải ngân được hoàn trả.' },
    ko: { label: '환급', description: '집행된 자금이 반환되었다.' },
  },
  data: RefundedData,
  happens: true,
  sourced: true,
  acts: {
    who: 'the receiver of the line',
    parties: (data, proposal) => receiverOf(proposal, transactionOf(proposal, data)?.line),
  },
  accepts: 'any',
  from: 'any, funded',
  waitsFor: (proposal, { data }) => (transactionOf(proposal, data) ? undefined : `transaction ${data.transaction}`),
  decide(proposal, { data }) {
    const transaction = transactionOf(proposal, data)
    return transaction ? withinTransaction(transaction, data) : unknownTransaction(proposal, data)
  },
  evolve(proposal, { data }) {
    const transaction = transactionOf(proposal, data)
    if (!transaction) throw new NothingThere(`There is no transaction ${data.transaction}`)
    const { value, currency } = data.amount
    // Another currency is refused. It occurs here only when the effects of a correction are checked.
    if (currency !== transaction.amount.currency) return { ...proposal }
    const less = <Paid extends { disbursed: string }>(paid: Paid): Paid => ({
      ...paid,
      disbursed: difference(paid.disbursed, value, currency),
    })
    const { line, tranche } = transaction
    const transactions = changed(
      proposal.transactions,
      (known) => known.transaction === data.transaction,
      (known) => ({ ...known, refunded: plus(known.refunded, value, currency) }),
    )
    const paid = lineOf(proposal, line)
    if (paid && !isInCurrencyOf(paid, data.amount)) return { ...proposal, transactions }
    return {
      ...proposal,
      lines: changed(proposal.lines, (known) => known.line === line, less),
      tranches:
        tranche === null ? proposal.tranches : changed(proposal.tranches, (known) => known.tranche === tranche, less),
      transactions,
    }
  },
})

function transactionOf({ transactions }: Proposal, data: RefundedData): Transaction | undefined {
  return transactions.find(({ transaction }) => transaction === data.transaction)
}

function unknownTransaction({ transactions }: Proposal, data: RefundedData): Decision {
  const known = transactions.map(({ transaction }) => transaction)
  const detail = `There is no transaction "${data.transaction}". A refund must name the disbursement that it refunds.`
  return refused('unknown-transaction', detail, { transactions: known })
}

function withinTransaction({ transaction, amount, refunded: before }: Transaction, data: RefundedData): Decision {
  const { currency } = amount
  if (data.amount.currency !== currency) {
    const detail = `The transaction "${transaction}" is in ${currency}, not in ${data.amount.currency}.`
    return refused('other-currency', detail, { currency })
  }
  const left = { value: difference(amount.value, before, currency), currency }
  if (!exceeds(data.amount, left)) return accepted
  const detail = `At most ${written(left)} of the transaction "${transaction}" can still be refunded.`
  return refused('over-refunded', detail, { refundable: left })
}
