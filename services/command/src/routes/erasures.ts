/** Erasing texts for ever: proposed by one caller, approved by another. */
import {
  accepts,
  codesOf,
  codesText,
  distinct,
  erasureStateWords,
  LanguageMap,
  LongLanguageMap,
  limits,
  object,
  parseBody,
} from '@commitments/domain'
import type { Erasure } from '@commitments/event-store'
import { defineRoute, type Problem, problem, type RouteDefinition } from '@commitments/http-kit'
import { z } from 'zod'
import { approve, type Erasing, listErasures, type NotErasable, propose } from '../recorder/erase.ts'
import { orProblem } from './answers.ts'

const common = { tag: 'Erase', access: { scope: 'admin' } } as const

const positionError = accepts('must be a position of the log: a whole number from 1')
const Position = z
  .int({ error: positionError })
  .min(1, { error: positionError })
  .max(Number.MAX_SAFE_INTEGER, { error: positionError })

const Positions = distinct(Position, { of: 'positions', min: 1, max: limits.erasedEvents }).meta({
  description: 'The positions in the log of the events whose texts are to be erased.',
})

const Reason = LongLanguageMap.describe(
  'Why, for everybody to read, for ever: without the texts that are to be erased.',
)
const DecidedBy = LanguageMap.describe('Who decided that, such as an office and the number of its decision.')

const ErasureBody = object({ positions: Positions, reason: Reason, decidedBy: DecidedBy }).meta({
  id: 'ErasureBody',
  description: 'A proposal to erase texts for ever.',
})

const ErasureId = z.guid({
  error: 'must be the `erasureId` of the answer to its proposal: 32 hexadecimal digits in five groups',
})

const Instant = z.string().max(40).meta({ format: 'date-time' })

const ErasureSchema = z
  .strictObject({
    erasureId: z.guid().meta({ description: 'The id by which it is approved.' }),
    state: z.enum(codesOf(erasureStateWords)).meta({ description: codesText('What became of it.', erasureStateWords) }),
    positions: z
      .array(z.int().min(1))
      .max(limits.erasedEvents)
      .meta({ description: 'The events, in ascending order.' }),
    reason: Reason,
    decidedBy: DecidedBy,
    proposedBy: z.string().meta({ description: 'The caller that proposed it, in the form of `recordedBy`.' }),
    proposedAt: Instant.meta({ description: 'When it was proposed.' }),
    expiresAt: Instant.meta({ description: 'When it expires if nobody approves it: seven days later.' }),
    approvedBy: z.string().nullable().meta({ description: 'The caller that approved it; null while nobody has.' }),
    approvedAt: Instant.nullable().meta({ description: 'When it was approved and erased; null while it is not.' }),
  })
  .meta({ id: 'Erasure', description: 'An erasure: proposed, expired or done.' })

const ErasureList = z
  .strictObject({ erasures: z.array(ErasureSchema).max(100).meta({ description: 'The newest first, at most 100.' }) })
  .meta({ id: 'ErasureList', description: 'The erasures of this log.' })

const uncached = { 'cache-control': 'no-store' }
/** Bytes: with a hundred positions, the event `erased` of one proposal fits into a line. */
const bodyLimit = 48 * 1024

export function erasureRoutes(erasing: Erasing): RouteDefinition[] {
  return [listRoute(erasing), proposeRoute(erasing), approveRoute(erasing)]
}

function listRoute(erasing: Erasing): RouteDefinition {
  return defineRoute({
    ...common,
    method: 'GET',
    url: '/v1/admin/erasures',
    operationId: 'listErasures',
    summary: 'The erasures that were proposed',
    description:
      'Those that wait for approval, and those that were done or have expired. What was erased is in none of them.',
    responses: { 200: { description: 'The erasures.', schema: ErasureList, headers: ['Cache-Control'] } },
    problems: ['unavailable'],
    work: 'lookup',
    handler: async () => {
      const erasures = await orProblem(listErasures(erasing))
      return { status: 200, headers: uncached, body: { erasures: erasures.map(shown) } }
    },
  })
}

function proposeRoute(erasing: Erasing): RouteDefinition {
  return defineRoute({
    ...common,
    method: 'POST',
    url: '/v1/admin/erasures',
    operationId: 'proposeErasure',
    summary: 'Propose to erase texts for ever',
    description:
      'Nothing is erased until a caller with another name approves it. Then every text of these events becomes `█`, and addresses and digests of documents, notes, references and signatures are left out; codes, ids, dates and amounts stay, and so does what the events mean for states and totals. The leaf of each line stays in the tree, and an event `erased` says why, by whom and what the line is now. The same proposal by the same caller, while it waits, is answered with the one that is there.',
    body: {
      parse: 'json',
      schema: ErasureBody,
      read: (value: unknown) => parseBody(ErasureBody, value),
      contentTypes: ['application/json'],
      limit: bodyLimit,
      examples: {
        note: {
          summary: 'The event at position 17 names a private person',
          value: {
            positions: [17],
            reason: { en: 'The note named a private person.' },
            decidedBy: { en: 'Data protection officer, decision 12/2026' },
          },
        },
      },
    },
    responses: {
      200: { description: 'It was proposed before, and waits.', schema: ErasureSchema, headers: ['Cache-Control'] },
      201: { description: 'It waits for approval.', schema: ErasureSchema, headers: ['Location', 'Cache-Control'] },
    },
    problems: ['no-such-position', 'not-erasable', 'unavailable', 'outcome-unknown'],
    work: 'lookup',
    handler: async ({ body: { positions, reason, decidedBy }, caller }) => {
      const asked = {
        positions: positions.toSorted((a, b) => a - b),
        reason: JSON.stringify(reason),
        decidedBy: JSON.stringify(decidedBy),
        proposedBy: caller.recordedBy,
      }
      const found = await orProblem(propose(erasing, asked))
      if (found.outcome !== 'proposed') throw notErasable(found)
      const { erasure, isNew } = found
      if (!isNew) return { status: 200, headers: uncached, body: shown(erasure) }
      return { status: 201, headers: { ...uncached, location: '/v1/admin/erasures' }, body: shown(erasure) }
    },
  })
}

function approveRoute(erasing: Erasing): RouteDefinition {
  return defineRoute({
    ...common,
    method: 'POST',
    url: '/v1/admin/erasures/:erasureId/approval',
    operationId: 'approveErasure',
    summary: 'Approve an erasure, which erases the texts for ever',
    description:
      'The caller must have another name than the one that proposed it. The lines are rewritten and the events `erased` recorded in one transaction; the read models follow as after any event. This cannot be undone. Sent again, it is answered the same and does nothing more.',
    params: z.strictObject({ erasureId: ErasureId.meta({ description: 'The id of the erasure.' }) }),
    responses: { 200: { description: 'The texts are erased.', schema: ErasureSchema, headers: ['Cache-Control'] } },
    problems: [
      'unknown-erasure',
      'erasure-expired',
      'erasure-by-two',
      'not-erasable',
      'unavailable',
      'log-went-back',
      'outcome-unknown',
    ],
    work: 'lookup',
    handler: async (call) => {
      const { erasureId } = call.params
      const found = await orProblem(approve(erasing, erasureId, call.caller.recordedBy))
      if (found.outcome !== 'erased') throw notApproved(found)
      const { positions, proposedBy } = found.erasure
      call.note({ erasureId, positions: positions.join(', '), proposedBy })
      return { status: 200, headers: uncached, body: shown(found.erasure) }
    },
  })
}

type NotApproved = Exclude<Awaited<ReturnType<typeof approve>>, { outcome: 'erased' }>

function notApproved(found: NotApproved): Problem {
  if (found.outcome === 'no-such-position' || found.outcome === 'not-erasable') return notErasable(found)
  if (found.outcome === 'same-caller')
    return problem(
      'erasure-by-two',
      `${found.erasure.proposedBy} proposed it, and somebody with another key approves it.`,
    )
  if (found.outcome === 'unknown')
    return problem('unknown-erasure', 'This log has no erasure of that id. `GET /v1/admin/erasures` lists them.')
  return problem('erasure-expired', 'It waited for more than seven days. Nothing was erased: propose it again.')
}

function notErasable({ outcome, positions }: NotErasable): Problem {
  const list = positions.join(', ')
  if (outcome === 'no-such-position')
    return problem('no-such-position', `The log has no event at ${list}. Nothing was erased.`, { positions })
  return problem(
    'not-erasable',
    `What is at ${list} is erased already, records an erasure, which stays as it is, is of a type that this release does not know, or belongs to a proposal with a line that cannot be read. Nothing more was erased.`,
    { positions },
  )
}

function shown({ reason, decidedBy, ...erasure }: Erasure) {
  return { ...erasure, reason: JSON.parse(reason) as LanguageMap, decidedBy: JSON.parse(decidedBy) as LanguageMap }
}
