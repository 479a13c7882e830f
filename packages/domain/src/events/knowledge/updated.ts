import { z } from 'zod'
import type { When } from '../../dates.ts'
import { defineEvent } from '../../define-event.ts'
import { FundingRequest } from '../../funding.ts'
import { isSame } from '../../lists.ts'
import { PlannedDates } from '../../period.ts'
import type { Proposal } from '../../proposal.ts'
import { accepted, type Decision, refused } from '../../refusals.ts'
import { datesInOrder, firstRefusal, requireParties } from '../../rules.ts'
import { type Plan, planning } from '../../schedule.ts'
import { boundedList, distinct, Field, limits, object } from '../../schema.ts'
import { LanguageMap, LongLanguageMap, withLanguages } from '../../texts.ts'

/** An error in the record is corrected; a change in the world has its own event. */
const elsewhere = {
  kind: 'a wrong kind is put right by "corrected"',
  parties: 'record "party-joined" or "party-left"; what was recorded wrongly is put right by "corrected"',
  parent: 'record "linked" or "unlinked"',
  agenda: 'record "agenda-set"',
  terms: 'record "amended"',
  stage: 'the stage follows from the acts: record "agreed", "funded" or "delivered"',
  ending: 'record "ended"',
  start: 'give a date in "planned"; change a known date with "rescheduled", or "corrected" if it was recorded wrongly',
  end: 'give a date in "planned"; change a known date with "rescheduled", or "corrected" if it was recorded wrongly',
}

const UpdatedData = object(
  {
    title: LanguageMap.optional(),
    summary: LongLanguageMap.optional(),
    fields: distinct(Field, { of: 'fields', max: limits.fields }).optional(),
    requestedFunding: boundedList(FundingRequest, { of: 'requests for funding', max: limits.requests }).optional(),
    planned: PlannedDates.optional(),
  },
  elsewhere,
).meta({
  id: 'UpdatedData',
  description:
    'Changed descriptive fields, and planned dates and a place that were unknown. Texts change language by language, and no language is lost; a list replaces the old list. Use `rescheduled` for a known date, `amended` for agreed terms.',
  examples: [{ title: { ko: 'VKIST 2단계 사업' }, planned: { start: '2027' } }],
})
type UpdatedData = z.infer<typeof UpdatedData>

export const updated = defineEvent({
  type: 'updated',
  schemaVersion: 1,
  group: 'knowledge',
  words: {
    en: { label: 'Updated', description: 'The description changed, or dates and a place became known.' },
    vi: { label: 'Cập nhật', description: 'Phần mô tả thay đổi, hoặc có thêm thời gian, địa điểm.' },
    ko: { label: '갱신', description: '설명이 바뀌거나 일정 또는 장소가 알려졌다.' },
  },
  data: UpdatedData,
  happens: true,
  sourced: true,
  acts: 'a-party',
  accepts: 'open',
  from: 'open',
  decide(proposal, { data }) {
    const providers = data.requestedFunding?.flatMap(({ provider }) => provider ?? []) ?? []
    return firstRefusal(
      () => requireParties(proposal, providers),
      () => onlyUnknown(proposal, data),
      () => datesInOrder(plannedAfter(proposal, data)),
      () => changesSomething(proposal, data),
    )
  },
  evolve(proposal, { data }) {
    return { ...proposal, ...descriptionAfter(proposal, data), ...planning(proposal, plannedAfter(proposal, data)) }
  },
})

function descriptionAfter({ title, summary, fields, requested }: Proposal, data: UpdatedData) {
  return {
    title: { ...title, ...data.title },
    summary: withLanguages(summary, data.summary),
    fields: data.fields ?? fields,
    requested: data.requestedFunding ?? requested,
  }
}

/** A place may get a text in another language; existing texts are not changed. */
function plannedAfter({ planned }: Proposal, { planned: told }: UpdatedData): Plan {
  return {
    start: planned.start ?? told?.start ?? null,
    end: planned.end ?? told?.end ?? null,
    place: withLanguages(planned.place, told?.place),
  }
}

/** The dates of agreed terms are planned dates, so this holds for them too. */
function onlyUnknown({ planned }: Proposal, { planned: told = {} }: UpdatedData): Decision {
  const dates = (['start', 'end'] as const).filter((which) => isOther(planned[which], told[which]))
  const { place } = planned
  const isOtherPlace = place && Object.entries(told.place ?? {}).some(([tag, text]) => (place[tag] ?? text) !== text)
  const known = isOtherPlace ? [...dates, 'place'] : dates
  if (known.length === 0) return accepted
  const detail = `Known already: ${known.map((which) => `planned.${which}`).join(', ')}. Record "rescheduled" for a date that changed in the world, "amended" for changed terms, and "corrected" for an error in the record.`
  return refused('already-planned', detail, { planned })
}

function isOther(known: When | null, told: When | null | undefined): boolean {
  return known !== null && told !== undefined && told !== known
}

function changesSomething(proposal: Proposal, data: UpdatedData): Decision {
  const { title, summary, fields, requested, planned } = proposal
  const before = { title, summary, fields, requested, planned }
  const after = { ...descriptionAfter(proposal, data), planned: plannedAfter(proposal, data) }
  if (!isSame(before, after)) return accepted
  return refused('changes-nothing', 'This description already holds. Give at least one different member.')
}
