import type { z } from 'zod'
import type { Pledge } from '../../accounts.ts'
import { defineEvent } from '../../define-event.ts'
import { Funding } from '../../funding.ts'
import { higherStage, profiles } from '../../kinds.ts'
import { originOf } from '../../origin.ts'
import { actOf, type Proposal } from '../../proposal.ts'
import { accepted, type Decision, refused } from '../../refusals.ts'
import { firstRefusal, requireParties, somethingAgreed } from '../../rules.ts'
import { stageWords } from '../../words/stages.ts'

const FundedData = Funding.meta({
  id: 'FundedData',
  description:
    'A firm written obligation: a funding line. The whole multi-year amount counts at signature. If the amount is not known, `amount` is ' +
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

type FundedData = z.infer<typeof FundedData>

export const funded = defineEvent({
  type: 'funded',
  schemaVersion: 1,
  group: 'act',
  words: stageWords.funded,
  data: FundedData,
  happens: true,
  sourced: true,
  acts: { who: 'the `provider`', parties: ({ provider }) => [provider] },
  accepts: 'active',
  from: 'agreed, funded, delivered',
  brings: ({ data }) => [`line ${data.line}`],
  waitsFor: ({ pledges }, { data }) =>
    data.pledge === undefined || pledges.some(({ pledge }) => pledge === data.pledge)
      ? undefined
      : `pledge ${data.pledge}`,
  decide(proposal, { data }) {
    return firstRefusal(
      () => takesFunding(proposal),
      () => somethingAgreed(proposal),
      () => requireParties(proposal, [data.provider, data.receiver]),
      () => newLine(proposal, data.line),
      () => pledgeOf(proposal, data),
    )
  },
  evolve(proposal, event) {
    const { data } = event
    return {
      ...proposal,
      // Facts are often learnt late: a line that becomes known after delivery leaves the stage delivered.
      stage: higherStage(proposal.stage, 'funded'),
      lines: [
        ...proposal.lines,
        { ...data, currency: data.amount?.currency ?? null, decommitted: '0', disbursed: '0', ...originOf(event) },
      ],
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

function newLine({ lines }: Proposal, line: string): Decision {
  const existing = lines.find((known) => known.line === line)
  if (!existing) return accepted
  return refused(
    'line-exists',
    `The line "${line}" was recorded in event ${existing.version}. A further line needs another id.`,
    {
      version: existing.version,
    },
  )
}

/**
 * A line can be committed from a pledge of the same provider, in the same currency. A withdrawn pledge is allowed too, because providers
 * change their minds. The line may exceed the pledge; the status flags that.
 */
function pledgeOf({ pledges }: Proposal, { pledge: id, provider, amount }: FundedData): Decision {
  if (id === undefined) return accepted
  const pledge = pledges.find((known) => known.pledge === id)
  if (!pledge) {
    const detail = `The pledge "${id}" is not recorded on this proposal. Omit it, or record it first.`
    return refused('unknown-pledge', detail, { pledges: pledges.map((known) => known.pledge) })
  }
  if (pledge.provider === provider) return inCurrencyOf(pledge, amount)
  const detail = `The pledge "${id}" belongs to "${pledge.provider}". A line of "${provider}" needs a pledge of the same provider, or none.`
  return refused('other-provider', detail, { provider: pledge.provider })
}

function inCurrencyOf({ pledge, amount: { currency } }: Pledge, amount: FundedData['amount']): Decision {
  if (amount === null || amount.currency === currency) return accepted
  const detail = `The pledge "${pledge}" is in ${currency}, not in ${amount.currency}. A line in another currency needs another pledge, or none.`
  return refused('other-currency', detail, { currency })
}
