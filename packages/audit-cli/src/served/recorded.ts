import type { RecordedEvent } from '@commitments/domain'
import type { Service } from '../source/service.ts'
import { parkedFault, statusFault } from '../status/compare.ts'
import { foldAll } from '../status/fold.ts'
import { type ServedStatus, servedStatus } from '../status/served.ts'
import { type Broken, CannotCheck, type Finding, held } from '../verdict.ts'
import { inParallel } from './parallel.ts'
import { instantBefore, type Sampled } from './sample.ts'
import { type Folder, type Renamings, verifiedStreams } from './streams.ts'

/**
 * Whether each event became known when its line says: the status of its proposal, as known at that instant, is what its events come to with
 * it, and a microsecond earlier what they come to without it. So a row whose time differs from that of its line is found.
 */
export async function compareRecorded(
  service: Service,
  folder: Folder,
  sampled: readonly Sampled[],
  renamings: Renamings,
): Promise<Finding> {
  const streams = streamsOf(folder, new Set(sampled.map(({ proposalId }) => proposalId)))
  const statusAt = askedOnce(service)
  const found: Broken[] = []
  await inParallel(
    sampled.toSorted((a, b) => a.position - b.position),
    async (one) => {
      const fault = await faultOf({ statusAt, renamings, folder }, one, streams.get(one.proposalId) ?? [])
      if (fault !== null) found.push(fault)
      return fault === null
    },
  )
  const first = found.toSorted((a, b) => (a.position ?? 0) - (b.position ?? 0))[0]
  if (first) return first
  const all =
    sampled.length >= folder.verified
      ? `all ${sampled.length} events`
      : `${sampled.length} of ${folder.verified} events, at random,`
  return held(
    `By \`knownAt\`, ${all} became known at the instant that their lines say, and the whole status then is what they come to.`,
  )
}

function streamsOf(folder: Folder, ids: ReadonlySet<string>): Map<string, readonly RecordedEvent[]> {
  const streams = new Map<string, readonly RecordedEvent[]>()
  for (const events of verifiedStreams(folder)) {
    const proposalId = events[0]?.proposalId ?? ''
    if (ids.has(proposalId)) streams.set(proposalId, events)
  }
  return streams
}

/** The served status of a proposal at an instant; null if it was not known then. */
type StatusAt = (proposalId: string, instant: string) => Promise<ServedStatus | null>

/** Events of one proposal that were recorded together have one instant, which is asked for once. */
function askedOnce(service: Service): StatusAt {
  const asked = new Map<string, ReturnType<StatusAt>>()
  return (proposalId, instant) => {
    const key = `${proposalId} ${instant}`
    const before = asked.get(key) ?? servedStatus(service, proposalId, `knownAt=${encodeURIComponent(instant)}`)
    asked.set(key, before)
    return before
  }
}

interface Within {
  readonly statusAt: StatusAt
  readonly renamings: Renamings
  readonly folder: Folder
}

async function faultOf(
  { statusAt, renamings, folder }: Within,
  one: Sampled,
  events: readonly RecordedEvent[],
): Promise<Broken | null> {
  const { timeZone, verified } = folder
  for (const instant of [one.recordedAt, instantBefore(one.recordedAt)]) {
    const known = events.filter(({ recordedAt }) => recordedAt <= instant)
    const { proposal, impossible } = foldAll(known, timeZone)
    const served = await statusAt(one.proposalId, instant)
    const parking = served && parkedFault(served, impossible)
    if (parking) throw new CannotCheck(parking)
    const [found, right] = [Number(served?.status['version'] ?? 0), proposal?.version ?? 0]
    if (found !== right) {
      const because =
        `the service says that at ${instant} version ${found} of ${one.proposalId} was known, but by the times in the signed lines it was ` +
        `version ${right}: the time in the row of this event, or of one beside it, is not the one in its line`
      return { outcome: 'broken', position: one.position, because }
    }
    const names = [renamings.at({ knownAt: instant, knownAtPosition: verified })]
    const fault = served && proposal && statusFault(proposal, served, { timeZone, names })
    if (!fault) continue
    const because = `the served status of ${one.proposalId} at ${instant} ${fault.says}, but its events give ${fault.gives}: the signed lines are right, and what is served is not`
    return { outcome: 'broken', position: one.position, because }
  }
  return null
}
