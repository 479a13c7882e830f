import { z } from 'zod'
import { Agenda } from '../../agenda.ts'
import { defineEvent, type World } from '../../define-event.ts'
import { FundingRequest } from '../../funding.ts'
import { Kind, profiles } from '../../kinds.ts'
import { linksHold } from '../../link-rules.ts'
import { originOf } from '../../origin.ts'
import { Party } from '../../parties.ts'
import { PlannedDates } from '../../period.ts'
import { actOf, type Proposal } from '../../proposal.ts'
import { refused } from '../../refusals.ts'
import { firstRefusal, unknownAmong } from '../../rules.ts'
import { boundedList, distinct, Field, limits, object, ProposalId } from '../../schema.ts'
import { LanguageMap, LongLanguageMap } from '../../texts.ts'
import { stageWords } from '../../words/stages.ts'

const ProposedData = object({
  title: LanguageMap,
  summary: LongLanguageMap.optional(),
  kind: Kind,
  parties: distinct(Party, { of: 'parties', min: 1, max: limits.parties }, ({ party }) => party),
  fields: distinct(Field, { of: 'fields', max: limits.fields }).optional(),
  parent: ProposalId.optional(),
  planned: PlannedDates.optional(),
  requestedFunding: boundedList(FundingRequest, { of: 'requests for funding', max: limits.requests }).optional(),
  agenda: Agenda.optional(),
})
  .check((payload) => {
    const { parties, requestedFunding = [], kind, agenda } = payload.value
    const known = new Set(parties.map(({ party }) => party))
    for (const [index, { provider }] of requestedFunding.entries()) {
      // Without any party, that is reported instead.
      if (provider === undefined || known.size === 0 || known.has(provider)) continue
      const message = `must be one of the parties: ${[...known].join(', ')}`
      payload.issues.push({ code: 'custom', message, path: ['requestedFunding', index, 'provider'], input: provider })
    }
    if (agenda && !profiles[kind].session) {
      const message = 'is for committee-session, forum and working-meeting only'
      payload.issues.push({ code: 'custom', message, path: ['agenda'], input: agenda })
    }
  })
  .meta({
    id: 'ProposedData',
    description: 'The proposal and its parties: at least one, including the proposer if it is known.',
    examples: [
      {
        title: { en: 'VKIST, phase 2', vi: 'VKIST giai đoạn 2' },
        kind: 'oda-grant-project',
        parties: [
          { party: 'most-vn', country: 'VN', roles: ['proposer', 'beneficiary'] },
          { party: 'gov-kr', country: 'KR', roles: ['counterpart'] },
        ],
        fields: ['science-technology'],
        requestedFunding: [{ provider: 'gov-kr', amount: null, amountStatus: 'unknown', financeType: 'grant' }],
      },
    ],
  })
type ProposedData = z.infer<typeof ProposedData>

export const proposed = defineEvent({
  type: 'proposed',
  schemaVersion: 1,
  group: 'act',
  words: stageWords.proposed,
  data: ProposedData,
  happens: true,
  sourced: true,
  acts: { who: 'those with the role `proposer`', parties: proposersAmong },
  accepts: 'new',
  from: 'nothing',
  decide(_nothing, { proposalId, data }, world) {
    if (data.parent !== undefined && !isKnown(data.parent, proposalId, world)) {
      return refused(
        'unknown-parent',
        `The parent "${data.parent}" is not recorded. The parent must be another recorded proposal.`,
      )
    }
    const leadsTo = data.agenda?.items?.flatMap((item) => item.leadsTo ?? []) ?? []
    return firstRefusal(
      () => unknownAmong(leadsTo, { proposalId }, world),
      // Last, because a correction checks this for the links that come into force.
      () => linksHold(proposalId, linksOf(data), world),
    )
  },
  evolve(_nothing, event) {
    const { proposalId, data } = event
    const planned = plannedBy(data)
    return {
      ...begun,
      proposalId,
      title: data.title,
      summary: data.summary ?? null,
      kind: data.kind,
      parties: data.parties,
      fields: data.fields ?? [],
      parent: data.parent ?? null,
      planned,
      firstPlanned: { start: planned.start, end: planned.end },
      requested: data.requestedFunding ?? [],
      agenda: data.agenda ?? null,
      history: { proposed: actOf(event), agreed: null, funded: null, delivered: null },
      links: linksOf(data).map((link) => ({ ...link, ...originOf(event) })),
      // The changes that every event makes to the state follow later (evolve.ts).
      countsFrom: '',
      version: event.version,
      position: event.position,
      recordedAt: event.recordedAt,
    }
  },
})

function proposersAmong({ parties }: ProposedData): string[] {
  return parties.flatMap(({ party, roles }) => (roles.includes('proposer') ? [party] : []))
}

/** The members of every proposal that was only proposed. */
const begun = {
  stage: 'proposed',
  ending: null,
  suspended: false,
  atRisk: false,
  agreement: null,
  lines: [],
  delivery: { complete: false, deliverables: [], acceptedBy: [], started: null, progress: [] },
  stageHistory: [],
  end: null,
  suspension: null,
  risks: [],
  milestones: [],
  reschedulings: [],
  pledges: [],
  tranches: [],
  transactions: [],
  inKind: [],
  indicators: [],
  consents: [],
  amendments: [],
  assessments: [],
  contested: [],
  attachedEvidence: [],
  formerParties: [],
  evidenceCount: 0,
  lastConfirmedOn: null,
} satisfies Partial<Proposal>

function linksOf({ parent }: ProposedData): { relation: 'child'; other: string }[] {
  return parent === undefined ? [] : [{ relation: 'child', other: parent }]
}

function isKnown(other: string, proposalId: string, world: World): boolean {
  return other !== proposalId && world.find(other) !== null
}

function plannedBy({ planned }: ProposedData) {
  return { start: planned?.start ?? null, end: planned?.end ?? null, place: planned?.place ?? null }
}
