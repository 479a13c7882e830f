import type { Feed } from '../source/feed.ts'
import { askJson, type Service } from '../source/service.ts'
import { compareStatuses, type Kind, putStatus } from '../status/compare.ts'
import { positionOf, servedStatuses } from '../status/served.ts'
import { createSpill, disposeSpill, put, type Spill } from '../status/spill.ts'
import { CannotCheck, type Finding, leftOut, notChecked } from '../verdict.ts'
import { usualTimeZone, type VerifyOptions } from './options.ts'
import type { Scan, ScanOptions } from './scan.ts'

/** The served statuses, read before the lines: whatever they had seen is then among the lines. */
export interface Statuses {
  /** How far the log must be verified to cover what they have seen. */
  readonly needed: number
  /** To be told of each good line. */
  readonly onLine: ScanOptions['onLine']
  readonly compare: (scan: Scan, verified: number) => Promise<Finding>
  readonly dispose: () => void
}

/** @throws CannotCheck where they cannot be had */
export async function beginStatuses(feed: Feed, options: VerifyOptions): Promise<Statuses> {
  const { service } = feed
  if (options.status === false) return without('The served status was not compared.')
  if (service === null) return without('A file serves no status, so none was compared.')
  const least = await seenNow(service)
  const spill = createSpill(least)
  const { seen, count } = await gather(service, spill, options).catch((error: unknown) => {
    disposeSpill(spill)
    throw error
  })
  const needed = Math.max(least, seen)
  const eachAlone = options.eachAlone ?? count <= fewProposals
  const onLine: ScanOptions['onLine'] = ({ proposalId }, line) => put(spill, 'line' satisfies Kind, proposalId, line)
  const compare = (scan: Scan, verified: number) =>
    conclude(scan, verified, needed, () =>
      compareStatuses({
        service,
        spill,
        verified,
        seen: least,
        eachAlone,
        timeZone: options.timeZone ?? usualTimeZone,
      }),
    )
  return { needed, onLine, compare, dispose: () => disposeSpill(spill) }
}

/** So many are asked for one by one without being asked to: a second or two. */
const fewProposals = 2_000

function without(sentence: string): Statuses {
  return { needed: 0, onLine: undefined, compare: async () => leftOut(sentence), dispose: () => undefined }
}

async function seenNow(service: Service): Promise<number> {
  const answer = await askJson(service, '/v1/proposals?limit=1')
  if (answer === null)
    throw new CannotCheck(`${service.url} serves no list of proposals; give the address of the projection service`)
  return positionOf(answer.headers)
}

async function gather(
  service: Service,
  spill: Spill,
  { progress }: VerifyOptions,
): Promise<{ seen: number; count: number }> {
  progress?.begin('Reading served statuses', null)
  let [seen, count] = [0, 0]
  for await (const served of servedStatuses(service)) {
    putStatus(spill, served)
    seen = Math.max(seen, served.seen)
    count += 1
    if (count % 500 === 0) progress?.at(count)
  }
  progress?.end()
  return { seen, count }
}

/** Folding lines that are not the log's would say nothing. */
async function conclude(
  scan: Scan,
  verified: number,
  needed: number,
  compare: () => Promise<Finding>,
): Promise<Finding> {
  if (scan.fault || scan.good < verified)
    return leftOut('The served status was not compared, since the lines are not whole.')
  const finding = await compare()
  if (finding.outcome !== 'held' || verified >= needed) return finding
  return notChecked(
    `the served statuses have seen the log up to position ${needed}, and it is signed up to ${verified} only`,
  )
}
