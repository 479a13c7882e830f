/** How events are shown: each line is inserted into the answer unchanged, byte by byte. */
import { Day, RecordedEvent } from '@commitments/domain'
import { z } from 'zod'
import type { AnnotatedLine } from '../streams/annotations.ts'

export const EventItem = z
  .object({
    event: RecordedEvent,
    correctedBy: z
      .array(z.int().min(1))
      .max(10_000)
      .meta({ description: 'Versions of the corrections that hold for this event; the last one prevails.' }),
    retractedBy: z
      .int()
      .min(1)
      .nullable()
      .meta({ description: 'Version of the first retraction that holds against this event.' }),
    countsFrom: Day.nullable().optional().meta({
      description:
        'In the history of a proposal: the first day on which the event certainly had happened, so that it counts with `asOf` from that day on. Null: it counts on no day, because it was retracted or cannot be applied. Corrections and retractions count wherever there is a proposal.',
    }),
    proof: z
      .object({
        index: z.int().min(0).meta({ description: 'The index of its leaf: its position − 1.' }),
        size: z.int().min(1).meta({ description: 'How many events the tree of the signed checkpoint has.' }),
        hashes: z
          .array(z.string().length(44))
          .max(64)
          .meta({ description: 'From the sibling of the leaf up to the child of the root, in base 64.' }),
      })
      .nullable()
      .optional()
      .meta({
        description:
          'With `proof=true`: proof that the event is in the tree of `size` (RFC 6962, 2.1.1); null if the signed checkpoint does not cover it yet.',
      }),
  })
  .meta({ id: 'EventItem', description: 'An event, with its later corrections and retractions.' })

export const EventPage = z
  .object({
    events: z
      .array(EventItem)
      .max(1000)
      .meta({ description: 'In the order of the log or, of one proposal, of versions.' }),
    next: z.int().min(1).nullable().meta({ description: 'The `after` of the next page; null if there is none yet.' }),
  })
  .meta({ id: 'EventPage', description: 'Some events, in order.' })

/** What is shown with an event of a history. `proof` is JSON text; absent if none was requested. */
interface Beside {
  readonly countsFrom?: Day | null
  readonly proof?: string | undefined
}

export function item({ line, correctedBy, retractedBy }: AnnotatedLine, { countsFrom, proof }: Beside = {}): string {
  const said = `{"event":${line},"correctedBy":${JSON.stringify(correctedBy)},"retractedBy":${retractedBy}`
  const counting = countsFrom === undefined ? '' : `,"countsFrom":${JSON.stringify(countsFrom)}`
  return `${said}${counting}${proof === undefined ? '' : `,"proof":${proof}`}}`
}

/** `beside` is in the order of the lines. */
export function page(lines: readonly AnnotatedLine[], next: number | null, beside: readonly Beside[] = []): string {
  return `{"events":[${lines.map((line, index) => item(line, beside[index])).join(',')}],"next":${next}}`
}
