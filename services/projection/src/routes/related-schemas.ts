/** What others say of a proposal, as it is documented. */
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
        'Still to come: committed and not yet disbursed, over the lines of known amount of proposals that have neither ended nor are closed.',
    }),
    undisclosed: z
      .object({ requested: Count, committed: Count })
      .meta({ description: 'Requests and funding lines without a known amount: in no total.' }),
    lapsed: z.object({ requested: Totals, pledged: Totals, undisclosed: Count }).meta({
      description:
        'Requests and pledges of proposals that were declined, withdrawn, cancelled or terminated, and how many of these requests have no ' +
        'known amount: not among `requested` and `pledged`.',
    }),
    inKind: z
      .object({ items: Count, valued: Totals })
      .meta({ description: 'Contributions in kind, and what those are worth that were valued. Never added to money.' }),
  })
  .meta({
    id: 'TreeMoney',
    description:
      'By currency, never added across. Nothing counts twice: of `requested`, of `pledged`, and of `committed` with its `disbursed` and ' +
      '`undisbursed`, the own money of a proposal counts unless one of its parts, to any depth, has a known amount of it in whatever currency. ' +
      'Where both have, the parts count, and the own money is named in `ownMoneyBeside`. A part without money takes nothing away.',
  })

/** What programmes have of their own beside what their parts have. */
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
    description: 'Money that is in no total, because parts of the same programme have the like.',
  })

const Programme = z
  .object({
    leaves: z.int().min(1).meta({ description: 'Proposals below it that have no parts, each counted once.' }),
    money: TreeMoneySchema,
    ownMoneyBeside: z
      .array(z.enum(besideNames))
      .max(besideNames.length)
      .meta({
        description:
          'Flagged: it has such money of its own as well as of its parts. Which of them is a part of the other is not ' +
          'known, so that its own is in `money` of the status and not in these totals.',
      }),
  })
  .meta({
    id: 'Programme',
    description:
      'What a proposal and its parts come to: its own money is in the totals where none of its parts has the like.',
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
    programme: Programme.nullable().meta({ description: 'Null where it has no parts.' }),
  })
  .meta({
    id: 'RelatedProposals',
    description: `What others say of it, now or at the moment that was asked for; at most ${namedAtMost} of each are named.`,
  })
