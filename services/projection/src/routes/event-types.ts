import { describeEnvelope, describeEventTypes, EventTypeDescription } from '@commitments/domain'
import { defineRoute, type RouteDefinition } from '@commitments/http-kit'
import { z } from 'zod'
import type { Service } from '../service.ts'
import { conditional, notModified, tagOf } from './reading.ts'

const EventTypes = z
  .object({
    eventTypes: z.array(EventTypeDescription).max(1_000).meta({ description: 'In alphabetical order.' }),
    envelopeSchema: z.record(z.string(), z.unknown()).meta({
      description: 'JSON Schema (2020-12) of what the caller of any event gives beside `type` and `data`.',
    }),
  })
  .meta({ id: 'EventTypes', description: 'Every type of event that can be recorded, in alphabetical order.' })

export function listEventTypesRoute(service: Service): RouteDefinition {
  const made: { body?: string } = {}
  return defineRoute({
    method: 'GET',
    url: '/v1/event-types',
    operationId: 'listEventTypes',
    tag: 'History',
    summary: 'The types of event that can be recorded',
    description:
      'Every type of event: its label and description in English, Vietnamese and Korean, the states in which it is possible, and the JSON Schema of its data; and the JSON Schema of what every event has beside that. The answer changes with a release of the service, not with the log.',
    access: 'public',
    responses: {
      200: { description: 'The types.', schema: EventTypes, headers: ['ETag', 'Cache-Control'] },
      304: { ...notModified, headers: ['ETag', 'Cache-Control'] },
    },
    problems: [],
    work: 'memory',
    handler: ({ raw }) => {
      // Takes some milliseconds, and does not change while the process lives.
      made.body ??= JSON.stringify({ eventTypes: describeEventTypes(), envelopeSchema: describeEnvelope() })
      return conditional(service, raw, { body: made.body, etag: tagOf('event-types', made.body) })
    },
  })
}
