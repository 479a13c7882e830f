/** What is sent: the body of each kind of message, and its description for the OpenAPI document, side by side. */
import { randomUUID } from 'node:crypto'
import { decodeLine } from '@commitments/domain'
import type { SentRequest } from '@commitments/http-kit'
import { z } from 'zod'
import { CloudEvent, type CloudEventsOrigin, cloudEvent, cloudEventOf } from '../live/cloud-events.ts'

/** One message for an endpoint. */
export interface Message {
  /** The same in each attempt, so that a receiver can tell what it has. */
  readonly id: string
  /** Of the event; null: it is none. */
  readonly position: number | null
  readonly body: string
}

export const contentType = `${cloudEvent}; charset=UTF-8`

/** A line of the log as a message: as a whole, or as a notice of it. */
export function eventMessage(
  line: string,
  logId: string,
  origin: CloudEventsOrigin,
  content: 'event' | 'notice',
): Message {
  const whole = cloudEventOf(line, logId, origin)
  const { eventId: id, position, proposalId, version } = decodeLine(line)
  if (content === 'event') return { id, position, body: whole }
  const { data: _data, datacontenttype: _type, ...attributes } = JSON.parse(whole) as z.output<typeof CloudEvent>
  const dataref = `${origin.publicUrl}/v1/proposals/${proposalId}/events/${version}`
  const notice: z.output<typeof WebhookNotice> = { ...attributes, dataref }
  return { id, position, body: JSON.stringify(notice) }
}

const WebhookNotice = CloudEvent.omit({ data: true, datacontenttype: true })
  .extend({
    dataref: z.string().max(2_300).meta({ format: 'uri-reference', description: 'Where the event can be read.' }),
  })
  .meta({ id: 'WebhookNotice', description: 'That an event was recorded, without the event itself.' })

const ownMessage = {
  specversion: z.literal('1.0').meta({ description: 'The version of CloudEvents.' }),
  id: z.string().max(100).meta({ description: 'The same as `webhook-id`, in every attempt.' }),
  source: z
    .string()
    .max(2_000)
    .meta({ format: 'uri-reference', description: 'The feed and its log, as of the events.' }),
  type: z.string().max(300).meta({ description: 'After the prefix of this service.' }),
  datacontenttype: z.literal('application/json').meta({ description: 'The media type of `data`.' }),
}

const WebhookPing = z
  .looseObject({
    ...ownMessage,
    data: z.looseObject({ webhook: z.string().max(80).meta({ description: 'The name of the endpoint.' }) }),
  })
  .meta({ id: 'WebhookPing', description: 'A message that says nothing. Its type ends in `webhook.ping`.' })

const WebhookLogChanged = z
  .looseObject({
    ...ownMessage,
    data: z.looseObject({
      logId: z.string().max(36).meta({ description: 'The log that is there now.' }),
      previous: z
        .looseObject({
          logId: z.string().max(36).meta({ description: 'The log that was there before.' }),
          position: z.int().min(0),
          eventId: z.string().max(36).nullable(),
        })
        .meta({ description: 'The last event that was sent, and its log.' }),
    }),
  })
  .meta({
    id: 'WebhookLogChanged',
    description: 'The log is not the one of which you have events. Its type ends in `webhook.log-changed`.',
  })

export function pingMessage(webhook: string, logId: string, origin: CloudEventsOrigin): Message {
  const id = `ping-${randomUUID()}`
  const body: z.output<typeof WebhookPing> = { ...attributesOf(origin, logId, id, 'webhook.ping'), data: { webhook } }
  return { id, position: null, body: JSON.stringify(body) }
}

interface Place {
  readonly logId: string
  readonly position: number
  readonly eventId: string | null
}

/** Tells that an event that was sent is not in the log any more, or that the log is another one. */
export function logChangedMessage(
  logId: string,
  { logId: of, position, eventId }: Place,
  origin: CloudEventsOrigin,
): Message {
  const id = `log-changed-${logId}-${of === logId ? position : 0}`
  const data = { logId, previous: { logId: of, position, eventId } }
  const body: z.output<typeof WebhookLogChanged> = {
    ...attributesOf(origin, logId, id, 'webhook.log-changed'),
    data,
  }
  return { id, position: null, body: JSON.stringify(body) }
}

function attributesOf({ publicUrl, typePrefix }: CloudEventsOrigin, logId: string, id: string, type: string) {
  return {
    specversion: '1.0' as const,
    id,
    source: `${publicUrl}/v1/events#${logId}`,
    type: `${typePrefix}.${type}`,
    datacontenttype: 'application/json' as const,
  }
}

const WebhookEvent = z
  .union([CloudEvent, WebhookNotice])
  .meta({ id: 'WebhookEvent', description: 'An event, or with `content: notice` that it was recorded.' })

const headers = z.object({
  'webhook-id': z.string().max(100).meta({
    description: 'The id of the message (of an event: its `eventId`), the same in each attempt.',
  }),
  'webhook-timestamp': z
    .string()
    .max(20)
    .meta({ description: 'Seconds since 1970 at this attempt. Refuse one that is more than five minutes off.' }),
  'webhook-signature': z.string().max(200).meta({
    description:
      '`v1,` and the HMAC-SHA256 in base64 of `<webhook-id>.<webhook-timestamp>.<body>`, by the bytes after `whsec_` of your secret. While the secret is changed there are two, with a space between.',
  }),
})

const answers = {
  '2XX': 'You have it. The next event follows.',
  '410': 'You want no more: the endpoint is paused.',
  '429': 'Later: after the seconds in `Retry-After`, an hour at most.',
  default:
    'Anything else, a redirect too, and no answer within 15 seconds: the same message is sent again, later and later.',
}

const common = { tag: 'Webhooks', headers, contentType: cloudEvent, answers }

/** What receivers get, for the OpenAPI document. */
export const sentToWebhooks: readonly SentRequest[] = [
  {
    ...common,
    operationId: 'sendEvent',
    summary: 'An event was recorded',
    description:
      'Sent to each endpoint whose filter fits, in the order of the log, one after the other; again until you have it. An endpoint with `content: notice` gets the event without `data`.',
    body: WebhookEvent,
  },
  {
    ...common,
    operationId: 'sendPing',
    summary: 'A test',
    description: 'Sent once if the owner of the endpoint asks for it (`testWebhook`).',
    body: WebhookPing,
  },
  {
    ...common,
    operationId: 'sendLogChanged',
    summary: 'The log is not the one that you know',
    description:
      'Sent after a restore that gave the log a new identity, or when an event that you have is no longer in the log. Then the endpoint is paused: compare what you keep with the log, and resume from a position.',
    body: WebhookLogChanged,
  },
]
