/** What others say of a proposal, as it is documented. */
import { Ending, Kind, ProposalId, Relation, Stage, Totals } from '@commitments/domain'
import { z } from 'zod'
import { namedAtMost, programmeTotals } from '../read-model/related.ts'

const Count = z.int().min(0)

const headline = { proposalId: ProposalId, kind: Kind, stage: Stage, ending: Ending.nullable() }

/** Totals over the leaves of a programme, or of a portfolio. */
export const LeafMoney = z
  .object({
    requested: Totals,
    pledged: Totals.meta({ description: 'The latest absolute amount of each pledge.' }),
    committed: Totals,
    disbursed: Totals,
    undisbursed: Totals.meta({ description: 'Committed and not yet disbursed, over the lines of known amount.' }),
    undisclosed: z
      .object({ requested: Count, committed: Count })
      .meta({ description: 'Requests and funding lines without a known amount: in no total.' }),
    inKind: z
      .object({ items: Count, valued: Totals })
      .meta({ description: 'Contributions in kind, and what those are worth that were valued. Never added to money.' }),
  })
  .meta({
    id: 'LeafMoney',
    description: 'By currency, never added across. Taken at the leaves: what has parts counts by its parts.',
  })

const Programme = z
  .object({
    leaves: z.int().min(1).meta({ description: 'Proposals below it that have no parts, each counted once.' }),
    money: LeafMoney,
    ownMoneyBeside: z
      .array(z.enum(programmeTotals))
      .max(programmeTotals.length)
      .meta({
        description:
          'Flagged: it has such money of its own as well as of its parts. Which of them is a part of the other is not ' +
          'known, so that its own is in `money` of the status and not in these totals.',
      }),
  })
  .meta({ id: 'Programme', description: 'What the parts of a proposal come to.' })

export const RelatedProposals = z
  .object({
    children: z.array(z.object(headline)).max(namedAtMost),
    childrenTotal: Count,
    linkedFrom: z
      .array(z.object({ relation: Relation, ...headline }))
      .max(namedAtMost)
      .meta({
        description:
          'Proposals that are linked to this one: each is the *relation* of this one. Children are listed apart.',
      }),
    linkedFromTotal: Count,
    programme: Programme.nullable().meta({ description: 'Null where it has no parts.' }),
  })
  .meta({
    id: 'RelatedProposals',
    description: `What others say of it, now or at the moment that was asked for; at most ${namedAtMost} of each are named.`,
  })
