import { defineEvent } from '../define-event.ts'
import { Funding } from '../funding.ts'
import { higherStage, profiles } from '../kinds.ts'
import { actOf, type Proposal } from '../proposal.ts'
import { accepted, type Decision, refused } from '../refusals.ts'
import { firstRefusal, strangerAmong } from '../rules.ts'

const FundedData = Funding.meta({
  id: 'FundedData',
  description:
    'A firm written obligation: a funding line. The whole multi-year amount counts at signature. Where the amount is not known, `amount` is ' +
    'null and `amountStatus` says why.',
  examples: [
    {
      line: 'kr-grant',
      provider: 'gov-kr',
      receiver: 'most-vn',
      amount: { value: '35000000', currency: 'USD' },
      financeType: 'grant',
    },
  ],
})

export const funded = defineEvent({
  type: 'funded',
  schemaVersion: 1,
  group: 'act',
  words: {
    en: { label: 'Funded', description: 'A firm written obligation for an amount, disclosed or not.' },
    vi: { label: 'Bố trí vốn', description: 'Cam kết vốn chắc chắn bằng văn bản, có hoặc không nêu số tiền.' },
    ko: { label: '재원 확정', description: '금액에 대한 확정된 서면 약정으로, 금액은 공개되지 않을 수 있다.' },
  },
  data: FundedData,
  happens: true,
  sourced: true,
  accepts: 'active',
  decide(proposal, { data }) {
    return firstRefusal(
      () => takesFunding(proposal),
      () => somethingAgreed(proposal),
      () => strangerAmong(proposal, [data.provider, data.receiver]),
      () => newLine(proposal, data.line),
      () => knownPledge(data.pledge),
    )
  },
  evolve(proposal, event) {
    const { occurredOn, version } = event
    return {
      ...proposal,
      // Facts are often learnt late: a line that becomes known after delivery leaves the stage delivered.
      stage: higherStage(proposal.stage, 'funded'),
      lines: [...proposal.lines, { ...event.data, occurredOn, version }],
      history: { ...proposal.history, funded: proposal.history.funded ?? actOf(event) },
    }
  },
})

function takesFunding({ kind }: Proposal): Decision {
  if (profiles[kind].funding !== 'none') return accepted
  return refused(
    'takes-no-funding',
    `A proposal of kind ${kind} takes no funding. Record the line on the project that it pays for.`,
  )
}

function somethingAgreed({ history }: Proposal): Decision {
  if (history.agreed !== null) return accepted
  return refused('not-agreed', 'Nothing was agreed on this proposal yet. It is funded after it was agreed.')
}

function newLine({ lines }: Proposal, line: string): Decision {
  const existing = lines.find((known) => known.line === line)
  if (!existing) return accepted
  return refused(
    'line-exists',
    `The line "${line}" was recorded in event ${existing.version}. A further line needs an id of its own.`,
    {
      version: existing.version,
    },
  )
}

/** No event of this release makes a pledge, so that none can be referred to. */
function knownPledge(pledge: string | undefined): Decision {
  if (pledge === undefined) return accepted
  return refused(
    'unknown-pledge',
    `The pledge "${pledge}" is not recorded on this proposal. Leave it out, or record it first.`,
  )
}
