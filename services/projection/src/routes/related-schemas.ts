/** The schemas for what others say about a proposal. */
import { Ending, Kind, ProposalId, Relation, Stage, Totals } from '@commitments/domain'
import { z } from 'zod'
import { besideNames, namedAtMost } from '../lists/related.ts'

const Count = z.int().min(0)

const headline = { proposalId: ProposalId, kind: Kind, stage: Stage, ending: Ending.nullable() }

/** Totals over a programme, or over a portfolio. */
export const TreeMoneySchema = z
  .object({
    requested: Totals,
    pledged: Totals.meta({ description: 'The latest absolute amount of each pledge.' }),
    committed: Totals,
    disbursed: Totals.meta({ description: 'Disbursed and not refunded.' }),
    undisbursed: Totals.meta({
      description:
        'Still to come: committed and not yet disbursed, over the lines of known amount of proposals that are neither ended nor closed.',
    }),
    undisclosed: z
      .object({
        requested: Count.meta({ description: 'How many requests have no known amount.' }),
        committed: Count.meta({ description: 'How many funding lines have no known amount.' }),
      })
      .meta({ description: 'Requests and funding lines without a known amount, which are in no total.' }),
    lapsed: z
      .object({
        requested: Totals,
        pledged: Totals,
        undisclosed: Count.meta({ description: 'How many of these requests have no known amount.' }),
      })
      .meta({
        description:
          'Requests and pledges of proposals that were declined, withdrawn, cancelled or terminated, and the number of these requests without a known amount. They are not in `requested` and `pledged`.',
      }),
    inKind: z
      .object({ items: Count, valued: Totals })
      .meta({ description: 'Contributions in kind, and the value of those that were valued. Never added to money.' }),
  })
  .meta({
    id: 'TreeMoney',
    description:
      'By currency, never added across currencies. Nothing counts twice. For each of `requested`, `pledged`, and `committed` with its `disbursed` and `undisbursed`, a proposal’s own money counts unless one of its parts, at any depth, has a known amount of that figure in any currency. If both have one, the parts count, and the proposal’s own money is shown in `ownMoneyBeside`. A part without money takes nothing away.',
  })

/** The money of programmes themselves, in addition to that of their parts. */
export const BesideMoneySchema = z
  .object({
    requested: Totals,
    pledged: Totals,
    committed: Totals,
    disbursed: Totals,
    undisbursed: Totals,
    lapsed: z.object({ requested: Totals, pledged: Totals }),
  })
  .meta({
    id: 'BesideMoney',
    description: 'Money that is in no total, because parts of the same programme carry the same figure.',
  })

const Programme = z
  .object({
    leaves: z.int().min(1).meta({ description: 'Proposals below it that have no parts, each counted once.' }),
    money: TreeMoneySchema,
    ownMoneyBeside: z.array(z.enum(besideNames)).max(besideNames.length).meta({
      description:
        'Flagged: it has such money of its own as well as in its parts. It is not known whether one includes the other, so its own money is in `money` of the status and not in these totals.',
    }),
  })
  .meta({
    id: 'Programme',
    description:
      'The totals of a proposal and its parts: its own money is included if none of its parts carries the same figure.',
  })

export const RelatedProposals = z
  .object({
    children: z.array(z.object(headline)).max(namedAtMost),
    childrenTotal: Count,
    linkedFrom: z
      .array(z.object({ relation: Relation, ...headline }))
      .max(namedAtMost)
      .meta({
        description:
          'Proposals that name this one in a link. With the relation `implements`, for example, that proposal implements this one. ' +
          'Children are in `children`.',
      }),
    linkedFromTotal: Count,
    programme: Programme.nullable().meta({ description: 'Null if it has no parts.' }),
  })
  .meta({
    id: 'RelatedProposals',
    description: `What other proposals say about it, now or at the requested moment; at most ${namedAtMost} of each are named.`,
  })
