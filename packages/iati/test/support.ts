import { readFileSync } from 'node:fs'
import { drained, parseBulkLine, type RecordedEvent } from '@commitments/domain'
import {
  type Activity,
  type Course,
  type Failure,
  failuresOf,
  fileBegin,
  fileEnd,
  type Publication,
  parseSettings,
  readCourse,
  relationCodes,
  type Settings,
  writeActivity,
} from '@commitments/iati'
import { checkFile } from '@commitments/iati-check'
import { exampleZone, recorded } from '@commitments/test-kit/domain'

export const now = new Date('2026-11-22T23:00:00Z')
export const head = {
  logId: '01935000-0000-7000-8000-000000000000',
  position: 290,
  recordedAt: '2026-11-22T08:00:00.000123Z',
  asOf: null,
}

export function settingsOf(value: unknown): Settings {
  const parsed = parseSettings(value)
  if ('mistakes' in parsed) throw new Error(parsed.mistakes.join('\n'))
  return parsed.settings
}

const read = (path: string) => readFileSync(new URL(`../../../data/${path}`, import.meta.url), 'utf8')

export const portfolioSettings = settingsOf(JSON.parse(read('iati.json')))

export function publicationOf(settings: Settings = portfolioSettings, limit = '2026-11-22'): Publication {
  return { settings, limit, publicUrl: 'https://commitments.example', logId: head.logId }
}

/** The streams of both portfolio files. */
export function portfolio(): Map<string, RecordedEvent[]> {
  const streams = new Map<string, RecordedEvent[]>()
  const lines = ['portfolio.ndjson', 'portfolio-later.ndjson'].flatMap((file) => read(file).trimEnd().split('\n'))
  for (const [index, line] of lines.entries()) {
    const parsed = parseBulkLine(JSON.parse(line))
    if (!parsed.ok) throw new Error(`line ${index + 1}`)
    const { proposalId } = parsed.body
    const stream = streams.get(proposalId) ?? []
    stream.push(recorded(parsed.body, { proposalId, version: stream.length + 1, position: index + 1 }))
    streams.set(proposalId, stream)
  }
  return streams
}

export function courseOf(stream: readonly RecordedEvent[], asOf: string | null = null): Course | null {
  return drained(readCourse(stream, asOf, exampleZone))
}

export const alone = { hierarchy: 1, related: [], below: { pledged: false, committed: false } }

export interface Published {
  readonly xml: string
  readonly exported: readonly string[]
  readonly leftOut: ReadonlyMap<string, readonly Failure[]>
  readonly drafts: ReadonlyMap<string, Activity['draft']>
}

/** A file of these streams, with the parents and siblings among them. */
export function publish(
  streams: ReadonlyMap<string, readonly RecordedEvent[]>,
  publication = publicationOf(),
): Published {
  const courses = new Map(
    [...streams.values()]
      .flatMap((stream) => courseOf(stream) ?? [])
      .map((course) => [course.proposal.proposalId, course]),
  )
  const failures = new Map([...courses].map(([id, course]) => [id, failuresOf(course, publication)]))
  const isExported = (id: string) => failures.get(id)?.length === 0
  const exported = [...courses.keys()].filter(isExported).toSorted()
  const made = exported.map((id) => {
    const course = courses.get(id) as Course
    const related = course.proposal.links.flatMap(({ relation, other }) => {
      const type = relationCodes[relation]
      return type !== null && isExported(other) ? [{ type, proposalId: other }] : []
    })
    return [id, drained(writeActivity(course, publication, { ...alone, related }))] as const
  })
  return {
    xml: fileBegin(head) + made.map(([, { xml }]) => `${xml}\n`).join('') + fileEnd,
    exported,
    leftOut: new Map([...failures].filter(([, found]) => found.length > 0)),
    drafts: new Map(made.map(([id, { draft }]) => [id, draft])),
  }
}

/** What the three layers find, without the warning about an identifier that is nobody's. */
export function findings(xml: string, at = now) {
  return checkFile(Buffer.from(xml), at).findings.filter(({ rule }) => rule !== '1.14.8')
}
