import {
  addTotals,
  type Day,
  type FigureCount,
  type FigureName,
  type FigureSum,
  type Figures,
  figureSums,
  figures,
  figuresCarried,
  figuresOf,
  inOrderOfDays,
  isContested,
  type LanguageMap,
  lastDay,
  nameInForce,
  type Proposal,
  parentsOf,
  type Status,
  statusOf,
} from '@commitments/domain'

/** The data of one proposal that a portfolio needs: small, however long its history is. */
export interface Entry {
  readonly status: Pick<
    Status,
    'proposalId' | 'title' | 'kind' | 'stage' | 'ending' | 'condition' | 'fields' | 'parties' | 'renamings'
  >
  readonly contested: boolean
  readonly parents: readonly string[]
  readonly plannedEnd: Day | null
  readonly own: Figures
}

const overdueListed = 100
const facetsListed = 100
const ownMoneyListed = 100

export function entryOf(proposal: Proposal, day: Day, timeZone: string): Entry {
  const status = statusOf(proposal, day, timeZone)
  const { proposalId, title, kind, stage, ending, condition, fields, parties, renamings, planned } = status
  return {
    status: { proposalId, title, kind, stage, ending, condition, fields, parties, renamings },
    contested: isContested(status),
    parents: parentsOf(status),
    plannedEnd: lastDay(planned.end),
    own: figuresOf(proposal),
  }
}

/**
 * The totals of the whole ledger, in the form in which the service gives them: without proposals recorded by mistake; each figure of money
 * at the lowest level of a programme that carries it; overdue proposals by planned end.
 *
 * @param only the ids of the proposals that a filter finds; a part that it does not find has no effect on the others
 */
export function portfolioOf(entries: readonly Entry[], day: Day, timeZone: string, only?: ReadonlySet<string>) {
  const shown = entries.filter(({ status }) => status.ending !== 'void' && only?.has(status.proposalId) !== false)
  const statuses = shown.map(({ status }) => status)
  // Also through proposals recorded by mistake: their parts are parts of the proposal above, and must not count in addition to it.
  const below = carriedBelow(only === undefined ? entries : shown, entries)
  return {
    day,
    timeZone,
    total: shown.length,
    contested: shown.filter(({ contested }) => contested).length,
    byStage: counted(statuses.map(({ stage }) => stage)),
    byEnding: counted(statuses.map(({ ending }) => ending ?? 'none')),
    byCondition: counted(statuses.map(({ condition }) => condition)),
    byKind: counted(statuses.map(({ kind }) => kind)),
    byField: counted(statuses.flatMap(({ fields }) => [...new Set(fields)])),
    byCountry: counted(
      statuses.flatMap(({ parties }) => [...new Set(parties.flatMap(({ country }) => country ?? []))]),
    ),
    byParty: partiesOf(shown),
    byParent: parentsNamed(entries, shown),
    byParentNone: shown.filter(({ parents }) => parents.length === 0).length,
    money: moneyOf(shown.map((entry) => countedOf(entry, below))),
    ownMoneyBeside: ownMoneyBeside(shown, below),
    overdue: overdueOf(shown),
  }
}

function counted(names: readonly string[]): Record<string, number> {
  const counts = new Map<string, number>()
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1)
  return Object.fromEntries([...counts].toSorted(([a], [b]) => (a < b ? -1 : 1)))
}

/** Parties, the most frequent first. A party has the name in force, or else the name in the first of its proposals by id. */
function partiesOf(shown: readonly Entry[]) {
  const renamings = inOrderOfDays(shown.flatMap(({ status }) => status.renamings))
  const byParty = new Map<string, Status['parties'][number][]>()
  for (const one of shown.toSorted(byId).flatMap(({ status }) => status.parties))
    if (byParty.get(one.party)?.push(one) === undefined) byParty.set(one.party, [one])
  const parties = [...byParty].map(([party, all]) => ({
    party,
    name: nameOrNull(nameInForce({ party, name: all[0]?.name }, renamings)),
    total: all.length,
    roles: counted(all.flatMap(({ roles }) => roles)),
  }))
  return mostFrequent(parties, ({ party }) => party)
}

function nameOrNull(name: LanguageMap): LanguageMap | null {
  return Object.keys(name).length === 0 ? null : name
}

/** Proposals that have parts, with their titles if they are recorded themselves. */
function parentsNamed(entries: readonly Entry[], shown: readonly Entry[]) {
  const titles = new Map(entries.map(({ status }) => [status.proposalId, status.title]))
  const totals = Object.entries(counted(shown.flatMap(({ parents }) => [...new Set(parents)])))
  const parents = totals.map(([proposalId, total]) => ({ proposalId, title: titles.get(proposalId) ?? null, total }))
  return mostFrequent(parents, ({ proposalId }) => proposalId)
}

function mostFrequent<One extends { readonly total: number }>(all: readonly One[], idOf: (one: One) => string): One[] {
  const inOrder = all.toSorted((a, b) => b.total - a.total || (idOf(a) < idOf(b) ? -1 : 1))
  return inOrder.slice(0, facetsListed)
}

function byId(a: Entry, b: Entry): number {
  return a.status.proposalId < b.status.proposalId ? -1 : 1
}

/** By proposal: the figures for which some part of it, at any depth, has a known amount. */
type Below = ReadonlyMap<string, ReadonlySet<FigureName>>

function carriedBelow(carriers: readonly Entry[], all: readonly Entry[]): Below {
  const parentsById = new Map(all.map(({ status, parents }) => [status.proposalId, parents]))
  const below = new Map<string, Set<FigureName>>()
  for (const { parents, own } of carriers) {
    for (const name of figuresCarried(own)) noteAbove(parents, name, parentsById, below)
  }
  return below
}

/** A figure that was noted before has already been noted all the way up. So this ends whatever the links are. */
function noteAbove(
  parents: readonly string[],
  name: FigureName,
  parentsById: ReadonlyMap<string, readonly string[]>,
  below: Map<string, Set<FigureName>>,
): void {
  const ahead = [...parents]
  for (let next = ahead.pop(); next !== undefined; next = ahead.pop()) {
    const known = below.get(next) ?? new Set()
    if (known.has(name)) continue
    below.set(next, known.add(name))
    ahead.push(...(parentsById.get(next) ?? []))
  }
}

/** The amounts of an entry that count: all except the figures that its parts carry. */
function countedOf(entry: Entry, below: Below): Figures {
  const out = leftOut(entry, below)
  return Object.fromEntries(Object.entries(entry.own).filter(([member]) => !out.has(member)))
}

function leftOut({ status }: Entry, below: Below): ReadonlySet<string> {
  const names = [...(below.get(status.proposalId) ?? [])]
  return new Set<string>(names.flatMap((name) => figures[name].members))
}

function moneyOf(all: readonly Figures[]) {
  const sum = (name: FigureSum) => sumOf(all, name)
  const count = (name: FigureCount) => all.reduce((total, one) => total + (one[name] ?? 0), 0)
  return {
    ...mainSums(all),
    undisclosed: { requested: count('undisclosedRequested'), committed: count('undisclosedCommitted') },
    lapsed: { ...lapsedSums(all), undisclosed: count('undisclosedLapsed') },
    inKind: { items: count('inKindItems'), valued: sum('inKindValued') },
  }
}

function sumOf(all: readonly Figures[], name: FigureSum) {
  return addTotals(...all.map((one) => one[name] ?? {}))
}

function mainSums(all: readonly Figures[]) {
  const sum = (name: FigureSum) => sumOf(all, name)
  return {
    requested: sum('requested'),
    pledged: sum('pledged'),
    committed: sum('committed'),
    disbursed: sum('disbursed'),
    undisbursed: sum('undisbursed'),
  }
}

function lapsedSums(all: readonly Figures[]) {
  return { requested: sumOf(all, 'lapsedRequested'), pledged: sumOf(all, 'lapsedPledged') }
}

/** Proposals with sums of their own for which some part has a sum as well: whether one includes the other is not known. */
function ownMoneyBeside(shown: readonly Entry[], below: Below) {
  const sums: ReadonlySet<string> = new Set(figureSums)
  const flagged = shown.flatMap((entry) => {
    const out = leftOut(entry, below)
    const beside = Object.fromEntries(
      Object.entries(entry.own).filter(([member]) => out.has(member) && sums.has(member)),
    )
    return Object.keys(beside).length > 0 ? [{ id: entry.status.proposalId, beside }] : []
  })
  const all = flagged.map(({ beside }) => beside)
  return {
    total: flagged.length,
    proposals: flagged
      .map(({ id }) => id)
      .toSorted()
      .slice(0, ownMoneyListed),
    money: { ...mainSums(all), lapsed: lapsedSums(all) },
  }
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
