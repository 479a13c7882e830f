/** What `/v1/projections` says of the check for drift. */
import { ProposalId } from '@commitments/domain'
import { z } from 'zod'
import { type Drift, refreshDifferences } from './drift.ts'
import { checkedShare } from './drift-metrics.ts'

const Instant = z.string().max(40).meta({ format: 'date-time' })

/** How many differing proposals are named. */
const named = 100

export const DriftReport = z
  .object({
    checkedShare: z.number().min(0).max(1).meta({
      description:
        'Of all proposals, how many were compared since the live generation was first seen: 1 when all were.',
    }),
    asked: z.boolean().meta({ description: 'Whether a round that an admin asked for goes on.' }),
    completedAt: Instant.nullable().meta({ description: 'When the last round over all proposals ended.' }),
    differing: z.int().min(0).meta({ description: 'Proposals that are served otherwise than their events say.' }),
    differences: z
      .array(
        z
          .object({ proposalId: ProposalId, what: z.string().max(2_000), foundAt: Instant })
          .meta({ id: 'Difference', description: 'A proposal that is served otherwise than its events say.' }),
      )
      .max(named)
      .meta({ description: 'The first 100 of them.' }),
    lastDifferenceAt: Instant.nullable(),
  })
  .meta({
    id: 'Drift',
    description:
      'What comparing served statuses with fresh folds of their events has found. Differences are those of all instances, rounds those of this one.',
  })

export async function reportDrift(drift: Drift): Promise<z.output<typeof DriftReport>> {
  const differing = await refreshDifferences(drift)
  const { asked, completedAt, lastDifferenceAt } = drift
  return {
    checkedShare: checkedShare(drift),
    asked,
    completedAt: completedAt?.toISOString() ?? null,
    differing: differing.size,
    differences: [...differing].slice(0, named).map(([proposalId, { what, foundAt }]) => ({
      proposalId,
      what,
      foundAt: foundAt.toISOString(),
    })),
    lastDifferenceAt: lastDifferenceAt?.toISOString() ?? null,
  }
}
