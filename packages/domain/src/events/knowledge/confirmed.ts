import { Day } from '../../dates.ts'
import { defineEvent } from '../../define-event.ts'
import type { Proposal } from '../../proposal.ts'
import { accepted, type Decision, refused } from '../../refusals.ts'
import { firstRefusal, notInFuture } from '../../rules.ts'
import { object } from '../../schema.ts'

const ConfirmedData = object({ asOf: Day }).meta({
  id: 'ConfirmedData',
  description:
    'Somebody checked the record, and on that day it was still right. This is the only event that needs no source.',
  examples: [{ asOf: '2026-11-20' }],
})

export const confirmed = defineEvent({
  type: 'confirmed',
  schemaVersion: 1,
  group: 'knowledge',
  words: {
    en: { label: 'Confirmed', description: 'Somebody checked the record, and it was still right.' },
    vi: { label: 'Xác nhận', description: 'Đã rà soát và hồ sơ vẫn đúng.' },
    ko: { label: '확인', description: '확인한 결과 기록이 여전히 맞다.' },
  },
  data: ConfirmedData,
  happens: true,
  sourced: false,
  acts: 'anybody',
  accepts: 'open',
  from: 'open',
  decide(proposal, { data }, { futureBegins }) {
    return firstRefusal(
      () => notInFuture('data.asOf', data.asOf, futureBegins),
      () => notEarlier(proposal, data.asOf),
    )
  },
  evolve(proposal, { data }) {
    return { ...proposal, lastConfirmedOn: data.asOf }
  },
})

function notEarlier({ lastConfirmedOn }: Proposal, asOf: Day): Decision {
  if (lastConfirmedOn === null || asOf >= lastConfirmedOn) return accepted
  const detail = `This proposal was confirmed as of ${lastConfirmedOn}. Confirm it as of that day or a later one.`
  return refused('earlier-confirmation', detail, { lastConfirmedOn })
}
