import type { z } from 'zod'
import { Form, Instrument } from '../../agreement.ts'
import { defineEvent } from '../../define-event.ts'
import { higherStage, profiles } from '../../kinds.ts'
import { PartyIds } from '../../parties.ts'
import { plannedWith, Terms } from '../../period.ts'
import { actOf, type Proposal } from '../../proposal.ts'
import { accepted, type Decision, refused } from '../../refusals.ts'
import { datesInOrder, firstRefusal, notInFuture, requireParties } from '../../rules.ts'
import { planning } from '../../schedule.ts'
import { object } from '../../schema.ts'
import { stageWords } from '../../words/stages.ts'

const AgreedData = object({
  form: Form,
  parties: PartyIds,
  instrument: Instrument.optional(),
  terms: Terms.optional(),
}).meta({
  id: 'AgreedData',
  description:
    'All required parties accepted the terms. At least two parties of the proposal agree; a policy commitment needs only one. An `oda-*` kind needs an instrument, and terms with objectives. Known dates of the terms become the planned dates.',
  examples: [
    {
      form: 'agreement',
      parties: ['most-vn', 'msit-kr'],
      instrument: { title: { en: 'Arrangement on VKIST, phase 2' }, signedOn: '2026-10' },
      terms: { objectives: { en: 'Make VKIST a core centre for industrial research' }, start: '2027', end: '2031' },
    },
  ],
})
type AgreedData = z.infer<typeof AgreedData>

export const agreed = defineEvent({
  type: 'agreed',
  schemaVersion: 1,
  group: 'act',
  words: stageWords.agreed,
  data: AgreedData,
  happens: true,
  sourced: true,
  acts: { who: 'those in `parties`', parties: ({ parties }) => parties },
  accepts: 'active',
  from: 'proposed, or delivered without it',
  brings: () => ['agreement'],
  decide(proposal, { data }, { futureBegins }) {
    return firstRefusal(
      () => agreedOnce(proposal),
      () => requireParties(proposal, data.parties),
      () => enoughParties(proposal, data),
      () => formalEnough(proposal, data),
      () => notInFuture('data.instrument.signedOn', data.instrument?.signedOn, futureBegins),
      () => datesInOrder(plannedWith(proposal.planned, data.terms)),
    )
  },
  evolve(proposal, event) {
    const { form, parties, instrument = null, terms = null } = event.data
    return {
      ...proposal,
      stage: higherStage(proposal.stage, 'agreed'),
      ...planning(proposal, plannedWith(proposal.planned, terms)),
      agreement: { form, parties, instrument, terms, version: event.version },
      history: { ...proposal.history, agreed: actOf(event) },
    }
  },
})

function agreedOnce({ history }: Proposal): Decision {
  if (history.agreed === null) return accepted
  const { version } = history.agreed
  return refused('already-agreed', `This proposal was agreed in event ${version}. It can be agreed only once.`, {
    version,
  })
}

function enoughParties({ kind }: Proposal, { parties }: AgreedData): Decision {
  const required = profiles[kind].agreeingParties
  if (parties.length >= required) return accepted
  return refused(
    'too-few-parties',
    `A proposal of kind ${kind} needs the agreement of at least ${required} of its parties; ${parties.length} is named.`,
  )
}

function formalEnough({ kind }: Proposal, { instrument, terms }: AgreedData): Decision {
  if (!profiles[kind].formal) return accepted
  if (!instrument)
    return refused(
      'missing-instrument',
      `An agreement on a proposal of kind ${kind} needs an instrument: give data.instrument.`,
    )
  if (terms?.objectives) return accepted
  return refused(
    'missing-objectives',
    `An agreement on a proposal of kind ${kind} needs objectives: give data.terms.objectives.`,
  )
}
