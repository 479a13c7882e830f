/** What a source system says of a proposal: the state that the record should have (docs/keep-in-step.md). */
import { z } from 'zod'
import { Agenda } from '../agenda.ts'
import { Form, Instrument } from '../agreement.ts'
import { When } from '../dates.ts'
import { envelope } from '../envelope.ts'
import { withSource } from '../event-schemas.ts'
import { amountOrStatus, Funding, FundingRequest, namesAmountOrWhy } from '../funding.ts'
import { type Ending, endings, Kind, noEndings } from '../kinds.ts'
import { Money, MoneyOrZero } from '../money.ts'
import { type Parsed, parseBody } from '../parse-errors.ts'
import { Party, PartyIds } from '../parties.ts'
import { Deliverables, PlannedDates, Terms } from '../period.ts'
import { Remaining } from '../proposal.ts'
import { Linked } from '../relations.ts'
import { MilestoneId, Outcome } from '../schedule.ts'
import { boundedList, distinct, Field, LocalId, limits, object, oneOf, PartyId, ProposalId } from '../schema.ts'
import { LanguageMap, LongLanguageMap } from '../texts.ts'

const { occurredOn, assertedBy, confidence, evidence, note, correlationId, causationId } = envelope

/** Of everything that happened at a time of its own. */
const happening = {
  occurredOn: When.nullable().optional().meta({
    description:
      'When it happened. Absent: `occurredOn` of the wish. A recorded date is compared only with a known one.',
  }),
  evidence: evidence.meta({ description: 'What its event rests on. Absent: the evidence of the wish.' }),
}

const WishedHappening = object(happening).meta({
  id: 'WishedHappening',
  description: 'Something that happened, with its date and its evidence.',
  examples: [{ occurredOn: '2026-11' }],
})

const WishedParty = object({
  party: PartyId,
  name: Party.shape.name,
  country: Party.shape.country,
  group: Party.shape.group,
  roles: Party.shape.roles.optional().meta({ description: 'Roles that the party has; further ones that it has stay.' }),
  left: z.literal(true).optional().meta({ description: 'It is no party any longer. Needs `reason`.' }),
})
  .refine(({ roles, left }) => (roles === undefined) === (left === true), {
    error: 'must be given, unless the party has left',
    path: ['roles'],
  })
  .meta({
    id: 'WishedParty',
    description: 'A party with its roles; or one that left. Parties that a wish does not name stay.',
    examples: [{ party: 'msit-kr', roles: ['funder'] }],
  })

const WishedLink = object({
  ...Linked.shape,
  unlinked: z.literal(true).optional().meta({ description: 'The link does not hold any longer.' }),
})
  .refine(({ relation }) => relation !== 'child', { error: 'must not be child: give `parent`', path: ['relation'] })
  .meta({
    id: 'WishedLink',
    description: 'A link to another proposal; or one that no longer holds. Links that a wish does not name stay.',
    examples: [{ relation: 'precedes', other: 'jcm10' }],
  })

const WishedAgreement = object({
  form: Form,
  parties: PartyIds,
  instrument: Instrument.optional(),
  terms: Terms.optional(),
  ...happening,
}).meta({
  id: 'WishedAgreement',
  description: 'The agreement. Terms that were agreed are changed by `amended` only, which a wish never records.',
  examples: [{ form: 'agreement', parties: ['most-vn', 'msit-kr'], occurredOn: '2026-10' }],
})

const WishedDelivery = object({
  deliverables: Deliverables.optional(),
  acceptedBy: PartyIds.optional(),
  ...happening,
}).meta({
  id: 'WishedDelivery',
  description: 'The complete delivery.',
  examples: [{ acceptedBy: ['most-vn'], occurredOn: '2026-10' }],
})

type WishedEnding = Exclude<Ending, 'void'>

/** A wish never says that something should not have been recorded. */
const WishedEnding = oneOf(endings.filter((ending) => ending !== 'void') as [WishedEnding, ...WishedEnding[]], {
  ...noEndings,
  void: 'a proposal that should not have been recorded at all is not ended by a wish: record "ended"',
}).meta({ description: 'How it ended. A wish does not end a proposal as `void`: record `ended`.' })

const WishedEnd = object({
  ending: WishedEnding,
  by: distinct(PartyId, { of: 'ids of parties', max: limits.parties }),
  remaining: Remaining.optional(),
  ...happening,
}).meta({
  id: 'WishedEnd',
  description: 'How the proposal ended, without being closed. Needs `reason`.',
  examples: [{ ending: 'withdrawn', by: ['most-vn'] }],
})

const WishedPledge = object({ pledge: LocalId, provider: PartyId, amount: MoneyOrZero, ...happening }).meta({
  id: 'WishedPledge',
  description:
    'The amount that is pledged now; 0: withdrawn. Another amount is a new announcement only if `occurredOn` is certainly later than that of the recorded one.',
  examples: [{ pledge: 'flagship', provider: 'msit-kr', amount: { value: '30000000', currency: 'USD' } }],
})

const WishedLine = object({
  ...Funding.shape,
  decommitted: MoneyOrZero.optional().meta({
    description:
      'What was taken off the line so far, in all. More than is recorded: the rest is decommitted. Needs `reason`.',
  }),
  ...happening,
})
  .refine(namesAmountOrWhy, amountOrStatus)
  .meta({
    id: 'WishedLine',
    description: 'A funding line, with the amount as it was committed; `decommitted` is what was taken off it later.',
    examples: [
      {
        line: 'kr-grant',
        provider: 'gov-kr',
        receiver: 'most-vn',
        amount: { value: '35000000', currency: 'USD' },
        financeType: 'grant',
        occurredOn: '2026-10',
      },
    ],
  })

const WishedTranche = object({
  tranche: LocalId,
  line: LocalId,
  amount: MoneyOrZero,
  when: When.nullable().optional(),
}).meta({
  id: 'WishedTranche',
  description:
    'The current plan of a transfer; amount 0: cancelled. Another amount or date than the recorded one needs `reason`.',
  examples: [{ tranche: 'first', line: 'kr-grant', amount: { value: '1000000', currency: 'USD' }, when: '2027-01' }],
})

const WishedTransaction = object({
  transaction: LocalId,
  line: LocalId,
  tranche: LocalId.optional(),
  amount: Money,
  valueDate: When.nullable().optional(),
  refunded: MoneyOrZero.optional().meta({
    description: 'What was given back so far, in all. More than is recorded: the rest is refunded. Needs `reason`.',
  }),
  ...happening,
}).meta({
  id: 'WishedTransaction',
  description: 'Money that was disbursed, with the amount as it was paid; `refunded` is what was given back later.',
  examples: [
    {
      transaction: 'payment-1',
      line: 'kr-grant',
      amount: { value: '1000000', currency: 'USD' },
      occurredOn: '2026-10-31',
    },
  ],
})

const WishedOutcome = object({ outcome: Outcome, reason: LongLanguageMap.optional(), ...happening }).meta({
  id: 'WishedOutcome',
  description:
    'How the milestone came out. Another outcome replaces a recorded one only if `occurredOn` is certainly later than that of the recorded one.',
  examples: [{ outcome: 'met', occurredOn: '2026-10-31' }],
})

const WishedMilestone = object({
  milestone: MilestoneId,
  title: LanguageMap,
  due: When.nullable().optional().meta({
    description: 'The date on which it is due; null: none. Another date than the recorded one needs `reason`.',
  }),
  obligatory: z.boolean().optional(),
  reached: WishedOutcome.optional(),
}).meta({
  id: 'WishedMilestone',
  description: 'A milestone, with its outcome if it has one.',
  examples: [{ milestone: 'ground-breaking', title: { en: 'Ground broken' }, due: '2027-06' }],
})

/** The part of a proposal's state that events other than corrections can bring about. */
export const Wished = object(
  {
    title: LanguageMap.optional(),
    summary: LongLanguageMap.optional(),
    kind: Kind.optional(),
    parties: distinct(WishedParty, { of: 'parties', max: limits.parties }, ({ party }) => party).optional(),
    fields: distinct(Field, { of: 'fields', max: limits.fields }).optional().meta({
      description: 'All fields of activity: they replace the recorded ones; an empty list means none.',
    }),
    parent: ProposalId.nullable().optional().meta({ description: 'The proposal that it is a part of; null: none.' }),
    links: distinct(
      WishedLink,
      { of: 'links', max: limits.wished },
      (link) => `${link.relation} ${link.other}`,
    ).optional(),
    planned: PlannedDates.optional().meta({
      description:
        'The planned dates and place. A date that is null is not planned any longer; a known date that changes needs `reason`.',
    }),
    requestedFunding: boundedList(FundingRequest, { of: 'requests for funding', max: limits.requests })
      .optional()
      .meta({
        description:
          'All requests for funding: they replace the recorded ones; an empty list means none. If a recorded one changes or is left out, it needs `reason`.',
      }),
    agenda: Agenda.optional(),
    proposed: WishedHappening.optional(),
    agreed: WishedAgreement.optional(),
    pledges: distinct(WishedPledge, { of: 'pledges', max: limits.wished }, ({ pledge }) => pledge).optional(),
    lines: distinct(WishedLine, { of: 'funding lines', max: limits.wished }, ({ line }) => line).optional(),
    tranches: distinct(WishedTranche, { of: 'tranches', max: limits.wished }, ({ tranche }) => tranche).optional(),
    transactions: distinct(
      WishedTransaction,
      { of: 'transactions', max: limits.wished },
      ({ transaction }) => transaction,
    ).optional(),
    milestones: distinct(
      WishedMilestone,
      { of: 'milestones', max: limits.wished },
      ({ milestone }) => milestone,
    ).optional(),
    started: WishedHappening.optional(),
    delivered: WishedDelivery.optional(),
    closed: WishedHappening.optional(),
    ended: WishedEnd.optional(),
    suspended: z.boolean().optional().meta({ description: 'Whether work is suspended. A change needs `reason`.' }),
  },
  {
    stage: 'the stage follows from the acts: give `agreed`, `lines` or `delivered`',
    requested: 'did you mean `requestedFunding`?',
    labels: 'did you mean `fields`?',
    money: 'give `pledges`, `lines`, `tranches`, `transactions`',
  },
).meta({
  id: 'Wished',
  description:
    'The wished state. What is absent is left alone, and so is a party, link, line … that a list does not name, and a language that a text does not have: an empty list of such things changes nothing. `fields` and `requestedFunding` are replaced as a whole.',
  examples: [{ title: { en: 'VKIST, phase 2' }, planned: { end: '2031-06' } }],
})
export type Wished = z.infer<typeof Wished>
/** What a wish says where it mentions a member, and one thing of it where that is a list. */
export type Given<Member extends keyof Wished> = Exclude<Wished[Member], undefined>
export type Item<Member extends keyof Wished> = Given<Member> extends readonly (infer One)[] ? One : never

/** A wish: the wished state, and what each event that brings it about says besides. */
export const Wish = withSource(
  object({
    occurredOn: occurredOn.meta({
      description:
        'When the changes happened that the source system shows; null: not known. Acts have dates of their own.',
    }),
    wished: Wished,
    reason: LongLanguageMap.optional().meta({
      description:
        'Why something changed that was known: a planned date, an amount, who takes part. With it you say that the world changed, and not that the record was wrong. An event that has no member for it has it as its note, unless `note` is given.',
    }),
    evidence,
    assertedBy,
    confidence,
    note,
    correlationId,
    causationId,
  }),
).meta({
  id: 'Wish',
  description: 'The state that a source system wishes for a proposal, and the date and source of the changes.',
  examples: [
    {
      occurredOn: '2026-11-20',
      assertedBy: 'most-vn',
      reason: { en: 'Land was cleared a year late.' },
      wished: { title: { en: 'VKIST, phase 2' }, planned: { end: '2031-06' } },
    },
  ],
})

/** What {@link Wish} gives; its schema is refined, and refined schemas of zod have no members. */
export interface Wish {
  readonly occurredOn: When | null
  readonly wished: Wished
  readonly reason?: z.infer<typeof LongLanguageMap> | undefined
  readonly evidence?: z.infer<typeof evidence>
  readonly assertedBy?: z.infer<typeof assertedBy>
  readonly confidence?: z.infer<typeof confidence>
  readonly note?: z.infer<typeof note>
  readonly correlationId?: z.infer<typeof correlationId>
  readonly causationId?: z.infer<typeof causationId>
}

/** Parses a wish. Every error is named, each with what would be accepted. */
export function parseWish(value: unknown): Parsed<{ readonly body: Wish }> {
  return parseBody(Wish as z.ZodType<Wish>, value)
}
