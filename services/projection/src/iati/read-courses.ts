/** Proposals at a moment, each with the events that it is made from. */
import {
  decodeLine,
  eventsASlice,
  type RecordedEvent,
  type Renaming,
  type Sliced,
  withNamesInForce,
} from '@commitments/domain'
import { breathe, inTurns } from '@commitments/http-kit'
import { type Course, readCourse } from '@commitments/iati'
import type { PastSource } from '../lists/source.ts'
import { readStreams } from '../past/streams-at.ts'
import { foldingEntries } from '../status/fold-stream-lines.ts'
import type { LogLine } from '../streams/log-line.ts'
import { inPortions } from '../streams/portions.ts'

/** A proposal, and about how many events it has. */
export interface Sized {
  readonly id: string
  readonly version: number
}

export interface CourseAt {
  readonly proposalId: string
  readonly course: Course
  /** An event of it cannot be applied: what comes from it on is not in the course. */
  readonly isParked: boolean
}

/** These proposals, a few at a time, so that their events fit into memory. Those that are not there at the moment are left out. */
export async function* readCourses(
  { snapshot, at }: PastSource,
  proposals: readonly Sized[],
  renamings: readonly Renaming[],
  timeZone: string,
): AsyncGenerator<readonly CourseAt[]> {
  for (const portion of inPortions(proposals, ({ version }) => version)) {
    const ids = portion.map(({ id }) => id)
    const streams = await readStreams(snapshot, ids, at.known)
    await breathe()
    yield await inTurns(foldEach(ids, streams, at.asOf, timeZone, renamings))
  }
}

function* foldEach(
  ids: readonly string[],
  streams: ReadonlyMap<string, readonly LogLine[]>,
  asOf: string | null,
  timeZone: string,
  renamings: readonly Renaming[],
): Sliced<CourseAt[]> {
  const courses: CourseAt[] = []
  for (const proposalId of ids) {
    const entries = streams.get(proposalId) ?? []
    if (entries.length === 0) continue
    const { course, isParked } = yield* courseAt(entries, asOf, timeZone)
    if (course !== null) courses.push({ proposalId, course: named(course, renamings), isParked })
    yield
  }
  return courses
}

interface Read {
  readonly course: Course | null
  readonly isParked: boolean
}

/** If all events can be applied, one pass over them is enough. */
function* courseAt(entries: readonly LogLine[], asOf: string | null, timeZone: string): Sliced<Read> {
  try {
    const events: RecordedEvent[] = []
    for (const { line } of entries) if (events.push(decodeLine(line)) % eventsASlice === 0) yield
    return { course: yield* readCourse(events, asOf, timeZone), isParked: false }
  } catch {
    const { events } = yield* foldingEntries(entries, timeZone)
    return { course: events.length === 0 ? null : yield* readCourse(events, asOf, timeZone), isParked: true }
  }
}

/** An organisation has the name that is in force, wherever it was recorded. */
function named(course: Course, renamings: readonly Renaming[]): Course {
  return renamings.length === 0 ? course : { ...course, proposal: withNamesInForce(course.proposal, renamings) }
}
