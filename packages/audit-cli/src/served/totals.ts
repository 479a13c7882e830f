import { isDeepStrictEqual } from 'node:util'
import { type Day, today } from '@commitments/domain'
import { askJson, type Service } from '../source/service.ts'
import { recordedOf } from '../status/compare.ts'
import { type Entry, portfolioOf } from '../status/portfolio.ts'
import { dateOf, positionOf } from '../status/served.ts'
import { type Finding, held, notChecked } from '../verdict.ts'
import { type Asked, queryOf } from './moments.ts'
import { entriesAt, type Folder } from './streams.ts'

/** A portfolio as it was served; null if the service says that the ledger was empty then. */
export interface ServedTotals {
  readonly value: Readonly<Record<string, unknown>> | null
  readonly position: number
  readonly servedAt: number
}

/** The portfolio of today, or at a moment. @throws CannotCheck */
export async function askTotals(service: Service, query = ''): Promise<ServedTotals> {
  const answer = await askJson(service, `/v1/portfolio${query}`)
  if (answer === null) return { value: null, position: 0, servedAt: Date.now() }
  const { headers, value } = answer
  return { value: value as Record<string, unknown>, position: positionOf(headers), servedAt: dateOf(headers) }
}

/** The most entries of portfolios in memory at once, unless one portfolio alone has more. */
const entriesAtOnce = 200_000

/** Compares the totals at every moment, and the first page of the list at some of them, with the fold of the lines. */
export async function comparePast(
  service: Service,
  folder: Folder,
  moments: readonly Asked[],
  proposals: number,
): Promise<Finding> {
  const atOnce = Math.max(1, Math.floor(entriesAtOnce / Math.max(1, proposals)))
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
  const served: { asked: Asked; totals: ServedTotals; page: readonly unknown[]; day: Day }[] = []
  for (const asked of some) {
    const query = queryOf(asked)
    const totals = await askTotals(service, `?${query}`)
    const list = await askJson(service, `/v1/proposals?limit=${pageSize}&${query}`)
    const page = (list?.value as { proposals?: readonly unknown[] } | undefined)?.proposals ?? []
    const day = asked.asOf ?? dayOf(totals, folder.timeZone)
    served.push({ asked, totals, page, day })
  }
  const ours = entriesAt(folder, served)
  for (const [index, { asked, totals, page, day }] of served.entries()) {
    const entries = ours[index] ?? []
    const fault = totalsFault(entries, totals, day, folder.timeZone) ?? pageFault(entries, page)
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
export function dayOf({ value, servedAt }: ServedTotals, timeZone: string): Day {
  const days = [0, -60_000, 60_000].map((shift) => today(new Date(servedAt + shift), timeZone))
  return days.find((day) => day === value?.['day']) ?? (days[0] as Day)
}

/** Half a sentence on the first differing member; null if none differs. Members that this program does not know are ignored. */
function totalsFault(entries: readonly Entry[], { value }: ServedTotals, day: Day, timeZone: string): string | null {
  const ours = JSON.parse(JSON.stringify(portfolioOf(entries, day, timeZone))) as Record<string, unknown>
  if (value === null)
    return entries.length === 0 ? null : `no portfolio is served, but the lines give ${entries.length} proposals`
  const name = Object.keys(ours).find((member) => !isDeepStrictEqual(ours[member], value[member]))
  if (name === undefined) return null
  return `the served portfolio says ${name} ${shortly(value[name])}, but the lines give ${shortly(ours[name])}`
}

/** Checks the first page of a list by id: which proposals it has, and the members of each status that this program uses for totals. */
function pageFault(entries: readonly Entry[], page: readonly unknown[]): string | null {
  const shown = entries
    .filter(({ status }) => status.ending !== 'void')
    .toSorted((a, b) => (a.status.proposalId < b.status.proposalId ? -1 : 1))
  const served = page as readonly Readonly<Record<string, unknown>>[]
  // A page may be shorter than requested if its statuses are long.
  const wanted = Math.min(shown.length, Math.max(served.length, 1))
  for (let at = 0; at < Math.max(wanted, served.length); at += 1) {
    const [right, found] = [shown[at]?.status, served[at]]
    if (!right || found?.['proposalId'] !== right.proposalId)
      return `the served list has ${String(found?.['proposalId'])} where the lines give ${String(right?.proposalId)}`
    const member = Object.keys(right).find(
      (name) => !isDeepStrictEqual(plain(right)[name], recordedOf(name, found[name])),
    )
    if (member !== undefined)
      return `the served list says ${member} ${shortly(found[member])} of ${right.proposalId}, but its events give ${shortly(plain(right)[member])}`
  }
  return null
}

function plain(value: object): Record<string, unknown> {
  return JSON.parse(JSON.stringify(value)) as Record<string, unknown>
}

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
  const [entries = []] = entriesAt(folder, [{ asked: { knownAtPosition: position }, day }])
  const fault = totalsFault(entries, totals, day, folder.timeZone)
  if (fault !== null)
    return { outcome: 'broken', because: `${fault}: the signed lines are right, and what is served is not` }
  return held(`The portfolio of today (${day}) is what the lines up to position ${position} come to.`)
}
