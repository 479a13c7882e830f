import type { Day } from '@commitments/domain'
import { compareChanges } from '../served/changes.ts'
import { compareHistories } from '../served/histories.ts'
import { compareLists } from '../served/lists.ts'
import { momentsOf } from '../served/moments.ts'
import { compareNarrowed } from '../served/narrowed.ts'
import { compareRecorded } from '../served/recorded.ts'
import { compareRelated } from '../served/related.ts'
import { consider, createSample, type Sample, sampledUpTo } from '../served/sample.ts'
import { compareSeries } from '../served/series.ts'
import { type FactsAt, type Folder, factsSince, type Renamings, renamingsIn } from '../served/streams.ts'
import { readToday, seenNow, type Today } from '../served/today.ts'
import { askTotals, comparePast, compareToday, dayOf } from '../served/totals.ts'
import type { Feed } from '../source/feed.ts'
import type { Service } from '../source/service.ts'
import { compareStatuses, type Kind } from '../status/compare.ts'
import { createSpill, disposeSpill, put, type Spill } from '../status/spill.ts'
import { CannotCheck, type Check, type Finding, leftOut, notChecked } from '../verdict.ts'
import { isTimeZone, usualTimeZone, type VerifyOptions } from './options.ts'
import type { Scan, ScanOptions } from './scan.ts'

/**
 * What is served in addition to the log itself. Everything of today is read before the lines, which then contain everything that these
 * answers had seen.
 */
export interface Statuses {
  /** The position up to which the log must be verified to cover what they have seen. */
  readonly needed: number
  /** To be called with each good line. */
  readonly onLine: ScanOptions['onLine']
  readonly compare: (scan: Scan, verified: number) => Promise<readonly Check[]>
  readonly dispose: () => void
}

/** What cannot be read of today is a check that could not be made: the others stay. */
export async function beginStatuses(feed: Feed, options: VerifyOptions): Promise<Statuses> {
  const { service } = feed
  if (options.status === false) return withFinding(leftOut('The served status was not compared.'))
  if (service === null) return withFinding(leftOut('A file serves no status, so none was compared.'))
  const begun: { spill?: Spill } = {}
  try {
    const least = await seenNow(service)
    const spill = createSpill(least)
    begun.spill = spill
    return comparing(service, spill, await reading(service, spill, least, options), options)
  } catch (error) {
    if (begun.spill) disposeSpill(begun.spill)
    return withFinding(notChecked(reasonOf(error)))
  }
}

async function reading(service: Service, spill: Spill, least: number, options: VerifyOptions): Promise<Today> {
  const { progress, eachAlone } = options
  progress?.begin('Reading served statuses', null)
  try {
    return await readToday(service, spill, { least, eachAlone, onStatus: (count) => progress?.at(count) })
  } finally {
    progress?.end()
  }
}

function comparing(service: Service, spill: Spill, today: Today, options: VerifyOptions): Statuses {
  const sample = createSample(mostSampled)
  const began = (options.now ?? (() => new Date()))().getTime()
  const unseen: { recordedAt: string | null } = { recordedAt: null }
  const onLine: ScanOptions['onLine'] = (envelope, line) => {
    if (envelope.position === today.least + 1) unseen.recordedAt = envelope.recordedAt
    consider(sample, envelope, line)
    put(spill, 'line' satisfies Kind, envelope.proposalId, line)
  }
  const zone = timeZoneOf(today, options)
  const compare = async (scan: Scan, verified: number): Promise<readonly Check[]> => {
    if (scan.fault || scan.good < verified)
      return [{ name: 'status', finding: leftOut('What is served was not compared, since the lines are not whole.') }]
    if (zone.fault !== null) return [{ name: 'status', finding: notChecked(zone.fault) }]
    const folder = { spill, verified, timeZone: zone.timeZone }
    const behind = staleSince(today, unseen.recordedAt, began) ?? (await behindBy(service, today, verified))
    const checks = await compareAll({ service, folder, today, behind }, sample, options.moments ?? usualMoments)
    return [...checks, { name: 'beyond', finding: leftOut(notCompared) }]
  }
  return { needed: today.needed, onLine, compare, dispose: () => disposeSpill(spill) }
}

const notCompared =
  'Not compared with the lines: lists with several filters, and from their second page on; searches for words; of portfolios with a filter the counts by field, country, party and ' +
  'programme; of series what counts only by its record, the places of changes, and filters; the list of parties; single events by version; calendars, activity, CSV and other tables, and IATI.'

/** The zone that was given, or the one that the service says: the lines name none. */
function timeZoneOf({ totals }: Today, { timeZone }: VerifyOptions): { timeZone: string; fault: string | null } {
  // Without it the day of a condition is not known.
  if (totals instanceof CannotCheck)
    return { timeZone: timeZone ?? usualTimeZone, fault: timeZone ? null : totals.message }
  const served = totals.value?.['timeZone']
  if (served === undefined) return { timeZone: timeZone ?? usualTimeZone, fault: null }
  if (timeZone !== undefined && timeZone !== served)
    return {
      timeZone,
      fault: `the service says that the ledger is in the time zone ${JSON.stringify(served)}, and --time-zone says ${timeZone}: what is served was not compared`,
    }
  if (typeof served === 'string' && isTimeZone(served)) return { timeZone: served, fault: null }
  const fault = `the service says that the ledger is in the time zone ${JSON.stringify(served)}, which is none: say the right one with --time-zone`
  return { timeZone: usualTimeZone, fault }
}

/** Milliseconds within which a service has applied what was recorded; its clock and ours may differ too. */
const longestLag = 300_000

/** Whoever shows an old state and says so must not be valid because it shows the rest when it is asked for. */
function staleSince({ least }: Today, unseen: string | null, began: number): string | null {
  if (unseen === null || began - Date.parse(unseen) <= longestLag) return null
  return `what is served had seen position ${least} only when this check began, and the next one was recorded long before, at ${unseen}`
}

/** What is signed, and not served yet: the reason why the service has not shown all of it; null if it has. */
async function behindBy(service: Service, { least }: Today, verified: number): Promise<string | null> {
  if (verified === 0) return null
  const since = `what is signed was served up to position ${least} only, and positions up to ${verified} are signed`
  try {
    const seen = await seenNow(service, verified)
    return seen >= verified
      ? null
      : `${since}: asked for position ${verified} at least, the service shows position ${seen}`
  } catch (error) {
    return `${since}: ${reasonOf(error)}`
  }
}

/** The most events whose recording time is checked one by one, and from which moments are made. */
const mostSampled = 1_000
const usualMoments = 48

interface Asked {
  readonly service: Service
  readonly folder: Folder
  readonly today: Today
  readonly behind: string | null
}

/** Statuses, totals, lists and links of today, histories, the past, and when each event became known. */
async function compareAll(asked: Asked, sample: Sample, count: number): Promise<Check[]> {
  const { service, folder, today, behind } = asked
  const { verified, timeZone } = folder
  const { least, totals, fault } = today
  const renamings = renamingsIn(folder)
  const names = namesSince(renamings, least, verified)
  const comparison = { service, ...folder, least, eachAlone: today.eachAlone, behind, fault, names }
  const status = uncovered(await open(() => compareStatuses(comparison)), verified, today.needed)
  if (verified === 0) return [{ name: 'status', finding: status }]
  const day = dayOf(totals instanceof CannotCheck ? { value: null, servedAt: Date.now() } : totals, timeZone)
  const factsAt = factsSince(folder, Math.min(least, verified), day)
  const sampled = sampledUpTo(sample, verified)
  const recorded = await open(() => compareRecorded(service, folder, sampled, renamings))
  // An instant that leads to another position gives another past, so the same cause is reported once.
  const past =
    recorded.outcome === 'broken'
      ? leftOut('The past was not compared, since events became known at other times than their lines say.')
      : await open(() => comparePast(service, folder, momentsOf(sampled, verified, count), today.count))
  const ids = [...new Set(sampled.map(({ proposalId }) => proposalId))]
  return [
    { name: 'status', finding: status },
    { name: 'totals', finding: await open(() => compareTotals(asked)) },
    {
      name: 'narrowed',
      finding: await open(async () =>
        compareNarrowed(folder, today.narrowed, { factsAt, least, proposals: today.count }),
      ),
    },
    {
      name: 'lists',
      finding: await open(
        async () =>
          wrongTotal(today, verified, factsAt) ?? compareLists(service, today.lists, folder, { factsAt, day, least }),
      ),
    },
    {
      name: 'changes',
      finding: await open(async () => compareChanges(today.changes, { least, verified }, { factsAt, day, timeZone })),
    },
    { name: 'related', finding: await open(async () => compareRelated(today.related, verified, factsAt)) },
    { name: 'histories', finding: await open(() => compareHistories(service, folder, ids)) },
    { name: 'recorded', finding: recorded },
    { name: 'past', finding: past },
    { name: 'series', finding: await seriesFinding(asked, day, recorded) },
  ]
}

/** An instant that leads to another position gives another past, and so another series. */
async function seriesFinding({ service, folder, today }: Asked, day: Day, recorded: Finding): Promise<Finding> {
  if (recorded.outcome === 'broken')
    return leftOut('Series were not compared, since events became known at other times than their lines say.')
  return open(() => compareSeries(service, folder, day, today.count))
}

/** The renamings in force when statuses of today were read: one list, unless some were recorded meanwhile. */
function namesSince({ at, positions }: Renamings, least: number, verified: number) {
  const since = [verified, least, ...positions.filter((position) => position > least && position < verified)]
  return since.map((knownAtPosition) => at({ knownAtPosition }))
}

/** Totals as they were served before the lines were read; and again, if more was signed by then. */
async function compareTotals({ service, folder, today: { totals }, behind }: Asked): Promise<Finding> {
  if (totals instanceof CannotCheck) throw totals
  const { verified } = folder
  const finding = compareToday(folder, totals)
  if (finding.outcome !== 'held' || totals.position >= verified || behind !== null) return finding
  const again = await askTotals(service, `?atLeast=${verified}`)
  if (again.position < verified)
    return notChecked(
      `the portfolio was requested as of position ${verified} at least, and was served as of position ${again.position}`,
    )
  return again.position > verified ? finding : compareToday(folder, again)
}

/** The number of proposals that the list itself says, at the position that its first page had seen. */
function wrongTotal({ listed }: Today, verified: number, factsAt: FactsAt): Finding | null {
  // The check of the statuses says why.
  if (listed === null || listed.position > verified) return null
  const { total, position } = listed
  const right = factsAt(position).filter(({ isVoid }) => !isVoid).length
  if (total === right) return null
  return {
    outcome: 'broken',
    because: `the served list of all proposals says total ${String(total)}, but the lines give ${right}: the signed lines are right, and what is served is not`,
  }
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

function reasonOf(error: unknown): string {
  if (error instanceof CannotCheck) return error.message
  throw error
}

/** If something cannot be read, only its own check says so; other findings stay. */
export async function open(finding: () => Promise<Finding>): Promise<Finding> {
  try {
    return await finding()
  } catch (error) {
    return error instanceof CannotCheck ? notChecked(error.message) : unreadable(error)
  }
}

/** A status that depends on events that nobody has signed yet cannot be confirmed. */
function uncovered(finding: Finding, verified: number, needed: number): Finding {
  if (finding.outcome !== 'held' || verified >= needed) return finding
  return notChecked(
    `the served statuses have seen the log up to position ${needed}, and it is signed up to ${verified} only`,
  )
}
