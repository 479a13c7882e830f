/** Lists of proposals with only those members of each status that are shown: a row takes half a kilobyte instead of two. */
import type { ProposalStatus, QueryOf, RowField } from '@commitments/client'
import type { Ask } from './ask.ts'

interface Rows<Name extends RowField> {
  readonly proposals: readonly Pick<ProposalStatus, Name>[]
  readonly next: string | null
  /** Over all pages. */
  readonly total: number
}

export function askRows<Name extends RowField>(
  query: QueryOf<'/v1/proposals'>,
  ...fields: readonly Name[]
): Ask<Rows<Name>> {
  return { path: '/v1/proposals', named: {}, query: { ...query, fields } }
}
