import type { Day } from '@commitments/domain'
import type { Service } from '../source/service.ts'
import { askObject, type Members, objectsIn } from '../source/shape.ts'
import { type Entry, portfolioOf } from '../status/portfolio.ts'
import { CannotCheck, type Finding, held } from '../verdict.ts'
import { someOf } from './questions.ts'
import { entriesAt, type Folder } from './streams.ts'
import { figuresFault } from './totals.ts'

/** The most steps of a series whose figures are compared. */
const stepsCompared = 8
/** Years back from today, along the days of the world. */
const years = 10

/** Two series, one along each axis of time: their steps, and the figures of some of them. */
export async function compareSeries(service: Service, folder: Folder, day: Day, proposals: number): Promise<Finding> {
  const { verified } = folder
  const ends = yearEnds(day)
  const along = await stepsOf(service, `axis=asOf&step=year&from=${ends[0]}&to=${day}&knownAtPosition=${verified}`)
  if (along.map(({ at }) => at).join() !== ends.join())
    return broken(`the served series by year from ${ends[0]} to ${day} has other steps than the ends of these years`)
  const known = await stepsOf(service, `axis=known&step=event&from=1&to=${verified}&asOf=${day}`).catch(
    (error: unknown) => {
      // Too many for one answer.
      if (error instanceof CannotCheck)
        return stepsOf(service, `axis=known&step=month&from=1&to=${verified}&asOf=${day}`)
      throw error
    },
  )
  const places = known.map((step) => Number(step['at']))
  if (places.length === 0) return broken(`the served series by position from 1 to ${verified} has no steps`)
  if (places.some((place, index) => !(place >= 1 && place <= verified && place > (places[index - 1] ?? 0))))
    return broken(`the served series by position has steps that are not in order from 1 to ${verified}`)
  const asked = [
    ...someOf(along, stepsCompared).map((step) => at(step, String(step['at']), verified)),
    ...someOf(known, stepsCompared).map((step) => at(step, day, Number(step['at']))),
  ]
  let next = 0
  for (const entries of entriesAt(folder, asked, proposals)) {
    const { step, asked: moment } = asked[next++] as (typeof asked)[number]
    const fault = faultOf(folder, entries, step, moment)
    if (fault !== null) return broken(fault)
  }
  return held(`The figures at ${asked.length} steps of two series, by day and by position, are what the lines come to.`)
}

function at(step: Members, asOf: Day, knownAtPosition: number) {
  return { step, day: asOf, asked: { asOf, knownAtPosition } }
}

function yearEnds(day: Day): string[] {
  const year = Number(day.slice(0, 4))
  const before = Array.from({ length: years }, (_, index) => `${year - years + index}-12-31`)
  return [...before, day]
}

async function stepsOf(service: Service, query: string): Promise<readonly Members[]> {
  const path = `/v1/portfolio/series?${query}`
  const answer = await askObject(service, path)
  if (answer === null) throw new CannotCheck(`${service.url} serves no series: ${path} answers 404`)
  return objectsIn(answer.value, 'steps', path)
}

function faultOf(
  folder: Folder,
  entries: readonly Entry[],
  step: Members,
  asked: { readonly asOf: Day; readonly knownAtPosition: number },
): string | null {
  const { total, byStage, byEnding, money } = portfolioOf(entries, asked.asOf, folder.timeZone)
  const fault = figuresFault({ total, byStage, byEnding, money }, entries, { value: step })
  return fault === null
    ? null
    : `${fault} (in a series, as of ${asked.asOf}, known at position ${asked.knownAtPosition})`
}

function broken(because: string): Finding {
  return { outcome: 'broken', because: `${because}: the signed lines are right, and what is served is not` }
}
