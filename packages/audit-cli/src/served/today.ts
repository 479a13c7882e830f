import type { Service } from '../source/service.ts'
import { askObject } from '../source/shape.ts'
import { putStatus } from '../status/compare.ts'
import { type ServedStatus, servedStatus, servedStatuses } from '../status/served.ts'
import type { Spill } from '../status/spill.ts'
import { CannotCheck } from '../verdict.ts'
import { askChanges, type ServedChanges } from './changes.ts'
import { askNarrowed, type Narrowed } from './narrowed.ts'
import { inParallel } from './parallel.ts'
import { type Answered, askAll, noteValues, noValues, questionsToday, someOf, type Values } from './questions.ts'
import { relatedCompared } from './related.ts'
import { askTotals, type ServedTotals } from './totals.ts'

/**
 * Everything of today that is compared, as it was served before the lines were read. The lines then contain all that these answers had
 * seen, so each is compared at its own position, however much is recorded meanwhile.
 */
export interface Today {
  /** All had seen the log at least up to here. */
  readonly least: number
  /** The position up to which the log must be verified to cover what they have seen. */
  readonly needed: number
  readonly count: number
  /** How many proposals the list has, by what its first page says, and what that page had seen; null if it cannot be read. */
  readonly listed: { readonly total: unknown; readonly position: number } | null
  readonly eachAlone: boolean
  readonly lists: readonly Answered[]
  /** Statuses requested separately: those whose links are compared. */
  readonly related: readonly ServedStatus[]
  readonly totals: ServedTotals | CannotCheck
  /** With one filter each. */
  readonly narrowed: readonly Narrowed[]
  readonly changes: readonly ServedChanges[]
  /** Why some statuses could not be read; null if all were. */
  readonly fault: CannotCheck | null
}

/** How far the service has seen the log. @throws CannotCheck, also if what answers is no projection service */
export async function seenNow(service: Service, atLeast = 0): Promise<number> {
  const answer = await askObject(service, `/v1/proposals?limit=1${atLeast > 0 ? `&atLeast=${atLeast}` : ''}`)
  if (answer === null)
    throw new CannotCheck(`${service.url} serves no list of proposals; give the address of the projection service`)
  return answer.position
}

/** Up to this number, proposals are requested one by one by default: it takes a second or two. */
const fewProposals = 2_000

/** Statuses go into the spill. What cannot be read says so, and the rest is there. */
export async function readToday(
  service: Service,
  spill: Spill,
  options: {
    readonly eachAlone?: boolean | undefined
    readonly least: number
    readonly onStatus: (count: number) => void
  },
): Promise<Today> {
  const { least, onStatus } = options
  const values = noValues()
  const listed = await orReason(readListed(service, spill, values, onStatus))
  const count = values.ids.length
  const eachAlone = options.eachAlone ?? count <= fewProposals
  const linked = new Set(chosenIn(values))
  const ids = eachAlone ? new Set(values.ids) : linked
  const alone = await orReason(readAlone(service, spill, [...ids], linked))
  const lists = await askAll(service, questionsToday(values))
  const totals = await orReason(askTotals(service))
  const narrowed = await askNarrowed(service, values)
  const changes = await askChanges(service, values, least)
  const pages = lists.map(({ page }) => page ?? { position: 0 })
  const read = [
    listed,
    alone,
    totals,
    ...pages,
    ...narrowed.map((one) => one.totals),
    ...changes.map((one) => one.answer),
  ]
  const needed = Math.max(least, ...read.map((one) => (one instanceof CannotCheck ? 0 : one.position)))
  return {
    least,
    needed,
    count,
    listed: listed instanceof CannotCheck ? null : listed.first,
    eachAlone,
    lists,
    related: alone instanceof CannotCheck ? [] : alone.related,
    totals,
    narrowed,
    changes,
    fault: [listed, alone].find((one) => one instanceof CannotCheck) ?? null,
  }
}

/** Proposals whose links are compared: all of a small ledger; of a larger one some to which others are linked, and some of all. */
function chosenIn({ ids, byFilter }: Values): readonly string[] {
  if (ids.length <= relatedCompared) return ids
  const all = new Set(ids)
  const targets = [...(byFilter.get('parent') ?? [])].filter((id) => all.has(id))
  return [...someOf(targets, relatedCompared / 2), ...someOf(ids, relatedCompared / 2)]
}

/** The reason instead, if something cannot be read. */
function orReason<Value>(value: Promise<Value>): Promise<Value | CannotCheck> {
  return value.catch((error: unknown) => {
    if (error instanceof CannotCheck) return error
    throw error
  })
}

async function readListed(service: Service, spill: Spill, values: Values, onStatus: (count: number) => void) {
  let seen = 0
  let first: NonNullable<Today['listed']> = { total: 0, position: 0 }
  for await (const { statuses, total, isFirst, position } of servedStatuses(service)) {
    if (isFirst) first = { total, position }
    seen = Math.max(seen, position)
    for (const served of statuses) {
      putStatus(spill, served)
      noteValues(values, served)
    }
    onStatus(values.ids.length)
  }
  return { position: seen, first }
}

/** One that is not found although it is listed is requested again after the lines were read. */
async function readAlone(service: Service, spill: Spill, ids: readonly string[], kept: ReadonlySet<string>) {
  const related: ServedStatus[] = []
  let seen = 0
  await inParallel(ids, async (proposalId) => {
    const served = await servedStatus(service, proposalId)
    if (served === null) return true
    // Under another id than was asked for, it is an answer all the same: what is missing is found afterwards.
    putStatus(spill, served)
    seen = Math.max(seen, served.seen, Number(served.status['position']) || 0)
    if (kept.has(proposalId)) related.push(served)
    return true
  })
  return { position: seen, related }
}
