import type { Service } from '../source/service.ts'
import { portfolioOf } from '../status/portfolio.ts'
import { CannotCheck, type Finding, held, notChecked } from '../verdict.ts'
import { inParallel } from './parallel.ts'
import { type Narrowing, narrowings, type Values } from './questions.ts'
import { type Range, whyNotAt } from './seen.ts'
import { entriesAt, type FactsAt, type Folder } from './streams.ts'
import { askTotals, dayOf, figuresFault, type ServedTotals } from './totals.ts'

/** A portfolio of the proposals that one filter finds, as it was served; the reason where it cannot be read. */
export interface Narrowed {
  readonly narrowing: Narrowing
  readonly totals: ServedTotals | CannotCheck
}

/** The portfolio of today with each filter, and one of its values. */
export async function askNarrowed(service: Service, values: Values): Promise<Narrowed[]> {
  const asked: Narrowed[] = []
  await inParallel(narrowings(values, 1), async (narrowing) => {
    const totals = await askTotals(service, `?${narrowing.query}`).catch((error: unknown) => {
      if (error instanceof CannotCheck) return error
      throw error
    })
    asked.push({ narrowing, totals })
    return true
  })
  return asked
}

/** Each at the position that it had seen. A filter also changes what is counted by field, country, party and programme: that is not compared. */
export function compareNarrowed(
  folder: Folder,
  all: readonly Narrowed[],
  { factsAt, least, proposals }: { readonly factsAt: FactsAt; readonly least: number; readonly proposals: number },
): Finding {
  const { verified, timeZone } = folder
  const range = { least, verified }
  const open = all.flatMap(({ narrowing, totals }) => whyOpen(narrowing, totals, range) ?? [])
  const read = all.flatMap(({ narrowing, totals }) =>
    totals instanceof CannotCheck || whyOpen(narrowing, totals, range) !== null
      ? []
      : [{ narrowing, totals, asked: { knownAtPosition: totals.position }, day: dayOf(totals, timeZone) }],
  )
  read.sort((a, b) => a.totals.position - b.totals.position)
  const moments = new Map(read.map(({ asked, day }) => [`${asked.knownAtPosition} ${day}`, { asked, day }]))
  const inTurn = [...moments]
  let next = 0
  for (const entries of entriesAt(folder, [...moments.values()], proposals)) {
    const [key, { asked, day }] = inTurn[next++] as (typeof inTurn)[number]
    for (const { narrowing, totals } of read.filter((one) => `${one.asked.knownAtPosition} ${one.day}` === key)) {
      const only = new Set(narrowing.finds(factsAt(asked.knownAtPosition)).map(({ proposalId }) => proposalId))
      const fault = figuresFault(ownFigures(portfolioOf(entries, day, timeZone, only)), entries, totals)
      if (fault === null) continue
      const because = `${fault} (${narrowing.query}): the signed lines are right, and what is served is not`
      return { outcome: 'broken', because }
    }
  }
  if (open[0] !== undefined) return notChecked(open[0])
  return held(`The figures of ${read.length} portfolios with one filter are what the lines come to.`)
}

function ownFigures(portfolio: ReturnType<typeof portfolioOf>): object {
  const counts = new Set(['byField', 'byCountry', 'byParty', 'byParent'])
  return Object.fromEntries(Object.entries(portfolio).filter(([member]) => !counts.has(member)))
}

function whyOpen({ query }: Narrowing, totals: Narrowed['totals'], range: Range): string | null {
  if (totals instanceof CannotCheck) return totals.message
  return whyNotAt(`the served portfolio with ${query}`, totals.position, range)
}
