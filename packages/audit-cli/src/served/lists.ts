import { today } from '@commitments/domain'
import type { Page } from '../source/pages.ts'
import type { Service } from '../source/service.ts'
import { CannotCheck, type Finding, held, notChecked } from '../verdict.ts'
import { type Answered, askAll, pageSize, questionsThen } from './questions.ts'
import { whyNotAt } from './seen.ts'
import type { FactsAt, Folder } from './streams.ts'

/**
 * Checks the first page of filtered and sorted lists of today, and of searches today and in the past: which proposals it has, in which
 * order, and how many there are. Lists of today were read before the lines, and each is compared at the position that it had seen.
 */
export async function compareLists(
  service: Service,
  answered: readonly Answered[],
  { verified, timeZone }: Folder,
  { factsAt, day, least }: { readonly factsAt: FactsAt; readonly day: string; readonly least: number },
): Promise<Finding> {
  const then = await askAll(service, questionsThen(factsAt(verified), verified))
  const past = new Set(then)
  const open: string[] = []
  let compared = 0
  const all = [...answered, ...then].toSorted((a, b) => positionIn(a) - positionIn(b))
  for (const one of all) {
    const { question, page } = one
    if (page instanceof CannotCheck) {
      open.push(page.message)
      continue
    }
    const seen =
      page === null || past.has(one)
        ? null
        : whyNotAt(`the served list ${question.query}`, page.position, { least, verified })
    if (seen !== null) {
      open.push(seen)
      continue
    }
    if (page !== null && question.isOfDay && today(new Date(page.servedAt), timeZone) !== day) {
      open.push(`the day changed while the list ${question.query} was read`)
      continue
    }
    const right = question.right(factsAt(past.has(one) ? verified : (page?.position ?? verified)))
    const wrong = firstDifference(page, right)
    if (wrong !== null)
      return {
        outcome: 'broken',
        because: `the served list ${question.query} ${wrong}: the signed lines are right, and what is served is not`,
      }
    compared += 1
  }
  if (open[0] !== undefined) return notChecked(open[0])
  if (compared === 0) return notChecked('no list was served that could be compared')
  return held(
    `${compared} lists, by each filter, by search and in every order, have the proposals that the lines give them.`,
  )
}

function positionIn({ page }: Answered): number {
  return page === null || page instanceof CannotCheck ? 0 : page.position
}

function firstDifference(page: Page | null, right: readonly string[] | { readonly found: string }): string | null {
  const { ids, next, total } = page ?? noPage
  if ('found' in right)
    return right.found === '' || ids.includes(right.found) || next !== null ? null : `does not find ${right.found}`
  const length = next === null ? Math.max(ids.length, right.length) : ids.length
  for (let at = 0; at < length; at += 1)
    if (ids[at] !== right[at]) return `has ${ids[at] ?? 'nobody'} where the lines give ${right[at] ?? 'nobody'}`
  if (next !== null && ids.length < pageSize && right.length <= ids.length)
    return 'says that more follows, and the lines give no more'
  return total === right.length ? null : `says total ${String(total)}, but the lines give ${right.length}`
}

const noPage: Pick<Page, 'ids' | 'next' | 'total'> = { ids: [], next: null, total: 0 }
