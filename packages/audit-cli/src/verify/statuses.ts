import { compareHistories } from '../served/histories.ts'
import { compareLists } from '../served/lists.ts'
import { momentsOf } from '../served/moments.ts'
import { compareRecorded } from '../served/recorded.ts'
import { compareRelated } from '../served/related.ts'
import { consider, createSample, type Sample, sampledUpTo } from '../served/sample.ts'
import { type Folder, factsOfAll } from '../served/streams.ts'
import { askTotals, comparePast, compareToday, dayOf, type ServedTotals } from '../served/totals.ts'
import type { Feed } from '../source/feed.ts'
import { askJson, type Service } from '../source/service.ts'
import { compareStatuses, type Kind, putStatus } from '../status/compare.ts'
import { positionOf, servedStatuses } from '../status/served.ts'
import { createSpill, disposeSpill, put, type Spill } from '../status/spill.ts'
import { CannotCheck, type Check, type Finding, leftOut, notChecked } from '../verdict.ts'
import { usualTimeZone, type VerifyOptions } from './options.ts'
import type { Scan, ScanOptions } from './scan.ts'

/**
 * What is served in addition to the log itself. Statuses and totals of today are read before the lines, which then contain everything that
 * these had seen.
 */
export interface Statuses {
  /** The position up to which the log must be verified to cover what they have seen. */
  readonly needed: number
  /** To be called with each good line. */
  readonly onLine: ScanOptions['onLine']
  readonly compare: (scan: Scan, verified: number) => Promise<readonly Check[]>
  readonly dispose: () => void
}

/** @throws CannotCheck if they cannot be read */
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
  const totals = await askTotals(service).catch((error: unknown) => {
    disposeSpill(spill)
    throw error
  })
  const needed = Math.max(least, seen, totals.position)
  const eachAlone = options.eachAlone ?? count <= fewProposals
  const sample = createSample(mostSampled)
  const onLine: ScanOptions['onLine'] = (envelope, line) => {
    consider(sample, envelope, line)
    put(spill, 'line' satisfies Kind, envelope.proposalId, line)
  }
  const timeZone = options.timeZone ?? usualTimeZone
  const compare = async (scan: Scan, verified: number): Promise<readonly Check[]> => {
    if (scan.fault || scan.good < verified)
      return [{ name: 'status', finding: leftOut('What is served was not compared, since the lines are not whole.') }]
    const asked = { service, spill, verified, timeZone }
    const status = await open(compareStatuses({ ...asked, seen: least, eachAlone }))
    const rest = await compareRest(asked, { sample, totals, count, moments: options.moments ?? usualMoments })
    return [{ name: 'status', finding: uncovered(status, verified, needed) }, ...rest]
  }
  return { needed, onLine, compare, dispose: () => disposeSpill(spill) }
}

/** The most events whose recording time is checked one by one, and from which moments are made. */
const mostSampled = 1_000
const usualMoments = 48

interface Rest {
  readonly sample: Sample
  readonly totals: ServedTotals
  readonly count: number
  readonly moments: number
}

/** Totals, lists and links of today, histories, the past, and when each event became known. */
async function compareRest(
  { service, ...folder }: Folder & { readonly service: Service },
  { sample, totals, count, moments }: Rest,
): Promise<Check[]> {
  if (folder.verified === 0) return []
  const sampled = sampledUpTo(sample, folder.verified)
  const asked = momentsOf(sampled, folder.verified, moments)
  const recorded = await open(compareRecorded(service, folder, sampled))
  // An instant that leads to another position gives another past, so the same cause is reported once.
  const past =
    recorded.outcome === 'broken'
      ? leftOut('The past was not compared, since events became known at other times than their lines say.')
      : await open(comparePast(service, folder, asked, count))
  const facts = factsOfAll(folder, dayOf(totals, folder.timeZone))
  const ids = [...new Set(sampled.map(({ proposalId }) => proposalId))]
  return [
    { name: 'totals', finding: compareToday(folder, totals) },
    { name: 'lists', finding: await open(compareLists(service, facts, folder.verified)) },
    { name: 'related', finding: await open(compareRelated(service, facts, folder.verified)) },
    { name: 'histories', finding: await open(compareHistories(service, folder, ids)) },
    { name: 'recorded', finding: recorded },
    { name: 'past', finding: past },
  ]
}

/** Up to this number, proposals are requested one by one by default: it takes a second or two. */
const fewProposals = 2_000

function without(sentence: string): Statuses {
  return withFinding(leftOut(sentence))
}

/** What is served may have any form: none of it may cost the verdict on the lines. */
export function unreadable(error: unknown): Finding {
  return notChecked(`something that is served could not be read (${String(error)})`)
}

export function withFinding(finding: Finding): Statuses {
  return {
    needed: 0,
    onLine: undefined,
    compare: async () => [{ name: 'status', finding }],
    dispose: () => undefined,
  }
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

/** If something cannot be read, only its own check says so; other findings stay. */
export function open(finding: Promise<Finding>): Promise<Finding> {
  return finding.catch((error: unknown) =>
    error instanceof CannotCheck ? notChecked(error.message) : unreadable(error),
  )
}

/** A status that depends on events that nobody has signed yet cannot be confirmed. */
function uncovered(finding: Finding, verified: number, needed: number): Finding {
  if (finding.outcome !== 'held' || verified >= needed) return finding
  return notChecked(
    `the served statuses have seen the log up to position ${needed}, and it is signed up to ${verified} only`,
  )
}
