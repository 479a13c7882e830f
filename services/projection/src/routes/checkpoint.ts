import { defineRoute, type RouteDefinition } from '@commitments/http-kit'
import type { Service } from '../service.ts'
import { coveredHeaders, logProblems, plainText, published, unchanged } from './covered.ts'
import { conditional, tagOf } from './reading.ts'

const common = { method: 'GET', tag: 'Transparency log', access: { scope: 'audit' }, work: 'lookup' } as const

/** C2SP tlog-tiles, Checkpoints: "This endpoint is mutable, so its headers SHOULD prevent caching beyond a few seconds." */
export function readCheckpointRoute(service: Service): RouteDefinition {
  return defineRoute({
    ...common,
    url: '/log/checkpoint',
    operationId: 'readLogCheckpoint',
    summary: 'The last signed checkpoint',
    description:
      'A signed note (C2SP tlog-checkpoint): origin, number of events, root of the Merkle tree over their lines, the signature of the log, ' +
      'and the cosignatures of its witnesses. Keep it: it can show later whether the log was rewritten.',
    responses: {
      200: { description: 'The note.', contentTypes: [plainText], headers: coveredHeaders },
      304: unchanged,
    },
    problems: logProblems,
    handler: async ({ raw }) => {
      const { logId, size, note } = await published(service)
      return conditional(service, raw, { body: note, etag: tagOf(logId, note), logId, position: size })
    },
  })
}

export function readVerifierKeyRoute(service: Service): RouteDefinition {
  return defineRoute({
    ...common,
    url: '/log/vkey',
    operationId: 'readLogVerifierKey',
    summary: 'The key that verifies checkpoints',
    description:
      'A verifier key (C2SP signed-note). While a key is being replaced there are two lines, and checkpoints have both signatures. Confirm the key through another channel before you rely on it.',
    responses: {
      200: { description: 'Verifier keys, one per line.', contentTypes: [plainText], headers: coveredHeaders },
      304: unchanged,
    },
    problems: logProblems,
    handler: async ({ raw }) => {
      const { logId, size, vkeys } = await published(service)
      return conditional(service, raw, { body: vkeys, etag: tagOf(logId, vkeys), logId, position: size })
    },
  })
}
