import type { RecordedEvent } from '@commitments/domain'
import type { Service } from '../source/service.ts'
import { servedAtMoment } from '../status/served.ts'
import type { Broken, Finding } from '../verdict.ts'
import { held } from '../verdict.ts'
import { instantBefore, type Sampled } from './sample.ts'
import { type Folder, verifiedStreams } from './streams.ts'

/** Concurrent requests. */
const atOnce = 8

/**
 * Whether each event became known when its line says: its proposal, as known at that instant, has it, and a microsecond earlier it does
 * not. So a row whose time differs from that of its line is found.
 */
export async function compareRecorded(service: Service, folder: Folder, sampled: readonly Sampled[]): Promise<Finding> {
  const streams = streamsOf(folder, new Set(sampled.map(({ proposalId }) => proposalId)))
  const versionAt = askedOnce(service)
  const waiting = sampled.toSorted((a, b) => a.position - b.position)
  const found: Broken[] = []
  const work = async () => {
    for (let one = waiting.shift(); one !== undefined && found.length === 0; one = waiting.shift()) {
      const fault = await faultOf(versionAt, one, streams.get(one.proposalId) ?? [])
      if (fault !== null) found.push(fault)
    }
  }
  await Promise.all(Array.from({ length: atOnce }, work))
  const first = found.toSorted((a, b) => (a.position ?? 0) - (b.position ?? 0))[0]
  if (first) return first
  const all =
    sampled.length >= folder.verified
      ? `all ${sampled.length} events`
      : `${sampled.length} of ${folder.verified} events, at random,`
  return held(`By \`knownAt\`, ${all} became known at the instant that their lines say.`)
}

function streamsOf(folder: Folder, ids: ReadonlySet<string>): Map<string, readonly RecordedEvent[]> {
  const streams = new Map<string, readonly RecordedEvent[]>()
  for (const events of verifiedStreams(folder)) {
    const proposalId = events[0]?.proposalId ?? ''
    if (ids.has(proposalId)) streams.set(proposalId, events)
  }
  return streams
}

/** The served version of a proposal at an instant; null if it is parked then. */
type VersionAt = (proposalId: string, instant: string) => Promise<number | null>

/** Events of one proposal that were recorded together have one instant, which is asked for once. */
function askedOnce(service: Service): VersionAt {
  const asked = new Map<string, Promise<number | null>>()
  const ask = async (proposalId: string, instant: string) => {
    const served = await servedAtMoment(service, proposalId, `knownAt=${encodeURIComponent(instant)}`)
    return served?.['parked'] === undefined ? Number(served?.['version'] ?? 0) : null
  }
  return (proposalId, instant) => {
    const key = `${proposalId} ${instant}`
    const before = asked.get(key) ?? ask(proposalId, instant)
    asked.set(key, before)
    return before
  }
}

async function faultOf(versionAt: VersionAt, one: Sampled, events: readonly RecordedEvent[]): Promise<Broken | null> {
  for (const instant of [one.recordedAt, instantBefore(one.recordedAt)]) {
    const right = events.filter(({ recordedAt }) => recordedAt <= instant).at(-1)?.version ?? 0
    const found = await versionAt(one.proposalId, instant)
    if (found === right || found === null) continue
    const because =
      `the service says that at ${instant} version ${found} of ${one.proposalId} was known, but by the times in the signed lines it was ` +
      `version ${right}: the time in the row of this event, or of one beside it, is not the one in its line`
    return { outcome: 'broken', position: one.position, because }
  }
  return null
}
