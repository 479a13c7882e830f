import type { z } from 'zod'
import type { FundingLine, Tranche } from '../../accounts.ts'
import { providerOf } from '../../acts.ts'
import { When } from '../../dates.ts'
import { defineEvent } from '../../define-event.ts'
import { changed, changedOrAdded } from '../../lists.ts'
import { MoneyOrZero, toMinorUnits } from '../../money.ts'
import { inCurrencyOf, lineOf, planWithin, trancheOf, unknownLine } from '../../money-rules.ts'
import { originOf } from '../../origin.ts'
import type { Proposal } from '../../proposal.ts'
import { accepted, type Decision } from '../../refusals.ts'
import { firstRefusal } from '../../rules.ts'
import { LocalId, object } from '../../schema.ts'

const TranchePlannedData = object({
  tranche: LocalId,
  line: LocalId,
  amount: MoneyOrZero,
  when: When.nullable(),
}).meta({
  id: 'TranchePlannedData',
  description:
    'A planned transfer of a funding line. A further event for the same tranche revises it; amount 0 cancels it.',
  examples: [
    { tranche: 'first', line: 'kr-grant', amount: { value: '1000000', currency: 'USD' }, when: '2027-01/2027-06' },
  ],
})
type TranchePlannedData = z.infer<typeof TranchePlannedData>

export const tranchePlanned = defineEvent({
  type: 'tranche-planned',
  schemaVersion: 1,
  group: 'money',
  words: {
    en: { label: 'Tranche planned', description: 'A transfer was planned, revised or cancelled.' },
    vi: { label: 'Kế hoạch đợt giải ngân', description: 'Một đợt giải ngân được lên kế hoạch, điều chỉnh hoặc hủy.' },
    ko: { label: '분할 지급 계획', description: '지급 계획이 세워지거나 변경 또는 취소되었다.' },
  },
  data: TranchePlannedData,
  happens: true,
  sourced: true,
  acts: { who: 'the provider of the line', parties: ({ line }, proposal) => providerOf(proposal, line) },
  accepts: 'open',
  from: 'open, funded',
  brings: ({ data }) => [`tranche ${data.tranche}`],
  waitsFor(proposal, { data }) {
    if (!lineOf(proposal, data.line)) return `line ${data.line}`
    return toMinorUnits(data.amount) > 0n || trancheBefore(proposal, data) ? undefined : `tranche ${data.tranche}`
  },
  decide(proposal, { data }) {
    const line = lineOf(proposal, data.line)
    if (!line) return unknownLine(proposal, data.line)
    return firstRefusal(
      () => stays(proposal, data),
      () => inCurrencyOf(proposal, line, data.amount),
      () => withinLine(proposal, line, data),
    )
  },
  evolve(proposal, event) {
    const { line: id, amount } = event.data
    const lines = changed(
      proposal.lines,
      ({ line }) => line === id,
      (line) => (line.currency === null ? { ...line, currency: amount.currency } : line),
    )
    const tranches = changedOrAdded(proposal.tranches, isTranche(event.data), (before) => ({
      ...event.data,
      disbursed: before?.disbursed ?? '0',
      ...originOf(event),
    }))
    return { ...proposal, lines, tranches }
  },
})

function isTranche({ tranche }: { tranche: string }) {
  return (known: { tranche: string }) => known.tranche === tranche
}

function trancheBefore({ tranches }: Proposal, data: TranchePlannedData): Tranche | undefined {
  return tranches.find(isTranche(data))
}

/** A revision stays on its line, and there must be something to cancel. */
function stays(proposal: Proposal, data: TranchePlannedData): Decision {
  const isNew = trancheBefore(proposal, data) === undefined
  if (isNew && toMinorUnits(data.amount) > 0n) return accepted
  return trancheOf(proposal, data.tranche, data.line)
}

/** A cancellation always fits: it leaves less open than before. */
function withinLine({ tranches }: Proposal, line: FundingLine, data: TranchePlannedData): Decision {
  return toMinorUnits(data.amount) === 0n ? accepted : planWithin(planned(tranches, data), line)
}

function planned(tranches: readonly Tranche[], { tranche, line, amount }: TranchePlannedData) {
  const before = tranches.find(isTranche({ tranche }))
  const others = tranches.filter((known) => known !== before)
  return [...others, { tranche, line, amount, disbursed: before?.disbursed ?? '0' }]
}
