/** Complete proofs (RFC 6962, 2.1.1 and 2.1.2), for callers that do not want to assemble them from tiles. */
import { readLog } from '@commitments/event-store'
import { defineRoute, invalid, queryInteger, type RouteDefinition } from '@commitments/http-kit'
import { formatOfflineProof, leafOfLine } from '@commitments/transparency'
import { z } from 'zod'
import type { Service } from '../service.ts'
import type { Published } from '../transparency/published.ts'
import { proveConsistency, proveInclusions, rootsOf } from '../transparency/tile-store.ts'
import {
  beyondCheckpoint,
  coveredHeaders,
  logProblems,
  missingLine,
  plainText,
  published,
  readingTiles,
  unchanged,
} from './covered.ts'
import { conditional, headOf, reading, tagOf } from './reading.ts'

const Size = queryInteger(0, Number.MAX_SAFE_INTEGER)
const Position = queryInteger(1, Number.MAX_SAFE_INTEGER)
const HashText = z.string().length(44).meta({ description: 'SHA-256, in base 64.' })
const Hashes = z.array(HashText).max(64)

const Inclusion = z
  .object({
    position: z.int().min(1).meta({ description: 'The place of the event in the log.' }),
    index: z.int().min(0).meta({ description: 'The index of the leaf: position − 1.' }),
    size: z.int().min(1).meta({ description: 'The size of the tree that the proof leads to.' }),
    leafHash: HashText.meta({ description: 'SHA-256 of a zero byte and the line of the event, without LF.' }),
    rootHash: HashText,
    hashes: Hashes.meta({ description: 'From the sibling of the leaf up to the child of the root.' }),
  })
  .meta({ id: 'InclusionProof', description: 'Proof that an event is in the tree (RFC 6962, 2.1.1).' })

const Consistency = z
  .object({
    from: z.int().min(0).meta({ description: 'The size of the smaller tree, in events.' }),
    to: z.int().min(0).meta({ description: 'The size of the larger tree, in events.' }),
    fromRootHash: HashText,
    toRootHash: HashText,
    hashes: Hashes.meta({ description: 'The nodes from which both roots can be computed.' }),
  })
  .meta({
    id: 'ConsistencyProof',
    description: 'Proof that the larger tree begins with the smaller one (RFC 6962, 2.1.2).',
  })

const common = {
  method: 'GET',
  tag: 'Transparency log',
  access: { scope: 'audit' },
  openToPages: true,
  work: 'lookup',
  problems: ['not-in-checkpoint', ...logProblems],
} as const

const sizeText = 'The size of the tree in events; by default that of the signed checkpoint.'

export function proveInclusionRoute(service: Service): RouteDefinition {
  return defineRoute({
    ...common,
    url: '/v1/log/proofs/inclusion',
    operationId: 'proveInclusion',
    summary: 'Proof that an event is in the log',
    description: 'Compare the root with that of a checkpoint whose signature you checked; this answer is not signed.',
    query: z.strictObject({
      position: Position.meta({ description: 'The position of the event.', examples: [17] }),
      size: Size.optional().meta({ description: sizeText }),
    }),
    responses: {
      200: { description: 'The proof.', schema: Inclusion, headers: coveredHeaders },
      304: unchanged,
    },
    handler: async ({ query: { position, size: asked }, raw }) => {
      const cover = await published(service)
      const size = within(cover, asked)
      if (asked !== undefined && position > asked)
        throw invalid([{ path: 'query.position', message: 'must not be greater than size' }])
      if (position > size) throw beyondCheckpoint(cover, `Position ${position}`)
      const { proof, root } = await inclusionOf(service, position - 1, size)
      const leaf = (await lineHash(service, position)).toString('base64')
      const hashes = encoded(proof)
      return json(service, raw, cover, {
        position,
        index: position - 1,
        size,
        leafHash: leaf,
        rootHash: root.toString('base64'),
        hashes,
      })
    },
  })
}

export function proveConsistencyRoute(service: Service): RouteDefinition {
  return defineRoute({
    ...common,
    url: '/v1/log/proofs/consistency',
    operationId: 'proveConsistency',
    summary: 'Proof that nothing earlier was changed',
    description:
      'A proof between the tree of a checkpoint that you kept and a later tree. Compare both roots with those of the checkpoints; this answer is not ' +
      'signed.',
    query: z.strictObject({
      from: Size.meta({ description: 'The size of the earlier tree in events.', examples: [8] }),
      to: Size.optional().meta({ description: sizeText }),
    }),
    responses: {
      200: { description: 'The proof.', schema: Consistency, headers: coveredHeaders },
      304: unchanged,
    },
    handler: async ({ query: { from, to: asked }, raw }) => {
      const cover = await published(service)
      const to = within(cover, asked)
      if (asked !== undefined && from > asked)
        throw invalid([{ path: 'query.from', message: 'must not be greater than to' }])
      if (from > to) throw beyondCheckpoint(cover, `Size ${from}`)
      const proof = await readingTiles(() => proveConsistency(service.pool, from, to))
      const [fromRoot, toRoot] = await readingTiles(() => rootsOf(service.pool, [from, to]))
      const roots = { fromRootHash: fromRoot?.toString('base64'), toRootHash: toRoot?.toString('base64') }
      return json(service, raw, cover, { from, to, ...roots, hashes: encoded(proof) })
    },
  })
}

/** The offline form: everything that has to be kept with the line of an event (C2SP tlog-proof). */
export function readOfflineProofRoute(service: Service): RouteDefinition {
  return defineRoute({
    ...common,
    url: '/v1/log/proofs/:position.tlog-proof',
    operationId: 'readOfflineProof',
    summary: 'A proof of one event, to keep',
    description:
      'A C2SP tlog-proof: index, inclusion proof and the signed checkpoint, in one text. With the line of the event and the key of the log, anybody can check it at any time, without this service.',
    params: z.strictObject({ position: Position.meta({ description: 'The position of the event.', examples: [17] }) }),
    responses: {
      200: { description: 'The proof.', contentTypes: [plainText], headers: coveredHeaders },
      304: unchanged,
    },
    handler: async ({ params: { position }, raw }) => {
      const cover = await published(service)
      if (position > cover.size) throw beyondCheckpoint(cover, `Position ${position}`)
      const index = position - 1
      const { proof: hashes } = await inclusionOf(service, index, cover.size)
      const body = formatOfflineProof({ index, hashes, checkpoint: cover.note })
      return conditional(service, raw, {
        body,
        etag: tagOf(cover.logId, body),
        logId: cover.logId,
        position: cover.size,
      })
    },
  })
}

/** The requested size, or that of the checkpoint. */
function within(cover: Published, size = cover.size): number {
  if (size > cover.size) throw beyondCheckpoint(cover, `Size ${size}`)
  return size
}

async function inclusionOf({ pool }: Service, index: number, size: number) {
  const { proofs, root } = await readingTiles(() => proveInclusions(pool, [index], size))
  return { proof: proofs[0] as Buffer[], root }
}

/** Hashes the line itself: if the tile has another leaf, the proof does not verify. */
async function lineHash(service: Service, position: number): Promise<Buffer> {
  const [row] = await reading(() => readLog(service.pool, { after: position - 1, limit: 1 }))
  if (row?.position !== position) throw missingLine(service, position)
  return leafOfLine(Buffer.from(row.line))
}

function encoded(hashes: readonly Buffer[]): string[] {
  return hashes.map((hash) => hash.toString('base64'))
}

function json(service: Service, raw: Parameters<typeof conditional>[1], { logId, size }: Published, content: object) {
  const body = JSON.stringify(content)
  const head = headOf(service, { logId, position: size })
  return conditional(service, raw, { body, etag: tagOf(logId, body), logId, position: size, headers: head })
}
