import { Agenda, revisedAgenda } from '../../agenda.ts'
import { defineEvent } from '../../define-event.ts'
import { firstRefusal, isSession, unknownAmong } from '../../rules.ts'

const AgendaSetData = Agenda.meta({
  id: 'AgendaSetData',
  description:
    'The agenda of a session: the declared number of items, the known items, or both. An item with a known number revises that item.',
  examples: [{ declaredCount: 6, items: [{ item: 2, title: { en: 'Support for VKIST phase 2' } }] }],
})

export const agendaSet = defineEvent({
  type: 'agenda-set',
  schemaVersion: 1,
  group: 'sessions',
  words: {
    en: { label: 'Agenda set', description: 'The agenda of a session became known.' },
    vi: { label: 'Chương trình nghị sự', description: 'Nội dung của khóa họp được xác định.' },
    ko: { label: '의제 설정', description: '회의에서 다룰 의제가 정해졌다.' },
  },
  data: AgendaSetData,
  happens: true,
  sourced: true,
  acts: 'a-party',
  accepts: 'open',
  from: 'sessions, open',
  brings: ({ data }) => data.items?.map(({ item }) => `item ${item}`) ?? [],
  decide(proposal, { data }, world) {
    const leadsTo = data.items?.flatMap((item) => item.leadsTo ?? []) ?? []
    return firstRefusal(
      () => isSession(proposal),
      () => unknownAmong(leadsTo, proposal, world),
    )
  },
  evolve(proposal, event) {
    return { ...proposal, agenda: revisedAgenda(proposal.agenda, event.data) }
  },
})
