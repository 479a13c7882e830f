import { defineEvent } from '../../define-event.ts'
import { openLines } from '../../money-rules.ts'
import type { Proposal } from '../../proposal.ts'
import { accepted, type Decision, refused } from '../../refusals.ts'
import { firstRefusal } from '../../rules.ts'
import { object } from '../../schema.ts'
import { stageWords } from '../../words/stages.ts'

const ClosedData = object({}).meta({
  id: 'ClosedData',
  description:
    'Delivered and settled: everything committed was disbursed or decommitted. A line of unknown amount cannot be shown to be settled: correct its amount first.',
  examples: [{}],
})

export const closed = defineEvent({
  type: 'closed',
  schemaVersion: 1,
  group: 'act',
  words: stageWords.closed,
  data: ClosedData,
  happens: true,
  sourced: true,
  acts: 'a-party',
  accepts: 'open',
  from: 'delivered',
  brings: () => ['end'],
  waitsFor: ({ history }) => (history.delivered === null ? 'delivery' : undefined),
  decide(proposal) {
    return firstRefusal(
      () => wasDelivered(proposal),
      () => moneySettled(proposal),
    )
  },
  evolve(proposal) {
    return { ...proposal, stage: 'closed' }
  },
})

function wasDelivered({ stage }: Proposal): Decision {
  if (stage === 'delivered') return accepted
  return refused('not-delivered', `This proposal is ${stage}. It can be closed only after complete delivery.`)
}

function moneySettled(proposal: Proposal): Decision {
  const open = openLines(proposal)
  if (open.length === 0) return accepted
  const detail = `Money is open on ${open.join(', ')}. It can be closed after that money is disbursed or decommitted, or the unknown amount of a line is corrected.`
  return refused('money-not-settled', detail, { lines: open })
}
