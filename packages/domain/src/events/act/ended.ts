import type { z } from 'zod'
import { type FundingLine, plus, undisbursedOf } from '../../accounts.ts'
import { defineEvent } from '../../define-event.ts'
import { Ending } from '../../kinds.ts'
import { openLines, planWithin } from '../../money-rules.ts'
import { originOf } from '../../origin.ts'
import { type Proposal, Remaining } from '../../proposal.ts'
import { accepted, type Decision, refused } from '../../refusals.ts'
import { firstRefusal, requireParties } from '../../rules.ts'
import { distinct, limits, object, PartyId } from '../../schema.ts'
import { LongLanguageMap } from '../../texts.ts'

const EndedData = object({
  ending: Ending,
  // Can be empty: nobody makes a term expire.
  by: distinct(PartyId, { of: 'ids of parties', max: limits.parties }),
  reason: LongLanguageMap,
  remaining: Remaining.optional(),
}).meta({
  id: 'EndedData',
  description:
    'The proposal ended without being closed. If money is open (a line of unknown amount counts as open), `remaining` says what happens to it: `keep` leaves the lines as they are; `decommit` decommits the undisbursed rest of each line with this event (cancel open tranches first); `return` announces a refund (`refunded` records it).',
  examples: [{ ending: 'withdrawn', by: ['most-vn'], reason: { en: 'Another project covers it.' } }],
})

/** The endings of a delivered proposal. */
const endingsOfDelivered: readonly Ending[] = ['expired', 'superseded', 'void']

export const ended = defineEvent({
  type: 'ended',
  schemaVersion: 1,
  group: 'act',
  words: {
    en: {
      label: 'Ended',
      description: 'The proposal ended: declined, withdrawn, cancelled, terminated, expired, superseded, void.',
    },
    vi: {
      label: 'Kết thúc',
      description: 'Đã chấm dứt: từ chối, rút lại, hủy bỏ, chấm dứt, hết hạn, được thay thế, ghi nhầm.',
    },
    ko: { label: '종료', description: '거절, 철회, 취소, 해지, 만료, 대체 또는 무효로 끝났다.' },
  },
  data: EndedData,
  happens: true,
  sourced: true,
  acts: { who: 'those in `by`', parties: ({ by }) => by },
  accepts: 'open',
  from: 'open',
  brings: () => ['end'],
  decide(proposal, { data }) {
    return firstRefusal(
      () => mayEndSo(proposal, data.ending),
      () => requireParties(proposal, data.by),
      () => moneyDecided(proposal, data),
      () => nothingPlanned(proposal, data),
    )
  },
  evolve(proposal, event) {
    const { ending, by, reason, remaining = null } = event.data
    const lines = remaining === 'decommit' ? proposal.lines.map(withoutRest) : proposal.lines
    return { ...proposal, ending, lines, end: { ending, by, reason, remaining, ...originOf(event) } }
  },
})

function mayEndSo({ stage }: Proposal, ending: Ending): Decision {
  if (stage !== 'delivered' || endingsOfDelivered.includes(ending)) return accepted
  const detail = `This proposal was delivered, so it cannot be ${ending}. It may be ${endingsOfDelivered.join(', ')}, or be closed.`
  return refused('already-delivered', detail, { endings: endingsOfDelivered })
}

function moneyDecided(proposal: Proposal, { remaining }: z.infer<typeof EndedData>): Decision {
  const open = openLines(proposal)
  if (remaining !== undefined || open.length === 0) return accepted
  const detail = `Money is open on ${open.join(', ')}. Decide about it in data.remaining: keep, decommit or return.`
  return refused('money-undecided', detail, { lines: open })
}

/** Decommitted money is no longer to come. */
function nothingPlanned({ lines, tranches }: Proposal, { remaining }: z.infer<typeof EndedData>): Decision {
  if (remaining !== 'decommit') return accepted
  return firstRefusal(...lines.map((line) => () => planWithin(tranches, withoutRest(line))))
}

/** The rest of a line of unknown amount is also unknown, so nothing can be subtracted from it. */
function withoutRest(line: FundingLine): FundingLine {
  const rest = undisbursedOf(line)
  if (rest === null) return line
  return { ...line, decommitted: plus(line.decommitted, rest.value, rest.currency) }
}
