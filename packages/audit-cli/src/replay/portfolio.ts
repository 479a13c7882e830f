import {
  addTotals,
  type Day,
  lastDay,
  type Proposal,
  type Status,
  statusOf,
  type Totals,
  totalOf,
} from '@commitments/domain'

/** What a portfolio takes from one proposal: small, whatever its history. */
export interface Entry {
  readonly status: Pick<Status, 'proposalId' | 'title' | 'kind' | 'stage' | 'ending' | 'condition' | 'fields'>
  readonly parents: readonly string[]
  readonly plannedEnd: Day | null
  readonly amounts: Amounts
}

type Amounts = Readonly<Record<(typeof moneyNames)[number], Totals>> & {
  readonly undisclosed: { readonly requested: number; readonly committed: number }
  readonly items: number
  readonly valued: Totals
}

const moneyNames = ['requested', 'pledged', 'committed', 'disbursed', 'undisbursed'] as const
const overdueListed = 100
const ownMoneyListed = 100

export function entryOf(proposal: Proposal, day: Day, timeZone: string): Entry {
  const status = statusOf(proposal, day, timeZone)
  const { proposalId, title, kind, stage, ending, condition, fields, links, planned } = status
  return {
    status: { proposalId, title, kind, stage, ending, condition, fields },
    parents: links.flatMap(({ relation, other }) => (relation === 'child' ? [other] : [])),
    plannedEnd: lastDay(planned.end),
    amounts: amountsOf(status),
  }
}

function amountsOf({ requested, money }: Status): Amounts {
  const { undisclosed, inKind } = money
  const valued = totalOf(inKind.flatMap(({ valuation }) => (valuation ? [valuation.amount] : [])))
  const unknown = { requested: requested.filter(({ amount }) => !amount).length, committed: undisclosed.length }
  const totals = Object.fromEntries(moneyNames.map((name) => [name, money[name] as Totals]))
  return {
    ...(totals as Record<(typeof moneyNames)[number], Totals>),
    undisclosed: unknown,
    items: inKind.length,
    valued,
  }
}

/**
 * The whole ledger in numbers, in the form in which the service gives it: without what was recorded by mistake, money at the leaves of the
 * programme tree, what is late by its planned end.
 */
export function portfolioOf(entries: readonly Entry[], day: Day) {
  const shown = entries.filter(({ status }) => status.ending !== 'void')
  const statuses = shown.map(({ status }) => status)
  return {
    day,
    total: shown.length,
    byStage: counted(statuses.map(({ stage }) => stage)),
    byEnding: counted(statuses.map(({ ending }) => ending ?? 'none')),
    byCondition: counted(statuses.map(({ condition }) => condition)),
    byKind: counted(statuses.map(({ kind }) => kind)),
    byField: counted(statuses.flatMap(({ fields }) => [...new Set(fields)])),
    money: moneyOf(leavesOf(shown)),
    ownMoneyBeside: ownMoneyBeside(shown),
    overdue: overdueOf(shown),
  }
}

function counted(names: readonly string[]): Record<string, number> {
  const counts = new Map<string, number>()
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1)
  return Object.fromEntries([...counts].toSorted(([a], [b]) => (a < b ? -1 : 1)))
}

/** Whoever has parts counts by its parts. */
function leavesOf(shown: readonly Entry[]): readonly Entry[] {
  const parents = new Set(shown.flatMap(({ parents }) => parents))
  return shown.filter(({ status }) => !parents.has(status.proposalId))
}

function moneyOf(leaves: readonly Entry[]) {
  const amounts = leaves.map((leaf) => leaf.amounts)
  const sum = (of: (one: Amounts) => number) => amounts.reduce((total, one) => total + of(one), 0)
  return {
    ...Object.fromEntries(moneyNames.map((name) => [name, addTotals(...amounts.map((one) => one[name]))])),
    undisclosed: {
      requested: sum(({ undisclosed }) => undisclosed.requested),
      committed: sum(({ undisclosed }) => undisclosed.committed),
    },
    inKind: { items: sum(({ items }) => items), valued: addTotals(...amounts.map(({ valued }) => valued)) },
  }
}

/** Who has a sum of its own of which some leaf below it has one as well: which of them is a part of the other is not known. */
function ownMoneyBeside(shown: readonly Entry[]) {
  const parts = new Map<string, Entry[]>()
  for (const entry of shown)
    for (const parent of entry.parents) parts.set(parent, [...(parts.get(parent) ?? []), entry])
  const flagged = shown.filter((entry) => {
    const leaves = leavesBelow(entry, parts)
    return moneyNames.some((name) => hasSum(entry, name) && leaves.some((leaf) => hasSum(leaf, name)))
  })
  const proposals = flagged.map(({ status }) => status.proposalId).toSorted()
  return { total: proposals.length, proposals: proposals.slice(0, ownMoneyListed) }
}

function hasSum({ amounts }: Entry, name: (typeof moneyNames)[number]): boolean {
  return Object.keys(amounts[name]).length > 0
}

/** By however many ways each is reached, and none of one that has no parts. */
function leavesBelow(entry: Entry, parts: ReadonlyMap<string, readonly Entry[]>): Entry[] {
  const below = new Set<Entry>()
  const open = [...(parts.get(entry.status.proposalId) ?? [])]
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (below.has(next)) continue
    below.add(next)
    open.push(...(parts.get(next.status.proposalId) ?? []))
  }
  return [...below].filter(({ status }) => !parts.has(status.proposalId))
}

function overdueOf(shown: readonly Entry[]) {
  const late = shown.filter(({ status }) => status.condition === 'overdue')
  const key = ({ plannedEnd, status }: Entry) => `${plannedEnd ?? 'infinity'} ${status.proposalId}`
  const listed = late.toSorted((a, b) => (key(a) < key(b) ? -1 : 1)).slice(0, overdueListed)
  const proposals = listed.map(({ status: { proposalId, title, stage }, plannedEnd }) => ({
    proposalId,
    title,
    stage,
    plannedEnd,
  }))
  return { total: late.length, proposals }
}
