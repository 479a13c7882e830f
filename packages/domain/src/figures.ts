/**
 * What a proposal adds to totals over several proposals, and which part of it counts if its parts carry the same figure: the rules of
 * docs/domain.md, Totals, in one place for all code that adds up (read models, programmes, auditors).
 */
import type { Ending } from './kinds.ts'
import { totalOf } from './money.ts'
import { type Accounts, type MoneyStatus, moneyOf } from './money-status.ts'

/** Sums by currency. */
export const figureSums = [
  'requested',
  'pledged',
  'committed',
  'disbursed',
  'undisbursed',
  'lapsedRequested',
  'lapsedPledged',
  'inKindValued',
] as const
export type FigureSum = (typeof figureSums)[number]

/** Plain numbers: requests and lines without a known amount, and contributions in kind. */
export const figureCounts = [
  'undisclosedRequested',
  'undisclosedLapsed',
  'undisclosedCommitted',
  'inKindItems',
] as const
export type FigureCount = (typeof figureCounts)[number]

/** The money of one proposal, as totals use it. Zeros are left out. */
export type Figures = Readonly<Partial<Record<FigureSum, Sums> & Record<FigureCount, number>>>

type Sums = MoneyStatus['committed']

/**
 * Figures that count at the lowest level of a programme that carries them: a proposal's own figure counts unless one of its parts, at any
 * depth, has a known amount of it. `carriedBy` says where such an amount shows; `members` count, or do not count, together. Contributions
 * in kind are things and not sums: those of a programme and those of its parts all count.
 */
export const figures = {
  requested: { carriedBy: ['requested'], members: ['requested', 'undisclosedRequested'] },
  pledged: { carriedBy: ['pledged'], members: ['pledged'] },
  committed: {
    carriedBy: ['committed', 'disbursed'],
    members: ['committed', 'disbursed', 'undisbursed', 'undisclosedCommitted'],
  },
  lapsedRequested: { carriedBy: ['lapsedRequested'], members: ['lapsedRequested', 'undisclosedLapsed'] },
  lapsedPledged: { carriedBy: ['lapsedPledged'], members: ['lapsedPledged'] },
} as const satisfies Record<
  string,
  { readonly carriedBy: readonly FigureSum[]; readonly members: readonly (FigureSum | FigureCount)[] }
>
export type FigureName = keyof typeof figures

/** Endings after which requested and announced money no longer comes. */
const lapsing: ReadonlySet<Ending | null> = new Set(['declined', 'withdrawn', 'cancelled', 'terminated'])

/** Whether what the proposal requested, and what was announced for it, has lapsed. */
export function isLapsed({ ending }: Pick<Accounts, 'ending'>): boolean {
  return lapsing.has(ending)
}

/** What a proposal itself adds. A void proposal adds nothing. */
export function figuresOf(proposal: Accounts): Figures {
  if (proposal.ending === 'void') return {}
  const { committed, disbursed, undisbursed, undisclosed, requested, pledged, inKind } = moneyOf(proposal)
  const unknown = proposal.requested.filter(({ amount }) => !amount).length
  const asked = isLapsed(proposal)
    ? { lapsedRequested: requested, lapsedPledged: pledged, undisclosedLapsed: unknown }
    : { requested, pledged, undisclosedRequested: unknown }
  const valued = totalOf(inKind.flatMap(({ valuation }) => (valuation ? [valuation.amount] : [])))
  const paid = { committed, disbursed, undisbursed, undisclosedCommitted: undisclosed.length }
  return withoutNothing({ ...asked, ...paid, inKindItems: inKind.length, inKindValued: valued })
}

/** The figures of which a proposal has a known amount. */
export function figuresCarried(own: Figures): FigureName[] {
  return (Object.keys(figures) as FigureName[]).filter((name) =>
    figures[name].carriedBy.some((sum) => own[sum] !== undefined),
  )
}

function withoutNothing(all: Figures): Figures {
  const something = Object.entries(all).filter(([, value]) =>
    typeof value === 'number' ? value > 0 : Object.keys(value).length > 0,
  )
  return Object.fromEntries(something)
}
