/** A route's answer as a continuous stream. */
import type { answered } from '@commitments/http-kit'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { Form } from '../live/forms.ts'
import { sendLive, startOf } from '../live/live-feed.ts'
import type { Service } from '../service.ts'
import { readHeadFrom } from './at-least.ts'
import { checkCursor, headOf } from './reading.ts'

export const streamHeaders = z.object({
  'last-event-id': z.string().max(200).optional().meta({
    description:
      'For a live stream: the id of the last event received. Takes precedence over the beginning in the query.',
  }),
})

interface LiveStream {
  readonly raw: FastifyRequest
  readonly reply: FastifyReply
  /** Begin after this position; `now`: after the end of the log at the time of the request. */
  readonly after: number | 'now'
  readonly lastEventId: string | undefined
  readonly form: Form
}

/** @throws the problems `beyond-head`, `too-many-readers`, and those of waiting */
export async function liveStream(service: Service, stream: LiveStream): Promise<typeof answered> {
  const { raw, reply, after, lastEventId, form } = stream
  const { live: hub, stallLimit } = service
  const known = await readHeadFrom(service, 0)
  const start = startOf(known.logId, after === 'now' ? known.position : after, lastEventId)
  const head = service.onlyReads ? await readHeadFrom(service, start.position) : known
  // Who begins now has nothing of the log yet that could be another past.
  if (after !== 'now' || lastEventId) await checkCursor(service, start.position, head)
  return sendLive(raw, reply, { hub, start, form, stallLimit, headers: headOf(service, head) })
}
