import { z } from 'zod'
import { origin } from './origin.ts'
import { accepts, distinct, limits, object, oneOf, ProposalId } from './schema.ts'
import { LanguageMap } from './texts.ts'
import { codesText } from './words/codes-text.ts'
import { resolutionWords } from './words/delivery.ts'
import { codesOf } from './words/words.ts'

const numberError = accepts('must be a whole number from 1 to 999')

export const ItemNumber = wholeNumber()

function wholeNumber() {
  return z.int({ error: numberError }).min(1, { error: numberError }).max(999, { error: numberError })
}

export const AgendaItem = object({
  item: ItemNumber,
  title: LanguageMap,
  leadsTo: distinct(ProposalId, { of: 'ids of proposals', max: limits.leadsTo }).optional(),
}).meta({
  id: 'AgendaItem',
  description: 'An agenda item, identified by its number, and the proposals that it leads to.',
  examples: [{ item: 2, title: { en: 'Support for VKIST phase 2' }, leadsTo: ['vkist-phase-2'] }],
})

/** What a session is to discuss: how many items were declared, and those that are known. */
export const Agenda = object({
  declaredCount: wholeNumber().optional(),
  items: distinct(AgendaItem, { of: 'agenda items', max: limits.agendaItems }, ({ item }) => item).optional(),
})
  .refine(({ declaredCount, items }) => declaredCount !== undefined || (items?.length ?? 0) > 0, {
    error: 'must have a declaredCount, or at least one item',
  })
  .meta({
    id: 'Agenda',
    description: 'The agenda of a session: the declared number of items, the known items, or both.',
    examples: [{ declaredCount: 6 }],
  })
export type Agenda = z.infer<typeof Agenda>

export const resolutions = codesOf(resolutionWords)
export const Resolution = oneOf(resolutions).meta({
  id: 'Resolution',
  description: codesText('What a session did with an item of its agenda.', resolutionWords),
})
export type Resolution = (typeof resolutions)[number]

/** The agenda now: items by number, each with its outcome once it has one. */
export const AgendaState = object({
  declaredCount: ItemNumber.optional(),
  items: z
    .array(object({ ...AgendaItem.shape, resolved: object({ outcome: Resolution, ...origin }).optional() }))
    .optional(),
}).meta({ id: 'AgendaState', description: 'The agenda of a session, with the outcome of each item.' })
export type AgendaState = z.infer<typeof AgendaState>
export type AgendaItemState = NonNullable<AgendaState['items']>[number]

/** An agenda with what was set later: the same number revises an item and keeps its outcome; no language of a title is lost. */
export function revisedAgenda(agenda: AgendaState | null, { declaredCount, items = [] }: Agenda): AgendaState {
  const byNumber = new Map(agenda?.items?.map((item) => [item.item, item]))
  for (const item of items) {
    const known = byNumber.get(item.item)
    byNumber.set(item.item, { ...known, ...item, title: { ...known?.title, ...item.title } })
  }
  const count = declaredCount ?? agenda?.declaredCount
  return {
    ...(count === undefined ? {} : { declaredCount: count }),
    ...(byNumber.size === 0 ? {} : { items: [...byNumber.values()].toSorted((a, b) => a.item - b.item) }),
  }
}
