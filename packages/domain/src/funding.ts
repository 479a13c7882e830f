import type { z } from 'zod'
import { When } from './dates.ts'
import { AmountStatus, FinanceType, Money } from './money.ts'
import { LocalId, limits, object, PartyId, plainText } from './schema.ts'

export const amountOrStatus = {
  error: 'must be null if amountStatus is given, otherwise an amount',
  path: ['amount'],
}

/** Funding that a proposer asks for. */
export const FundingRequest = object({
  provider: PartyId.optional(),
  amount: Money.nullable().optional(),
  amountStatus: AmountStatus.optional(),
  financeType: FinanceType.optional(),
})
  .refine(
    ({ amount, amountStatus }) =>
      amount ? amountStatus === undefined : amount === undefined || amountStatus !== undefined,
    amountOrStatus,
  )
  .refine((request) => Object.values(request).some((value) => value !== undefined), {
    error: 'must have at least one of a provider, an amount and a type',
  })
  .meta({
    id: 'FundingRequest',
    description: 'Requested funding. It is neither a pledge nor a commitment.',
    examples: [{ provider: 'gov-kr', amount: null, amountStatus: 'unknown', financeType: 'grant' }],
  })
export type FundingRequest = z.infer<typeof FundingRequest>

/** A firm written obligation for an amount, or for one that is not named. */
export const Funding = object({
  line: LocalId,
  provider: PartyId,
  receiver: PartyId,
  amount: Money.nullable(),
  amountStatus: AmountStatus.optional(),
  financeType: FinanceType,
  agreementNumber: plainText(limits.reference).optional(),
  pledge: LocalId.optional(),
  valueDate: When.nullable().optional(),
}).refine(namesAmountOrWhy, amountOrStatus)

/** Exactly one of the two is given: the amount, or why there is none. */
export function namesAmountOrWhy({ amount, amountStatus }: { amount: unknown; amountStatus?: unknown }): boolean {
  return (amount === null) === (amountStatus !== undefined)
}
