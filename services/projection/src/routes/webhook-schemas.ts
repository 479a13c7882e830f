/** What the calls about endpoints take and give: the schemas of the API. */
import { accepts, codesOf, codesText, distinct, eventTypes, object, PartyId, ProposalId } from '@commitments/domain'
import { z } from 'zod'
import { longestUrl } from '../webhooks/address.ts'
import { endpointsAtMost, type Shown } from '../webhooks/endpoints.ts'
import { stateOf } from '../webhooks/standing.ts'
import {
  type Outcome,
  webhookContentWords,
  webhookOutcomeWords,
  webhookPauseWords,
  webhookStateWords,
} from '../webhooks/webhook-words.ts'

const valuesAtMost = 100

/** The values of a filter: each once. */
function filterList<Item extends z.ZodType>(item: Item, of: string, description: string) {
  return distinct(item, { of, max: valuesAtMost }).default([]).meta({ description })
}

const Filter = object({
  types: filterList(z.enum(eventTypes), 'types of events', 'Events of one of these types.'),
  proposals: filterList(ProposalId, 'ids of proposals', 'Events of one of these proposals.'),
  parties: filterList(
    PartyId,
    'ids of parties',
    'Events of proposals in which one of these parties takes part, as known just before the event or with it.',
  ),
  parents: filterList(
    ProposalId,
    'ids of proposals',
    'Events of proposals that are direct parts of one of these programmes, as known just before the event or with it.',
  ),
}).meta({
  id: 'WebhookFilter',
  description: 'Which events are sent: those that fit each list. An empty list fits every event.',
})

const Url = z.string().max(longestUrl).meta({
  format: 'uri',
  description: 'Where the messages are sent: https, at a public address or in a network that the operator allows.',
})
const Content = z.enum(codesOf(webhookContentWords)).meta({
  description: codesText('What is sent of an event.', webhookContentWords),
})
const afterError = accepts('must be a position of the log, or 0 for its beginning: a whole number from 0')
const After = z
  .int({ error: afterError })
  .min(0, { error: afterError })
  .meta({ description: 'The position of the log after which events are sent; 0: all of them.' })
const Name = z
  .string()
  .regex(/^[a-z0-9](?:[a-z0-9-]{0,78}[a-z0-9])?$/, 'must be a slug: small letters, digits and hyphens, 80 at most')
  .meta({ description: 'The name that its owner chose. It is unique in the ledger.', examples: ['most-inbox'] })
export const webhookParams = z.strictObject({ name: Name })

export const WebhookPut = object({
  url: Url,
  content: Content.default('event'),
  filter: Filter.default({ types: [], proposals: [], parties: [], parents: [] }),
  after: After.optional().meta({
    description:
      'The position of the log after which events are sent; 0: all of them. Absent: a new endpoint gets what is recorded from now on, and one that is there stays where it is.',
  }),
}).meta({ id: 'WebhookPut', description: 'What an endpoint is to be.' })

export const WebhookPatch = object({
  after: After.optional(),
  paused: z.boolean().optional().meta({ description: '`true`: nothing is sent until it is resumed with `false`.' }),
}).meta({ id: 'WebhookPatch', description: 'What is to be changed; the rest stays.' })

const Instant = z.string().max(40).meta({ format: 'date-time' })
const outcomes = codesOf(webhookOutcomeWords)

const shown = {
  name: Name,
  owner: z.string().max(200).meta({ description: 'The caller to whom it belongs.' }),
  url: Url,
  content: Content,
  filter: Filter,
  logId: z.string().max(36).meta({ description: 'The log of its position.' }),
  after: After.meta({ description: 'Everything up to this position was sent, or is not for this endpoint.' }),
  behind: z.int().min(0).meta({ description: 'Events of the log after that, whether they are for it or not.' }),
  state: z.enum(codesOf(webhookStateWords)).meta({ description: codesText('What is done now.', webhookStateWords) }),
  paused: z
    .enum(codesOf(webhookPauseWords))
    .nullable()
    .meta({ description: codesText('Why it is paused; null if it is not.', webhookPauseWords) }),
  retrying: z
    .object({
      since: Instant.meta({ description: 'The first of the failures in a row.' }),
      failures: z.int().min(1).meta({ description: 'How many attempts in a row failed.' }),
      nextAt: Instant.meta({ description: 'The next attempt is not before that.' }),
      outcome: z.enum(outcomes).meta({ description: codesText('Of the last attempt.', webhookOutcomeWords) }),
      status: z.int().nullable().meta({ description: 'The status of the answer; null: there was none.' }),
    })
    .nullable()
    .meta({ description: 'What is known of the failures since the last success; null if there are none.' }),
  deliveredAt: Instant.nullable().meta({ description: 'The last success; null: none so far.' }),
  formerSecretUntil: Instant.nullable().meta({ description: 'Until then, the secret before this one signs too.' }),
  createdAt: Instant.meta({ description: 'When its owner made it.' }),
}

export const WebhookSchema = z.object(shown).meta({ id: 'Webhook', description: 'An endpoint, and how far it is.' })

const secret = z.string().max(100).meta({
  description: 'The secret of which the signatures are made. It is shown here and never again.',
})
export const WebhookMade = z
  .object({ ...shown, secret: secret.optional() })
  .meta({ id: 'WebhookMade', description: 'The endpoint as it is now; if it is new, with its secret.' })
export const WebhookSecret = z
  .object({ secret, formerSecretUntil: shown.formerSecretUntil })
  .meta({ id: 'WebhookSecret', description: 'The new secret of an endpoint.' })

export const AttemptSchema = z
  .object({
    at: Instant.meta({ description: 'When it began.' }),
    position: z
      .int()
      .min(1)
      .nullable()
      .meta({ description: 'Of the event; null: the message was a test, or about the log.' }),
    messageId: z.string().max(100).meta({ description: 'What was sent as `webhook-id`.' }),
    outcome: z.enum(outcomes).meta({ description: codesText('What became of it.', webhookOutcomeWords) }),
    status: z.int().nullable().meta({ description: 'The status of the answer; null: there was none.' }),
    milliseconds: z.int().min(0).meta({ description: 'How long the attempt took.' }),
  })
  .meta({ id: 'WebhookAttempt', description: 'One attempt to deliver a message. The body of the answer is not kept.' })

export const WebhookList = z
  .object({
    webhooks: z.array(WebhookSchema).max(endpointsAtMost.inAll).meta({ description: 'In the order of their names.' }),
  })
  .meta({ id: 'WebhookList', description: 'The endpoints that the caller may see.' })

export const AttemptList = z
  .object({ attempts: z.array(AttemptSchema).max(50).meta({ description: 'The newest first.' }) })
  .meta({ id: 'WebhookAttemptList', description: 'The last attempts to deliver to an endpoint.' })

/** An endpoint as it is shown. */
export function webhookOf(endpoint: Shown) {
  const { types, proposals, parties, parents, failures, failingSince, lastError, formerUntil } = endpoint
  const { name, owner, url, content, logId, position, head, paused, nextAt, deliveredAt, createdAt } = endpoint
  const [outcome, status] = lastError?.split(' ') ?? []
  const isRetrying = paused === null && failures > 0 && failingSince !== null && outcome !== undefined
  return {
    name,
    owner,
    url,
    content,
    filter: { types, proposals, parties, parents },
    logId,
    after: position,
    behind: Math.max(0, head - position),
    state: stateOf(endpoint),
    paused,
    retrying: isRetrying
      ? {
          since: failingSince.toISOString(),
          failures,
          nextAt: nextAt.toISOString(),
          outcome: outcome as Outcome,
          status: status === undefined ? null : Number(status),
        }
      : null,
    deliveredAt: deliveredAt?.toISOString() ?? null,
    formerSecretUntil: formerUntil !== null && formerUntil > new Date() ? formerUntil.toISOString() : null,
    createdAt: createdAt.toISOString(),
  }
}
