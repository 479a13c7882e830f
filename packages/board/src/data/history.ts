/** What happened to a proposal, from its first event to its last, however many pages of the API that takes. */
import type { AnswerTo } from '@commitments/client'
import { type Ask, ask } from './ask.ts'

export type History = AnswerTo<'/v1/proposals/{proposalId}/events'>
export type Changes = AnswerTo<'/v1/proposals/{proposalId}/changes'>

/** The most that the API has in a page. */
const limit = 1_000

export function askHistory(proposalId: string, proof: 'true' | 'false' = 'false'): Ask<History> {
  const asked = ask('/v1/proposals/{proposalId}/events', { limit, ...(proof === 'true' && { proof }) }, { proposalId })
  return { ...asked, join: (before, page) => ({ ...page, events: [...before.events, ...page.events] }) }
}

/** The values of each field of the status, in the order in which it had them. */
export function askChanges(proposalId: string): Ask<Changes> {
  return { ...ask('/v1/proposals/{proposalId}/changes', { limit }, { proposalId }), join: joinChanges }
}

function joinChanges(before: Changes, page: Changes): Changes {
  const fields = new Map(before.fields.map((one) => [one.field, one]))
  for (const { field, changes } of page.fields)
    fields.set(field, { field, changes: [...(fields.get(field)?.changes ?? []), ...changes] })
  return { ...page, fields: [...fields.values()] }
}
