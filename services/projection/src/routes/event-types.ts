import {
  describeEnvelope,
  describeEventTypes,
  describeKinds,
  EventTypeDescription,
  KindDescription,
} from '@commitments/domain'
import { defineRoute, type RouteDefinition } from '@commitments/http-kit'
import { z } from 'zod'
import type { Service } from '../service.ts'
import { conditional, notModified, tagOf } from './reading.ts'

const EventTypes = z
  .object({
    eventTypes: z.array(EventTypeDescription).max(1_000).meta({ description: 'In alphabetical order.' }),
    kinds: z.array(KindDescription).max(1_000).meta({
      description: 'Every kind of commitment, and which acts it needs and admits.',
    }),
    envelopeSchema: z.record(z.string(), z.unknown()).meta({
      description: 'JSON Schema (2020-12) of what the caller of any event gives beside `type` and `data`.',
    }),
  })
  .meta({ id: 'EventTypes', description: 'Every type of event that can be recorded, and every kind of commitment.' })

export function listEventTypesRoute(service: Service): RouteDefinition {
  const made: { body?: string } = {}
  return defineRoute({
    method: 'GET',
    url: '/v1/event-types',
    operationId: 'listEventTypes',
    tag: 'History',
    summary: 'The types of event that can be recorded',
    description:
      'Every type of event: its label and description in English, Vietnamese and Korean, the states in which it is possible, and the JSON Schema of its data; what each kind of commitment needs and admits; and the JSON Schema of what every event has beside its data. The answer changes with a release of the service, not with the log.',
    access: 'public',
    responses: {
      200: { description: 'The types.', schema: EventTypes, headers: ['ETag', 'Cache-Control'] },
      304: { ...notModified, headers: ['ETag', 'Cache-Control'] },
    },
    problems: [],
    work: 'memory',
    handler: ({ raw }) => {
      // Takes some milliseconds, and does not change while the process lives.
      made.body ??= JSON.stringify({
        eventTypes: describeEventTypes(),
        kinds: describeKinds(),
        envelopeSchema: describeEnvelope(),
      })
      return conditional(service, raw, { body: made.body, etag: tagOf('event-types', made.body) })
    },
  })
}
