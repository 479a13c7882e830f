/** Events in the envelope of CloudEvents 1.0 (structured mode, JSON). Decision 9 gives the reason for each attribute. */
import { boundsOf, decodeLine, RecordedEvent, type When } from '@commitments/domain'
import { z } from 'zod'

export const cloudEvent = 'application/cloudevents+json'
export const cloudEventsBatch = 'application/cloudevents-batch+json'

/** The identity that readers of CloudEvents see. */
export interface CloudEventsOrigin {
  /** The URL under which callers reach the service; empty if it is not known, and then `source` is relative. */
  readonly publicUrl: string
  /** A name in reverse DNS notation, the prefix of types. */
  readonly typePrefix: string
}

export const CloudEvent = z
  .looseObject({
    specversion: z.literal('1.0').meta({ description: 'The version of CloudEvents.' }),
    id: z.string().max(36).meta({ description: 'The `eventId`.' }),
    source: z.string().max(2_000).meta({
      format: 'uri-reference',
      description: 'This feed and its log: the part after `#` is the `Log-Id`.',
    }),
    type: z.string().max(300).meta({ description: 'The type of the event, after the prefix of this service.' }),
    subject: z.string().max(80).meta({ description: 'The `proposalId`.' }),
    time: z.string().max(20).optional().meta({
      format: 'date-time',
      description:
        'The beginning (UTC) of the day on which it happened, only if the exact day is known; `occurredon` has all that is known. It is never the time of recording.',
    }),
    recordedtime: z.string().max(40).meta({ format: 'date-time', description: 'When it was recorded.' }),
    occurredon: z.string().max(60).optional().meta({
      description: 'When it happened, as precisely as is known (EDTF); absent if that is unknown.',
    }),
    sequence: z
      .string()
      .length(16)
      .meta({ description: 'The position in the log, padded with zeros so that it sorts as text.' }),
    traceparent: z
      .string()
      .max(60)
      .optional()
      .meta({ description: 'The trace of the request that recorded it (W3C Trace Context).' }),
    datacontenttype: z.literal('application/json').meta({ description: 'The media type of `data`.' }),
    data: RecordedEvent,
  })
  .meta({ id: 'CloudEvent', description: 'An event in the envelope of CloudEvents 1.0.' })

export const CloudEventsBatch = z
  .array(CloudEvent)
  .max(1_000)
  .meta({ id: 'CloudEventsBatch', description: 'Events of the log, in order. The next page is in the header `Link`.' })

/** The envelope around a line, which is inserted unchanged. */
export function cloudEventOf(line: string, logId: string, { publicUrl, typePrefix }: CloudEventsOrigin): string {
  const event = decodeLine(line)
  const { eventId, type, proposalId, occurredOn, recordedAt, position, traceparent } = event
  const attributes = {
    specversion: '1.0',
    id: eventId,
    source: `${publicUrl}/v1/events#${logId}`,
    type: `${typePrefix}.${type}`,
    subject: proposalId,
    time: timeOf(occurredOn),
    recordedtime: recordedAt,
    occurredon: occurredOn ?? undefined,
    sequence: String(position).padStart(16, '0'),
    traceparent,
    datacontenttype: 'application/json',
  }
  return `${JSON.stringify(attributes).slice(0, -1)},"data":${line}}`
}

/**
 * A timestamp cannot say "some day in July", and readers take padding for knowledge. Midnight in UTC reads as the same day from London to
 * Auckland; midnight in Hà Nội would become the day before once it is converted.
 */
function timeOf(occurredOn: When | null): string | undefined {
  const { first, last } = boundsOf(occurredOn)
  return first !== null && first === last ? `${first}T00:00:00Z` : undefined
}
