import type { z } from 'zod'
import { type AgendaItemState, ItemNumber, Resolution } from '../../agenda.ts'
import { defineEvent } from '../../define-event.ts'
import type { Recorded } from '../../envelope.ts'
import { changed } from '../../lists.ts'
import { originOf } from '../../origin.ts'
import type { Proposal } from '../../proposal.ts'
import { accepted, type Decision, refused } from '../../refusals.ts'
import { firstRefusal, isSession, unknownAmong } from '../../rules.ts'
import { distinct, limits, object, ProposalId } from '../../schema.ts'

const AgendaItemResolvedData = object({
  item: ItemNumber,
  outcome: Resolution,
  leadsTo: distinct(ProposalId, { of: 'ids of proposals', max: limits.leadsTo }).optional(),
}).meta({
  id: 'AgendaItemResolvedData',
  description:
    'The outcome of an agenda item; the latest outcome holds. Proposals that it leads to are added to those that the agenda names.',
  examples: [{ item: 2, outcome: 'adopted' }],
})
type AgendaItemResolvedData = z.infer<typeof AgendaItemResolvedData>

export const agendaItemResolved = defineEvent({
  type: 'agenda-item-resolved',
  schemaVersion: 1,
  group: 'sessions',
  words: {
    en: { label: 'Agenda item resolved', description: 'A session adopted, deferred, noted or rejected an item.' },
    vi: { label: 'Kết luận nội dung', description: 'Khóa họp đã thông qua, hoãn, ghi nhận hoặc bác một nội dung.' },
    ko: { label: '의제 처리', description: '회의가 의제를 채택, 보류, 유의 또는 부결하였다.' },
  },
  data: AgendaItemResolvedData,
  happens: true,
  sourced: true,
  acts: 'a-party',
  accepts: 'open',
  from: 'sessions, open',
  waitsFor: ({ agenda }, { data }) =>
    agenda?.items?.some(({ item }) => item === data.item) ? undefined : `item ${data.item}`,
  decide(proposal, { data }, world) {
    return firstRefusal(
      () => isSession(proposal),
      () => onTheAgenda(proposal, data.item),
      () => unknownAmong(data.leadsTo ?? [], proposal, world),
    )
  },
  evolve(proposal, event) {
    const items = changed(
      proposal.agenda?.items ?? [],
      ({ item }) => item === event.data.item,
      (item) => resolvedBy(item, event),
    )
    return { ...proposal, agenda: { ...proposal.agenda, items } }
  },
})

function onTheAgenda({ agenda }: Proposal, number: number): Decision {
  const items = agenda?.items?.map(({ item }) => item) ?? []
  if (items.includes(number)) return accepted
  const known = items.length > 0 ? `Its items are ${items.join(', ')}.` : 'It has none yet: record "agenda-set" first.'
  return refused('unknown-agenda-item', `The agenda has no item ${number}. ${known}`, { items })
}

function resolvedBy(item: AgendaItemState, event: Recorded<string, AgendaItemResolvedData>): AgendaItemState {
  const { outcome, leadsTo = [] } = event.data
  const all = [...new Set([...(item.leadsTo ?? []), ...leadsTo])]
  return { ...item, ...(all.length === 0 ? {} : { leadsTo: all }), resolved: { outcome, ...originOf(event) } }
}
