/** The tree and its entries as static resources (C2SP tlog-tiles). */
import { Readable } from 'node:stream'
import { readBytes, readLog } from '@commitments/event-store'
import { type Answer, defineRoute, type RouteDefinition } from '@commitments/http-kit'
import {
  encodeEntries,
  hashBytes,
  parseTilePath,
  type TilePath,
  tileWidth,
  widthOfTile,
} from '@commitments/transparency'
import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import { countErasures } from '../projections/erasures.ts'
import type { Service } from '../service.ts'
import { type Cover, readPublished, readPublishedTile } from '../transparency/published.ts'
import { beyondCheckpoint, coveredHeaders, forEver, logProblems, remaking, thrown, unchanged } from './covered.ts'
import { LogIdInPath, noTile, ofLog, prefixProblems, staticResource } from './log-prefix.ts'
import { conditional, reading, tagOf } from './reading.ts'

const bytes = 'application/octet-stream'

const common = {
  ...staticResource,
  responses: {
    200: { description: 'The bytes, which never change.', contentTypes: [bytes], headers: coveredHeaders },
    304: unchanged,
  },
  problems: [...prefixProblems, 'not-in-checkpoint', ...logProblems],
} as const

export function readTileRoute(service: Service): RouteDefinition {
  return defineRoute({
    ...common,
    url: '/log/:logId/tile/*',
    operationId: 'readLogTile',
    summary: 'A tile of the Merkle tree',
    description:
      'Up to 256 hashes of 32 bytes (C2SP tlog-tiles): `<L>/<N>`, such as `0/x001/234`, and `<L>/<N>.p/<W>` for the first W hashes of a tile. ' +
      'The service has every width that the signed checkpoint covers.',
    params: z.strictObject({
      logId: LogIdInPath,
      '*': z
        .string()
        .max(60)
        .meta({ description: 'Level, index and width of the tile.', examples: ['0/000.p/8'] }),
    }),
    handler: async ({ params, raw }) => {
      const path = parseTilePath(`tile/${params['*']}`)
      return path?.kind === 'hashes' ? sendHashes(service, raw, params.logId, path) : thrown(noTile())
    },
  })
}

export function readEntriesRoute(service: Service): RouteDefinition {
  return defineRoute({
    ...common,
    url: '/log/:logId/tile/entries/*',
    work: 'page',
    compressible: true,
    operationId: 'readLogEntries',
    summary: 'A bundle of entries',
    description:
      'The lines of up to 256 events, each after its length as a 16-bit number (C2SP tlog-tiles, Log entries): `<N>`, or `<N>.p/<W>` for the ' +
      'first W of a bundle. The same bytes as in the feed, without LF; compressed for who takes that.',
    params: z.strictObject({
      logId: LogIdInPath,
      '*': z
        .string()
        .max(60)
        .meta({ description: 'Index and width of the bundle.', examples: ['000.p/8'] }),
    }),
    handler: async ({ params, raw }) => {
      const path = parseTilePath(`tile/entries/${params['*']}`)
      return path?.kind === 'entries' ? sendEntries(service, raw, params.logId, path) : thrown(noTile())
    },
  })
}

async function sendHashes(
  service: Service,
  raw: FastifyRequest,
  logId: string,
  path: Extract<TilePath, { kind: 'hashes' }>,
): Promise<Answer> {
  const { level, index, width } = path
  const read = () => readPublishedTile(service.pool, level, index, width * hashBytes)
  const found = await ofLog(service, logId, await reading(read))
  assertCovered(found, level, path)
  if (found.hashes?.length !== width * hashBytes) throw remaking()
  return send(service, raw, found, `${level}/${index}/${width}`, found.hashes)
}

async function sendEntries(
  service: Service,
  raw: FastifyRequest,
  logId: string,
  path: Extract<TilePath, { kind: 'entries' }>,
): Promise<Answer> {
  const cover = await ofLog(service, logId, await reading(() => readPublished(service.pool)))
  assertCovered(cover, 0, path)
  const first = path.index * tileWidth
  const lines = await readLines(service, first, first + path.width)
  const reached = first + lines.length
  const rest =
    reached < first + path.width ? () => Readable.from(bundles(service, lines, reached, first + path.width)) : null
  const past = await reading(() => countErasures(service.pool))
  return send(service, raw, cover, `entries/${path.index}/${path.width}/${past}`, rest ?? encodeEntries(lines))
}

/** A partial tile that the tree does not have, or a full one that is not full so far. */
function assertCovered(cover: Cover, level: number, { index, width }: Pick<TilePath, 'index' | 'width'>): void {
  if (widthOfTile(level, index, cover.size) < width) throw beyondCheckpoint(cover, 'The tile')
}

function send(
  service: Service,
  raw: FastifyRequest,
  cover: Cover,
  name: string,
  body: Buffer | (() => Readable),
): Answer {
  const { logId, size } = cover
  const headers = forEver(service)
  return conditional(service, raw, {
    body,
    etag: tagOf(logId, 'tile', name),
    logId,
    position: size,
    headers,
    type: bytes,
  })
}

/** Lines of the positions after `after` up to `upTo`: all of them, or as many as one read brings. */
async function readLines({ pool }: Service, after: number, upTo: number): Promise<Buffer[]> {
  const rows = await reading(() => readLog(pool, { after, limit: upTo - after }))
  return rows.map(({ line }) => Buffer.from(line))
}

/** A bundle of long lines goes out in parts of some megabytes (`readBytes`), so that many of them at once need no more memory. */
async function* bundles(service: Service, first: Buffer[], after: number, upTo: number): AsyncGenerator<Buffer> {
  yield encodeEntries(first)
  for (let reached = after; reached < upTo; ) {
    const lines = await readLines(service, reached, upTo)
    if (lines.length === 0)
      throw new Error(`The log has no position ${reached + 1}, which was signed, within ${readBytes} bytes.`)
    reached += lines.length
    yield encodeEntries(lines)
  }
}
