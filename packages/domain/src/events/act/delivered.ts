import { z } from 'zod'
import { defineEvent } from '../../define-event.ts'
import type { BodyOfProposal, Recorded } from '../../envelope.ts'
import { profiles } from '../../kinds.ts'
import { originOf } from '../../origin.ts'
import { PartyIds } from '../../parties.ts'
import { Deliverables } from '../../period.ts'
import { actOf, type Proposal } from '../../proposal.ts'
import { accepted, type Decision, refused } from '../../refusals.ts'
import { firstRefusal, requireParties } from '../../rules.ts'
import { isOutstanding } from '../../schedule.ts'
import { object } from '../../schema.ts'
import { stageWords } from '../../words/stages.ts'

const DeliveredData = object({
  deliverables: Deliverables.optional(),
  acceptedBy: PartyIds.optional(),
  // No zod default, because the line keeps exactly what was sent.
  complete: z.boolean().optional().meta({ default: true }),
}).meta({
  id: 'DeliveredData',
  description:
    'The promised output exists and the receiving side accepted it. Without `complete`, or with `complete: true`, the delivery is complete; with `complete: false` it is listed as progress and the stage does not change.',
  examples: [
    {
      deliverables: [{ en: 'V-COMPAS in Vietnamese', vi: 'V-COMPAS phiên bản tiếng Việt' }],
      acceptedBy: ['nasati-vn'],
    },
  ],
})
type DeliveredData = z.infer<typeof DeliveredData>

export const delivered = defineEvent({
  type: 'delivered',
  schemaVersion: 1,
  group: 'act',
  words: stageWords.delivered,
  data: DeliveredData,
  happens: true,
  sourced: true,
  acts: { who: 'those in `acceptedBy`', parties: ({ acceptedBy = [] }) => acceptedBy },
  accepts: 'active',
  from: 'as the profile of the kind says: proposed, agreed or funded',
  brings: ({ data }) => (data.complete === false ? [] : ['delivery']),
  decide(proposal, event) {
    return firstRefusal(
      () => deliveredOnce(proposal),
      () => farEnough(proposal),
      () => provenSession(proposal, event),
      () => milestonesMet(proposal, event.data),
      () => requireParties(proposal, event.data.acceptedBy ?? []),
      () => acceptedByReceivers(proposal, event.data),
    )
  },
  evolve(proposal, event) {
    return event.data.complete === false ? withProgress(proposal, event) : withDelivery(proposal, event)
  },
})

function deliveredOnce({ history }: Proposal): Decision {
  if (history.delivered === null) return accepted
  const { version } = history.delivered
  return refused(
    'already-delivered',
    `This proposal was delivered completely in event ${version}. It can be delivered only once.`,
    { version },
  )
}

function farEnough({ kind, stage }: Proposal): Decision {
  const { deliveredAfter } = profiles[kind]
  if (deliveredAfter.includes(stage)) return accepted
  const code = deliveredAfter.includes('agreed') ? 'not-agreed' : 'not-funded'
  const detail = `A proposal of kind ${kind} can be delivered only after it is ${deliveredAfter.join(' or ')}; this one is ${stage}.`
  return refused(code, detail, { stage, deliveredAfter })
}

function provenSession({ kind }: Proposal, { evidence = [] }: BodyOfProposal<string, unknown>): Decision {
  if (!profiles[kind].session || evidence.length > 0) return accepted
  return refused(
    'needs-evidence',
    `A proposal of kind ${kind} needs at least one piece of evidence that it took place.`,
  )
}

/** A part may be delivered before its milestones are met; the whole may not. */
function milestonesMet({ milestones }: Proposal, { complete }: DeliveredData): Decision {
  const open = complete === false ? [] : milestones.filter(isOutstanding).map(({ milestone }) => milestone)
  if (open.length === 0) return accepted
  const detail = `A complete delivery needs every obligatory milestone to be met or waived. Open: ${open.join(', ')}.`
  return refused('milestone-open', detail, { milestones: open })
}

function acceptedByReceivers({ parties }: Proposal, { acceptedBy = [] }: DeliveredData): Decision {
  if (acceptedBy.length === 0) return accepted
  const acceptors = parties.filter(({ party }) => acceptedBy.includes(party))
  if (acceptors.some(({ roles }) => roles.some((role) => role !== 'implementer'))) return accepted
  return refused(
    'only-implementer-accepted',
    'Only the implementer accepted. The receiving side must accept: a party with another role.',
  )
}

function withDelivery(proposal: Proposal, event: Recorded<'delivered', DeliveredData>): Proposal {
  const { deliverables = [], acceptedBy = [] } = event.data
  return {
    ...proposal,
    stage: 'delivered',
    delivery: { ...proposal.delivery, complete: true, deliverables, acceptedBy },
    history: { ...proposal.history, delivered: actOf(event) },
  }
}

function withProgress(proposal: Proposal, event: Recorded<'delivered', DeliveredData>): Proposal {
  const { deliverables = [], acceptedBy = [] } = event.data
  const progress = [...proposal.delivery.progress, { deliverables, acceptedBy, ...originOf(event) }]
  return { ...proposal, delivery: { ...proposal.delivery, progress } }
}
