import { When } from '../../dates.ts'
import { defineEvent } from '../../define-event.ts'
import { originOf } from '../../origin.ts'
import { endsBeforeStart } from '../../period.ts'
import type { Proposal } from '../../proposal.ts'
import { accepted, type Decision, refused } from '../../refusals.ts'
import { firstRefusal } from '../../rules.ts'
import { object } from '../../schema.ts'
import { LongLanguageMap } from '../../texts.ts'

const SuspendedData = object({ reason: LongLanguageMap, until: When.nullable().optional() }).meta({
  id: 'SuspendedData',
  description: 'Work is suspended. Only `resumed` ends the suspension, even if `until` is past.',
  examples: [{ reason: { en: 'Ground conditions are being examined.' }, until: '2027-03' }],
})

export const suspended = defineEvent({
  type: 'suspended',
  schemaVersion: 1,
  group: 'act',
  words: {
    en: {
      label: 'Suspended',
      description: 'Work is suspended; meanwhile the proposal is neither agreed, funded nor delivered.',
    },
    vi: {
      label: 'Tạm dừng',
      description: 'Việc thực hiện tạm dừng; trong thời gian đó không ký kết, bố trí vốn hay bàn giao.',
    },
    ko: { label: '중단', description: '진행이 중단되었으며, 그동안 합의, 재원 확정, 이행 완료가 이루어지지 않는다.' },
  },
  data: SuspendedData,
  happens: true,
  sourced: true,
  acts: 'a-party',
  accepts: 'open',
  from: 'open',
  brings: () => ['suspension'],
  decide(proposal, { occurredOn, data }) {
    return firstRefusal(
      () => goesOn(proposal),
      () => untilLater(occurredOn, data.until ?? null),
    )
  },
  evolve(proposal, event) {
    const { reason, until = null } = event.data
    return { ...proposal, suspended: true, suspension: { reason, until, ...originOf(event) } }
  },
})

function goesOn({ suspended: rests, suspension }: Proposal): Decision {
  if (!rests) return accepted
  const detail = `This proposal has been suspended since its event ${suspension?.version}. Resume it before you suspend it again.`
  return refused('already-suspended', detail)
}

function untilLater(start: string | null, end: string | null): Decision {
  if (!endsBeforeStart({ start, end })) return accepted
  const detail = `data.until is ${end}, before the suspension began (${start}). Give a later date, or null if it is unknown.`
  return refused('ends-before-start', detail, { start, end })
}
