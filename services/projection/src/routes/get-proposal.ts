import { codesText, FormerParty, LanguageMap, Party, ProposalId, Status } from '@commitments/domain'
import { defineRoute, problem, type RouteDefinition } from '@commitments/http-kit'
import { z } from 'zod'
import { readStatus, statusFromMemory } from '../answers/read-status.ts'
import type { KeptAnswer } from '../answers/status-cache.ts'
import { parkedCodes } from '../projections/parked.ts'
import type { Service } from '../service.ts'
import { parkedWords } from '../words.ts'
import { asksForPast, type PastQuery, pastProblems, pastQuery } from './as-of.ts'
import { mustHaveSeen, untilSeen } from './at-least.ts'
import { pastProposal } from './get-past-proposal.ts'
import { atLeast, conditional, headOf, notModified, readHeaders, reading, type Seen, waitProblems } from './reading.ts'
import { RelatedProposals } from './related-schemas.ts'

export const ParkedSchema = z
  .object({
    position: z.int().min(1).meta({ description: 'The position of the event that could not be applied.' }),
    code: z.enum(parkedCodes).meta({ description: codesText('What is wrong with that event.', parkedWords) }),
    reason: z
      .string()
      .max(2_000)
      .optional()
      .meta({ description: 'The reason, as a sentence. Rows of earlier releases have none.' }),
  })
  .meta({
    id: 'Parked',
    description:
      'The event at which the proposal is parked: from this event on, nothing is applied to it until a corrected version of the service rebuilds the read model. `unreadable`: the line contradicts its row; `impossible`: it cannot follow the earlier events; `unstorable`: the read model cannot store its content; `fault`: the rules of this service fail on it; `too-costly`: applying it takes more than the service has.',
    examples: [
      {
        position: 17,
        code: 'impossible',
        reason: 'The event cannot follow those before it: wrong-version: event 3 (agreed) of jcm10 at position 17.',
      },
    ],
  })

const recordedName = {
  recordedName: LanguageMap.nullable().optional().meta({
    description:
      'The name that this proposal recorded, if the organisation was renamed since (`party-renamed`) and `name` is the one in force; null if it recorded none.',
  }),
}

/** The status as the domain defines it, and where the proposal is parked if it is. */
export const ProposalStatus = z
  .object({
    ...Status.shape,
    parties: z.array(
      Party.extend(recordedName).meta({
        id: 'ShownParty',
        description:
          'An organisation, or an unnamed group of them (`group: true`), with its roles and its name in force.',
      }),
    ),
    formerParties: z.array(
      FormerParty.extend(recordedName).meta({
        id: 'ShownFormerParty',
        description: 'A party that left, and the reason, with its name in force.',
      }),
    ),
    parked: ParkedSchema.optional(),
    related: RelatedProposals.optional(),
  })
  .meta({ id: 'ProposalStatus', description: 'The status of a proposal.' })

export function getProposalRoute(service: Service): RouteDefinition {
  return defineRoute({
    method: 'GET',
    url: '/v1/proposals/:proposalId',
    operationId: 'getProposal',
    tag: 'Status',
    summary: 'The status of a proposal',
    description:
      'Its stage, condition, parties, money, delivery and history, folded from its events: now, or at any moment of the world (`asOf`) and of our knowledge (`knownAt`, `knownAtPosition`). 404 if nothing was known or in force then.',
    access: { scope: 'read' },
    params: z.strictObject({ proposalId: ProposalId }),
    query: z.strictObject({ ...atLeast, ...pastQuery }),
    responses: {
      200: { description: 'The status.', schema: ProposalStatus, headers: readHeaders },
      304: notModified,
    },
    problems: ['unknown-proposal', ...pastProblems, ...waitProblems],
    work: ({ query }) => (asksForPast(query as PastQuery) ? 'page' : 'memory'),
    // Without a promise if the answer is in memory: that is the usual case, and this is the most frequent request.
    handler: (request) => {
      const { params, query, raw } = request
      const { proposalId } = params
      if (asksForPast(query)) return pastProposal(service, raw, proposalId, query)
      const { view } = service
      const ready = query.atLeast === undefined || query.atLeast <= view.position
      const kept = ready ? statusFromMemory(service.status, proposalId) : undefined
      if (kept === undefined)
        return request.inTurn('lookup', () => whenThere(service, raw, proposalId, query.atLeast ?? 0))
      return answer(service, raw, proposalId, kept, view)
    },
  })
}

type Raw = Parameters<typeof conditional>[1]

async function whenThere(service: Service, raw: Raw, proposalId: string, position: number) {
  return untilSeen(service, position, async () => {
    const isThere = service.view.position >= position
    const kept = isThere ? statusFromMemory(service.status, proposalId) : undefined
    if (kept !== undefined) return answer(service, raw, proposalId, kept, service.view)
    const found = await reading(() => readStatus(service.status, proposalId))
    mustHaveSeen(position, found)
    return answer(service, raw, proposalId, found.answer, found)
  })
}

function answer(service: Service, raw: Raw, proposalId: string, kept: KeptAnswer, { logId, position }: Seen) {
  if (kept.status === 404) throw unknown(proposalId, kept, headOf(service, { logId, position }))
  return conditional(service, raw, { etag: kept.etag, body: kept.body, logId, position })
}

function unknown(proposalId: string, { body }: KeptAnswer, headers: Record<string, string>): Error {
  if (body.length === 0) return problem('unknown-proposal', `This ledger has no proposal ${proposalId}.`, { headers })
  const detail = `The first event of ${proposalId} cannot be applied: it has no status, but its history can be read.`
  return problem('unknown-proposal', detail, { parked: JSON.parse(body.toString()), headers })
}
