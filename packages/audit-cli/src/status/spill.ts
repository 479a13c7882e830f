import { hash } from 'node:crypto'
import { closeSync, openSync, readFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { makeTemporaryFolder, removeTemporaryFolder } from '../temporary.ts'

/**
 * Sorts items by proposal without holding them in memory: each item goes to one of at most 256 temporary files, chosen by its proposal, and
 * the files are read back one at a time. So whole streams can be folded in any order, including those whose corrections change how earlier
 * events are read. Memory holds no more than {@link eventsAtOnce} events or a 256th of the log; the files take as much disk as the log.
 */
export interface Spill {
  readonly folder: string
  readonly parts: readonly Part[]
}

interface Part {
  readonly path: string
  readonly file: number
  readonly waiting: Buffer[]
  bytes: number
}

/** The items of one proposal, in the order in which they were added. */
export type Piled<Kind extends string> = ReadonlyMap<string, readonly { readonly kind: Kind; readonly bytes: Buffer }[]>

const eventsAtOnce = 20_000
const mostParts = 256
const bufferedBytes = 64 * 1024

export function createSpill(expectedEvents: number): Spill {
  const folder = makeTemporaryFolder()
  const count = Math.min(mostParts, Math.max(1, Math.ceil(expectedEvents / eventsAtOnce)))
  const parts = Array.from({ length: count }, (_, at) => {
    const path = join(folder, String(at))
    return { path, file: openSync(path, 'w', 0o600), waiting: [], bytes: 0 }
  })
  return { folder, parts }
}

/** `kind` and `proposalId` are ASCII, of at most 255 characters each. */
export function put({ parts }: Spill, kind: string, proposalId: string, bytes: Buffer): void {
  const at = parts.length === 1 ? 0 : Number.parseInt(hash('sha256', proposalId).slice(0, 8), 16) % parts.length
  const part = parts[at] as Part
  const head = Buffer.alloc(6 + kind.length + proposalId.length)
  head.writeUInt32LE(bytes.length, 0)
  head.writeUInt8(kind.length, 4)
  head.writeUInt8(proposalId.length, 5)
  head.write(kind + proposalId, 6, 'latin1')
  part.waiting.push(head, Buffer.from(bytes))
  part.bytes += head.length + bytes.length
  if (part.bytes > bufferedBytes) flush(part)
}

function flush(part: Part): void {
  const bytes = Buffer.concat(part.waiting)
  for (let from = 0; from < bytes.length; ) from += writeSync(part.file, bytes, from)
  part.waiting.length = 0
  part.bytes = 0
}

/** All items, proposal by proposal, with one file in memory at a time. */
export function* piles<Kind extends string>({ parts }: Spill): Generator<Piled<Kind>, void, undefined> {
  for (const part of parts) {
    flush(part)
    yield readPart(readFileSync(part.path))
  }
}

function readPart<Kind extends string>(bytes: Buffer): Piled<Kind> {
  const piled = new Map<string, { kind: Kind; bytes: Buffer }[]>()
  for (let at = 0; at < bytes.length; ) {
    const [length, kindLength, idLength] = [bytes.readUInt32LE(at), bytes.readUInt8(at + 4), bytes.readUInt8(at + 5)]
    const kindEnd = at + 6 + kindLength
    const start = kindEnd + idLength
    const kind = bytes.toString('latin1', at + 6, kindEnd) as Kind
    const proposalId = bytes.toString('latin1', kindEnd, start)
    at = start + length
    const pile = piled.get(proposalId) ?? []
    if (pile.push({ kind, bytes: bytes.subarray(start, at) }) === 1) piled.set(proposalId, pile)
  }
  return piled
}

export function disposeSpill({ folder, parts }: Spill): void {
  for (const { file } of parts) closeSync(file)
  removeTemporaryFolder(folder)
}
