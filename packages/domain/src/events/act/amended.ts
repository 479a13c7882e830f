import type { z } from 'zod'
import { Instrument } from '../../agreement.ts'
import { defineEvent } from '../../define-event.ts'
import { isSame } from '../../lists.ts'
import { originOf } from '../../origin.ts'
import { PlannedDates, plannedWith, Terms } from '../../period.ts'
import type { Proposal } from '../../proposal.ts'
import { accepted, type Decision, refused } from '../../refusals.ts'
import { datesInOrder, firstRefusal, notInFuture } from '../../rules.ts'
import { type Plan, planning } from '../../schedule.ts'
import { object } from '../../schema.ts'
import { LongLanguageMap, withLanguages } from '../../texts.ts'

const AmendedData = object({
  instrument: Instrument.optional(),
  decision: LongLanguageMap.optional(),
  rationale: LongLanguageMap,
  changes: object({ terms: Terms.optional(), planned: PlannedDates.optional() }),
})
  .refine(({ instrument, decision }) => instrument !== undefined || decision !== undefined, {
    error: 'must be given, or a decision: an amendment rests on one of them',
    path: ['instrument'],
  })
  .meta({
    id: 'AmendedData',
    description:
      'The parties changed their terms. Members of `changes.terms` replace agreed terms, and members of `changes.planned` replace planned values; omitted members stay unchanged, and the old terms stay readable. Known dates of new terms become the planned dates.',
    examples: [
      {
        decision: { en: 'Decision on the extension of the project' },
        rationale: { en: 'Land was cleared a year late.' },
        changes: { terms: { end: '2028' } },
      },
    ],
  })
type AmendedData = z.infer<typeof AmendedData>

export const amended = defineEvent({
  type: 'amended',
  schemaVersion: 1,
  group: 'act',
  words: {
    en: { label: 'Amended', description: 'The parties changed the agreed terms.' },
    vi: { label: 'Sửa đổi, bổ sung', description: 'Các bên đã thay đổi những điều khoản đã thỏa thuận.' },
    ko: { label: '변경 합의', description: '당사자들이 합의된 조건을 변경하였다.' },
  },
  data: AmendedData,
  happens: true,
  sourced: true,
  acts: { who: 'the parties that agreed', parties: (_data, { agreement }) => agreement?.parties ?? [] },
  accepts: 'open',
  from: 'agreed, funded',
  waitsFor: ({ agreement }) => (agreement === null ? 'agreement' : undefined),
  decide(proposal, { data }, { futureBegins }) {
    return firstRefusal(
      () => hasTerms(proposal),
      () => notInFuture('data.instrument.signedOn', data.instrument?.signedOn, futureBegins),
      () => changesSomething(proposal, data),
      () => datesInOrder(datesOf(termsAfter(proposal, data))),
      () => datesInOrder(plannedAfter(proposal, data)),
    )
  },
  evolve(proposal, event) {
    const { instrument = null, decision = null, rationale } = event.data
    const { agreement, planned } = proposal
    const before = { terms: agreement?.terms ?? null, planned }
    return {
      ...proposal,
      ...planning(proposal, plannedAfter(proposal, event.data)),
      agreement: agreement && { ...agreement, terms: termsAfter(proposal, event.data) },
      amendments: [...proposal.amendments, { instrument, decision, rationale, before, ...originOf(event) }],
    }
  },
})

/** Fulfilled terms cannot change: evidence shows a delivery that differs from them. */
function hasTerms({ stage, history }: Proposal): Decision {
  if (stage === 'delivered') {
    const version = history.delivered?.version
    return refused('already-delivered', `This proposal was delivered in its event ${version}: its terms are fulfilled.`)
  }
  if (stage !== 'proposed') return accepted
  return refused('not-agreed', 'Nothing was agreed on this proposal yet. Change its descriptive fields with "updated".')
}

function changesSomething(proposal: Proposal, data: AmendedData): Decision {
  const sameTerms = isSame(termsAfter(proposal, data), proposal.agreement?.terms ?? null)
  if (!sameTerms || !isSame(plannedAfter(proposal, data), proposal.planned)) return accepted
  return refused('changes-nothing', 'These terms already hold. Give at least one different member.')
}

function termsAfter({ agreement }: Proposal, { changes }: AmendedData): Terms | null {
  const terms = agreement?.terms ?? null
  return changes.terms ? { ...terms, ...changes.terms } : terms
}

function datesOf(terms: Terms | null) {
  return { start: terms?.start ?? null, end: terms?.end ?? null }
}

/** Unlike in terms, null in a changed plan says that the date is unknown now. */
function plannedAfter({ planned }: Proposal, { changes }: AmendedData): Plan {
  const { start, end, place } = plannedWith(planned, changes.terms)
  const { planned: changed = {} } = changes
  return {
    start: changed.start === undefined ? start : changed.start,
    end: changed.end === undefined ? end : changed.end,
    place: withLanguages(place, changed.place),
  }
}
