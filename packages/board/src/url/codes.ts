/** The codes that a URL of the board can contain. The types of the API ensure that these lists are complete, without zod in the browser. */
import type { ProposalStatus } from '@commitments/client'

export type Stage = ProposalStatus['stage']
type Ending = NonNullable<ProposalStatus['ending']>
export type Condition = ProposalStatus['condition']
type Kind = ProposalStatus['kind']
type Role = ProposalStatus['parties'][number]['roles'][number]

/** A list of all members of a union: a missing or a foreign member does not compile. */
function every<Union extends string>() {
  return <const List extends readonly Union[]>(
    ...list: List & ([Exclude<Union, List[number]>] extends [never] ? unknown : never)
  ): readonly Union[] => list
}

export const stages = every<Stage>()('proposed', 'agreed', 'funded', 'delivered', 'closed')

export const endings = every<Ending>()(
  'declined',
  'withdrawn',
  'cancelled',
  'terminated',
  'expired',
  'superseded',
  'void',
)

/** In the order in which they need attention. */
export const conditions = every<Condition>()(
  'overdue',
  'at-risk',
  'due-soon',
  'suspended',
  'stale',
  'unknown',
  'on-track',
  'done',
  'ended',
)

export const roles = every<Role>()(
  'proposer',
  'counterpart',
  'signatory',
  'funder',
  'implementer',
  'extending',
  'host',
  'beneficiary',
  'technical-partner',
  'co-chair',
  'assessor',
)

export const kinds = every<Kind>()(
  'oda-grant-project',
  'oda-loan-project',
  'technical-assistance',
  'joint-research',
  'rnd-centre',
  'training-centre',
  'system',
  'training-programme',
  'exchange',
  'programme-participation',
  'policy-commitment',
  'memorandum',
  'framework-agreement',
  'treaty',
  'committee-session',
  'forum',
  'working-meeting',
  'programme',
)
