/** Proposals whose condition is the same on whatever day the tests run: every date of the portfolio is past one day. */
import type { BulkLine } from '@commitments/client'
import { addDays } from '@commitments/domain/when'
import { type Product, recordLines } from './product.ts'

/** The days from today to a planned end, by what that makes of the proposal. */
const daysTo = { overdue: -1, 'due-soon': 10, 'on-track': 100 } as const

export const conditionsByEnds = Object.keys(daysTo)

/** Records a proposal for each of these conditions. */
export async function recordEnds({ client }: Product): Promise<void> {
  const { day } = (await client.portfolio()).value
  const lines = Object.entries(daysTo).map(([condition, days]) =>
    madeProposal(`made-${condition}`, { end: addDays(day, days) }),
  )
  await recordLines(client, lines)
}

/** A proposal of which nobody knows more than what is planned. */
export function madeProposal(proposalId: string, planned: { readonly start?: string; readonly end: string | null }) {
  const title = { en: `Made: ${proposalId}`, vi: `Đã lập: ${proposalId}`, ko: `작성됨: ${proposalId}` }
  const parties = [{ party: 'most-vn', roles: ['proposer'] }]
  return {
    proposalId,
    type: 'proposed',
    occurredOn: null,
    assertedBy: 'most-vn',
    data: { title, kind: 'system', planned, parties },
  } as BulkLine
}
