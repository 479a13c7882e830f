import { defineRoute, type RouteDefinition } from '@commitments/http-kit'
import { z } from 'zod'
import type { Service } from '../service.ts'
import { readPublished } from '../transparency/published.ts'
import { coveredHeaders, logProblems, plainText, unchanged } from './covered.ts'
import { LogIdInPath, ofLog, prefixProblems, staticResource } from './log-prefix.ts'
import { conditional, reading, tagOf } from './reading.ts'

const common = {
  ...staticResource,
  params: z.strictObject({ logId: LogIdInPath }),
  problems: [...prefixProblems, ...logProblems],
} as const

async function publishedOf(service: Service, logId: string) {
  return ofLog(service, logId, await reading(() => readPublished(service.pool)))
}

/** C2SP tlog-tiles, Checkpoints: "This endpoint is mutable, so its headers SHOULD prevent caching beyond a few seconds." */
export function readCheckpointRoute(service: Service): RouteDefinition {
  return defineRoute({
    ...common,
    url: '/log/:logId/checkpoint',
    operationId: 'readLogCheckpoint',
    summary: 'The last signed checkpoint',
    description:
      'A signed note (C2SP tlog-checkpoint): origin, number of events, root of the Merkle tree over their lines, the signature of the log, ' +
      'and the cosignatures of its witnesses. Keep it: it can show later whether the log was rewritten. `/log/checkpoint` leads here.',
    responses: {
      200: { description: 'The note.', contentTypes: [plainText], headers: coveredHeaders },
      304: unchanged,
    },
    handler: async ({ params, raw }) => {
      const { logId, size, note } = await publishedOf(service, params.logId)
      return conditional(service, raw, { body: note, etag: tagOf(logId, note), logId, position: size })
    },
  })
}

export function readVerifierKeyRoute(service: Service): RouteDefinition {
  return defineRoute({
    ...common,
    url: '/log/:logId/vkey',
    operationId: 'readLogVerifierKey',
    summary: 'The key that verifies checkpoints',
    description:
      'A verifier key (C2SP signed-note). While a key is being replaced there are two lines, and checkpoints have both signatures. Confirm the key through another channel before you rely on it.',
    responses: {
      200: { description: 'Verifier keys, one per line.', contentTypes: [plainText], headers: coveredHeaders },
      304: unchanged,
    },
    handler: async ({ params, raw }) => {
      const { logId, size, vkeys } = await publishedOf(service, params.logId)
      return conditional(service, raw, { body: vkeys, etag: tagOf(logId, vkeys), logId, position: size })
    },
  })
}
