import { type Proposal, statusOf, totalOf } from '@commitments/domain'

type Amount = { readonly value: string; readonly currency: string }

/** One figure of one proposal, with its name in docs/domain.md; a lapsed request or pledge is a separate figure. */
interface Own {
  readonly requested: Amount[]
  readonly pledged: Amount[]
  readonly lapsedRequested: Amount[]
  readonly lapsedPledged: Amount[]
  readonly committed: Amount[]
  readonly disbursed: Amount[]
  readonly undisbursed: Amount[]
}

const togetherWith: Readonly<Record<keyof Own, readonly (keyof Own)[]>> = {
  requested: ['requested'],
  pledged: ['pledged'],
  lapsedRequested: ['lapsedRequested'],
  lapsedPledged: ['lapsedPledged'],
  committed: ['committed', 'disbursed'],
  disbursed: ['committed', 'disbursed'],
  undisbursed: ['committed', 'disbursed'],
}

const names = Object.keys(togetherWith) as (keyof Own)[]

/**
 * The totals of docs/domain.md, computed proposal by proposal in the slow way in which they are described there: the services' statements
 * must give the same.
 *
 * @param view the ids of the proposals in question, if not all
 */
export function naiveTotals(proposals: readonly Proposal[], view?: ReadonlySet<string>) {
  const shown = proposals.filter(({ ending, proposalId }) => ending !== 'void' && (view?.has(proposalId) ?? true))
  const own = new Map(shown.map((proposal) => [proposal.proposalId, ownOf(proposal)]))
  const counts = (proposal: Proposal, name: keyof Own) =>
    !partsOf(proposal, proposals).some((part) =>
      togetherWith[name].some((other) => has(own.get(part.proposalId), other)),
    )
  const sum = (name: keyof Own, counted: boolean) =>
    totalOf(shown.flatMap((one) => (counts(one, name) === counted ? (own.get(one.proposalId)?.[name] ?? []) : [])))
  const beside = shown.filter((one) => names.some((name) => has(own.get(one.proposalId), name) && !counts(one, name)))
  const all = (counted: boolean) => ({
    requested: sum('requested', counted),
    pledged: sum('pledged', counted),
    committed: sum('committed', counted),
    disbursed: sum('disbursed', counted),
    undisbursed: sum('undisbursed', counted),
    lapsed: { requested: sum('lapsedRequested', counted), pledged: sum('lapsedPledged', counted) },
  })
  const number = (of: (proposal: Proposal) => number) => shown.reduce((total, proposal) => total + of(proposal), 0)
  const unknownRequests = ({ requested }: Proposal) => requested.filter(({ amount }) => !amount).length
  const counted = all(true)
  return {
    money: {
      ...counted,
      undisclosed: {
        requested: number((one) => (!lapsed(one) && counts(one, 'requested') ? unknownRequests(one) : 0)),
        committed: number((one) =>
          counts(one, 'committed') ? one.lines.filter(({ amount }) => amount === null).length : 0,
        ),
      },
      lapsed: {
        ...counted.lapsed,
        undisclosed: number((one) => (lapsed(one) && counts(one, 'lapsedRequested') ? unknownRequests(one) : 0)),
      },
      inKind: {
        items: number(({ inKind }) => inKind.length),
        valued: totalOf(
          shown.flatMap(({ inKind }) => inKind.flatMap(({ valuation }) => (valuation ? [valuation.amount] : []))),
        ),
      },
    },
    ownMoneyBeside: {
      total: beside.length,
      proposals: beside.map(({ proposalId }) => proposalId).toSorted(),
      money: all(false),
    },
  }
}

function ownOf(proposal: Proposal): Own {
  const { money } = statusOf(proposal, '2026-01-01', 'Asia/Ho_Chi_Minh')
  const requested = amounts(money.requested)
  const pledged = amounts(money.pledged)
  const over = proposal.ending !== null || proposal.stage === 'closed'
  return {
    requested: lapsed(proposal) ? [] : requested,
    pledged: lapsed(proposal) ? [] : pledged,
    lapsedRequested: lapsed(proposal) ? requested : [],
    lapsedPledged: lapsed(proposal) ? pledged : [],
    committed: amounts(money.committed),
    disbursed: amounts(money.disbursed),
    undisbursed: over ? [] : amounts(money.undisbursed),
  }
}

function lapsed({ ending }: Proposal): boolean {
  return ['declined', 'withdrawn', 'cancelled', 'terminated'].includes(ending ?? '')
}

function amounts(totals: Readonly<Partial<Record<string, string>>>): Amount[] {
  return Object.entries(totals).map(([currency, value = '0']) => ({ currency, value }))
}

function has(own: Own | undefined, name: keyof Own): boolean {
  return (own?.[name].length ?? 0) > 0
}

/** At any depth, each once, also through proposals recorded by mistake; includes the proposal itself if the links form a cycle. */
function partsOf({ proposalId }: Proposal, proposals: readonly Proposal[]): readonly Proposal[] {
  const found = new Set<Proposal>()
  const ahead = [proposalId]
  for (let next = ahead.pop(); next !== undefined; next = ahead.pop()) {
    for (const proposal of proposals) {
      const isPart = proposal.links.some(({ relation, other }) => relation === 'child' && other === next)
      if (!isPart || found.has(proposal)) continue
      found.add(proposal)
      ahead.push(proposal.proposalId)
    }
  }
  return [...found]
}
