/** What later events say about events: the corrections and retractions in force. */

import { type Annotation, annotations, decodeLine, isRereading, type RecordedEvent } from '@commitments/domain'
import { type Queryable } from '@commitments/event-store'
import { inSlices } from '@commitments/http-kit'

/**
 * The corrections and retractions of these proposals; nothing else of their streams is needed to decide which are in force. The text is
 * searched as the log writes it. Quotes within texts are escaped there, so hardly anything else is found.
 */
const rereadingQuery = {
  name: 'read-rereading',
  text: `SELECT e.line FROM unnest($1::text[]) AS wanted(id)
    CROSS JOIN LATERAL (SELECT version, line FROM events WHERE proposal_id = wanted.id
      AND (line LIKE '%"type":"corrected"%' OR line LIKE '%"type":"retracted"%')) AS e
    ORDER BY wanted.id, e.version`,
}

/** A line of the log as JSON shows it, with what was later said about it. */
export interface AnnotatedLine {
  readonly line: string
  readonly correctedBy: readonly number[]
  readonly retractedBy: number | null
}

const notAnnotated = { correctedBy: [], retractedBy: null }

/** Annotates lines of any proposals; keeps their order. Lines that are not events have no annotations. */
export async function annotate(client: Queryable, lines: readonly string[]): Promise<AnnotatedLine[]> {
  const events = await inSlices(lines, eventOf)
  const known = events.filter((event) => event !== null)
  const rereading = await readRereading(client, new Set(known.map(({ proposalId }) => proposalId)))
  const annotationsByEvent = new Map<string, Annotation>()
  for (const stream of streamsOf([...known, ...rereading])) {
    for (const annotation of annotationsOf(stream)) annotationsByEvent.set(keyOf(stream[0], annotation), annotation)
  }
  return lines.map((line, index) => {
    const event = events[index]
    const { correctedBy, retractedBy } = (event && annotationsByEvent.get(keyOf(event, event))) ?? notAnnotated
    return { line, correctedBy, retractedBy }
  })
}

async function readRereading(client: Queryable, proposalIds: ReadonlySet<string>): Promise<RecordedEvent[]> {
  if (proposalIds.size === 0) return []
  const { rows } = await client.query<{ line: string }>({ ...rereadingQuery, values: [[...proposalIds]] })
  return rows.flatMap(({ line }) => {
    const event = eventOf(line)
    return event !== null && isRereading(event) ? [event] : []
  })
}

/** The events of each proposal, each once, in the order of versions. */
function streamsOf(events: readonly RecordedEvent[]): RecordedEvent[][] {
  const each = new Map(events.map((event) => [keyOf(event, event), event]))
  const streams = Map.groupBy(each.values(), ({ proposalId }) => proposalId)
  return [...streams.values()].map((stream) => stream.toSorted((a, b) => a.version - b.version))
}

/** An invalid correction has parked its proposal, but its history must still be readable. */
function annotationsOf(stream: readonly RecordedEvent[]): readonly Annotation[] {
  try {
    return annotations(stream)
  } catch {
    return []
  }
}

function keyOf(
  stream: Pick<RecordedEvent, 'proposalId'> | undefined,
  { version }: { readonly version: number },
): string {
  return `${stream?.proposalId}/${version}`
}

function eventOf(line: string): RecordedEvent | null {
  try {
    return decodeLine(line)
  } catch {
    return null
  }
}
