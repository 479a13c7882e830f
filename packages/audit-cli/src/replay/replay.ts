import { type Day, decodeLine, type Moment, type RecordedEvent, statusOf, today } from '@commitments/domain'
import { type Hash, rootOfFrontier } from '@commitments/transparency'
import { createLeaves } from '../log/leaves.ts'
import { openFeed } from '../source/feed.ts'
import type { ServiceOptions } from '../source/service.ts'
import { eventsOf } from '../status/fold.ts'
import { assertProposalId, unknownProposal } from '../status/misspelt.ts'
import { stateAt } from '../status/moment.ts'
import { type Entry, entryOf, portfolioOf } from '../status/portfolio.ts'
import { createSpill, disposeSpill, piles, put } from '../status/spill.ts'
import { CannotCheck } from '../verdict.ts'
import { type Progress, usualTimeZone } from '../verify/options.ts'
import { type Scan, type ScanOptions, scanLines } from '../verify/scan.ts'

interface ReplayOptions extends ServiceOptions {
  /** A service's address, or a file of lines. */
  readonly source: string
  readonly moment: Moment
  readonly timeZone?: string
  readonly now?: () => Date
  readonly progress?: Progress | undefined
}

/** The replayed value and the lines that it was made from: their root can be compared with a checkpoint of that size. */
export interface Replayed {
  /** Null if nothing was known, or in force, at that moment. */
  readonly value: object | null
  readonly lines: number
  readonly root: Hash
}

/** The state of one proposal at a moment, folded from the log itself. @throws CannotCheck if the lines are not those of a log */
export async function replayProposal(proposalId: string, options: ReplayOptions): Promise<Replayed> {
  assertProposalId(proposalId)
  const events: RecordedEvent[] = []
  const scan = await readAll(options, (envelope, line) => {
    if (envelope.proposalId === proposalId) events.push(decodeLine(line.toString('utf8')))
  })
  if (events.length === 0) throw new CannotCheck(unknownProposal(proposalId, scan.check.versions.keys()))
  const { timeZone, day } = dayOf(options)
  const proposal = stateAt(events, options.moment, timeZone)
  return { ...summaryOf(scan), value: proposal && statusOf(proposal, day, timeZone) }
}

/** The whole ledger in numbers at a moment. Streams are sorted on disk, so that memory stays bounded. @throws CannotCheck */
export async function replayPortfolio(options: ReplayOptions): Promise<Replayed> {
  const spill = createSpill(expectedLines)
  try {
    const scan = await readAll(options, ({ proposalId }, line) => put(spill, 'line', proposalId, line))
    const { timeZone, day } = dayOf(options)
    const entries: Entry[] = []
    for (const piled of piles(spill)) {
      for (const pile of piled.values()) {
        const state = stateAt(eventsOf(pile.map(({ bytes }) => bytes)), options.moment, timeZone)
        if (state) entries.push(entryOf(state, day, timeZone))
      }
    }
    return { ...summaryOf(scan), value: portfolioOf(entries, day, timeZone) }
  } finally {
    disposeSpill(spill)
  }
}

/** The length of a log is only known after reading it; with this many lines, the parts still fit into memory. */
const expectedLines = 1_000_000

function dayOf({ moment, timeZone = usualTimeZone, now = () => new Date() }: ReplayOptions): {
  timeZone: string
  day: Day
} {
  return { timeZone, day: moment.asOf ?? today(now(), timeZone) }
}

async function readAll(options: ReplayOptions, onLine: NonNullable<ScanOptions['onLine']>): Promise<Scan> {
  const leaves = createLeaves()
  options.progress?.begin('Reading lines', null)
  try {
    const scan = await scanLines(openFeed(options.source, options), { leaves, onLine, progress: options.progress?.at })
    if (scan.fault) throw new CannotCheck(`at position ${scan.fault.position} ${scan.fault.because}`)
    return scan
  } finally {
    options.progress?.end()
    leaves.dispose()
  }
}

function summaryOf({ good, frontier }: Scan): Omit<Replayed, 'value'> {
  return { lines: good, root: rootOfFrontier(frontier) }
}
