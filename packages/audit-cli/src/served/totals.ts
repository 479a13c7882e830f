import { isDeepStrictEqual } from 'node:util'
import { type Day, inOrderOfDays, today } from '@commitments/domain'
import { beginningOf, type Page } from '../source/pages.ts'
import type { Service } from '../source/service.ts'
import { askObject } from '../source/shape.ts'
import { statusFault } from '../status/compare.ts'
import { type Entry, portfolioOf } from '../status/portfolio.ts'
import { type Finding, held, notChecked } from '../verdict.ts'
import { type Asked, queryOf } from './moments.ts'
import { type Folder, momentsAtOnce, type Then, thenAt } from './streams.ts'

/** A portfolio as it was served; null if the service says that the ledger was empty then. */
export interface ServedTotals {
  readonly value: Readonly<Record<string, unknown>> | null
  readonly position: number
  readonly servedAt: number
}

/** The portfolio of today, or at a moment. @throws CannotCheck */
export async function askTotals(service: Service, query = ''): Promise<ServedTotals> {
  return (await askObject(service, `/v1/portfolio${query}`)) ?? { value: null, position: 0, servedAt: Date.now() }
}

/** Compares the totals at every moment, and the first page of the list at some of them, with the fold of the lines. */
export async function comparePast(
  service: Service,
  folder: Folder,
  moments: readonly Asked[],
  proposals: number,
): Promise<Finding> {
  const atOnce = momentsAtOnce(proposals)
  for (let from = 0; from < moments.length; from += atOnce) {
    const found = await compareSome(service, folder, moments.slice(from, from + atOnce))
    if (found) return found
  }
  const days = moments.filter(({ asOf }) => asOf !== undefined).length
  return held(
    `Totals and lists at ${moments.length} moments of the past (${days} of them as of a day) are what the lines come to.`,
  )
}

async function compareSome(service: Service, folder: Folder, some: readonly Asked[]): Promise<Finding | null> {
  const served: { asked: Asked; totals: ServedTotals; page: Page | null; day: Day; ids: ReadonlySet<string> }[] = []
  for (const asked of some) {
    const query = queryOf(asked)
    const totals = await askTotals(service, `?${query}`)
    const page = await beginningOf(service, pageSize, query)
    const day = asked.asOf ?? dayOf(totals, folder.timeZone)
    served.push({ asked, totals, page, day, ids: new Set(page?.ids) })
  }
  const ours = thenAt(folder, served)
  for (const [index, { asked, totals, page, day }] of served.entries()) {
    const then = ours[index] as Then
    const fault = totalsFault(then.entries, totals, day, folder.timeZone) ?? pageFault(then, page, asked, folder)
    if (fault !== null)
      return {
        outcome: 'broken',
        because: `${fault} (${momentText(asked)}): the signed lines are right, and what is served is not`,
      }
  }
  return null
}

/** The requested page size of the list at a moment. */
const pageSize = 100

/** The day in the answer of the service, if that was today when it answered; otherwise today. */
export function dayOf({ value, servedAt }: Pick<ServedTotals, 'value' | 'servedAt'>, timeZone: string): Day {
  const days = [0, -60_000, 60_000].map((shift) => today(new Date(servedAt + shift), timeZone))
  return days.find((day) => day === value?.['day']) ?? (days[0] as Day)
}

/** Half a sentence on the first differing member; null if none differs. Members that this program does not know are ignored. */
function totalsFault(entries: readonly Entry[], totals: ServedTotals, day: Day, timeZone: string): string | null {
  return figuresFault(portfolioOf(entries, day, timeZone), entries, totals)
}

/** The same, for some figures. */
export function figuresFault(
  figures: object,
  entries: readonly Entry[],
  { value }: Pick<ServedTotals, 'value'>,
): string | null {
  const ours = JSON.parse(JSON.stringify(figures)) as Record<string, unknown>
  if (value === null)
    return entries.length === 0 ? null : `no portfolio is served, but the lines give ${entries.length} proposals`
  const name = Object.keys(ours).find((member) => !isDeepStrictEqual(ours[member], value[member]))
  if (name === undefined) return null
  return `the served portfolio says ${name} ${shortly(value[name])}, but the lines give ${shortly(ours[name])}`
}

/**
 * Checks the first page of a list by id: which proposals it has, how many there are, and the whole status of each. Without `asOf`, the day
 * of a condition is that of the answer.
 */
function pageFault(
  { entries, states }: Then,
  page: Page | null,
  { asOf }: Asked,
  { timeZone }: Pick<Folder, 'timeZone'>,
): string | null {
  const all = entries.filter(({ status }) => status.ending !== 'void')
  const right = all.map(({ status }) => status.proposalId).toSorted()
  const { ids, proposals, next, total, servedAt } = page ?? nobody
  const wanted = next === null ? right.length : Math.min(right.length, ids.length)
  for (let at = 0; at < Math.max(wanted, ids.length); at += 1)
    if (ids[at] !== right[at])
      return `the served list has ${ids[at] ?? 'nobody'} where the lines give ${right[at] ?? 'nobody'}`
  if (next !== null && right.length <= ids.length)
    return 'the served list says that more follows, and the lines give no more'
  if (total !== right.length) return `the served list says total ${String(total)}, but the lines give ${right.length}`
  const renamings = inOrderOfDays(all.flatMap(({ status }) => status.renamings))
  for (const [at, status] of proposals.entries()) {
    const state = states.get(ids[at] as string)
    const fault = state && statusFault(state, { status, servedAt }, { timeZone, asOf, names: [renamings] })
    if (fault) return `the served list ${fault.says} of ${ids[at]}, but its events give ${fault.gives}`
  }
  return null
}

const nobody = { ids: [], proposals: [], next: null, total: 0, servedAt: 0 }

function momentText({ asOf, knownAt, knownAtPosition }: Asked): string {
  const parts = [
    asOf === undefined ? '' : `as of ${asOf}`,
    knownAt === undefined ? '' : `known at ${knownAt}`,
    `known at position ${knownAtPosition}`,
  ]
  return parts.filter((part) => part !== '').join(', ')
}

function shortly(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing'
  return text.length > 120 ? `${text.slice(0, 119)}…` : text
}

/** The portfolio of today, as it was served before the lines were read. */
export function compareToday(folder: Folder, totals: ServedTotals): Finding {
  const { position } = totals
  if (position > folder.verified)
    return notChecked(
      `the served portfolio rests on position ${position}, and the signed log ends at ${folder.verified}`,
    )
  const day = dayOf(totals, folder.timeZone)
  const [then] = thenAt(folder, [{ asked: { knownAtPosition: position }, day, ids: new Set() }])
  const fault = totalsFault(then?.entries ?? [], totals, day, folder.timeZone)
  if (fault !== null)
    return { outcome: 'broken', because: `${fault}: the signed lines are right, and what is served is not` }
  return held(`The portfolio of today (${day}) is what the lines up to position ${position} come to.`)
}
