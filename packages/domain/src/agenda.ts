import { z } from 'zod'
import { distinct, limits, object, ProposalId } from './schema.ts'
import { LanguageMap } from './texts.ts'

const numberError = 'must be a whole number from 1 to 999'

function wholeNumber() {
  return z.int({ error: numberError }).min(1, { error: numberError }).max(999, { error: numberError })
}

export const AgendaItem = object({
  item: wholeNumber(),
  title: LanguageMap,
  leadsTo: distinct(ProposalId, { max: limits.leadsTo }).optional(),
}).meta({
  id: 'AgendaItem',
  description: 'An item of a session\u2019s agenda, by its number, and the proposals that it leads to.',
  examples: [{ item: 2, title: { en: 'Support for VKIST phase 2' }, leadsTo: ['vkist-phase-2'] }],
})

/** What a session is to treat: how many items were declared, and those that are known. */
export const Agenda = object({
  declaredCount: wholeNumber().optional(),
  items: distinct(AgendaItem, { max: limits.agendaItems }, ({ item }) => item).optional(),
})
  .refine(({ declaredCount, items }) => declaredCount !== undefined || (items?.length ?? 0) > 0, {
    error: 'must have a declaredCount, or at least one item',
  })
  .meta({
    id: 'Agenda',
    description: 'What a session is to treat: the declared number of items, those that are known, or both.',
    examples: [{ declaredCount: 6 }],
  })
export type Agenda = z.infer<typeof Agenda>
