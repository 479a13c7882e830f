/** Proposals whose condition is the same on whatever day the tests run: every date of the portfolio is past one day. */
import { addDays } from '@commitments/domain/when'
import { type Product, recordLines } from './product.ts'

/** The days from today to a planned end, by what that makes of the proposal. */
const daysTo = { overdue: -1, 'due-soon': 10, 'on-track': 100 } as const

export const conditionsByEnds = Object.keys(daysTo)

/** Records a proposal for each of these conditions. */
export async function recordEnds({ client }: Product): Promise<void> {
  const { day } = (await client.portfolio()).value
  const lines = Object.entries(daysTo).map(([condition, days]) => ({
    proposalId: `made-${condition}`,
    type: 'proposed' as const,
    occurredOn: null,
    assertedBy: 'most-vn',
    data: {
      title: { en: `Made: ${condition}`, vi: `Đã lập: ${condition}`, ko: `작성됨: ${condition}` },
      kind: 'system' as const,
      planned: { end: addDays(day, days) },
      parties: [{ party: 'most-vn', roles: ['proposer' as const] }],
    },
  }))
  await recordLines(client, lines)
}
