import { type Hash, leafOfLine, parseNote } from '@commitments/transparency'
import type { Feed } from '../source/feed.ts'
import type { PublishedLog } from '../source/published-log.ts'
import { CannotCheck } from '../verdict.ts'
import { keyMaterial, vkeyLines } from './keys.ts'
import { type Leaves, leafAt, readLeaves } from './leaves.ts'

/** Properties by which a log is recognized, whatever its address or file is called now. */
export interface LogIdentity {
  /** Its Log-Id, or its whole origin if that contains none; null if the log is not signed. */
  readonly id: string | null
  /** The key material of its keys, without names and IDs. */
  readonly keys: readonly string[]
  /** The hash of its first event, which is different in every log. */
  readonly firstLeaf: Hash | null
  /** The address of the service, normalized. */
  readonly address: string | null
}

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/** The Log-Id at the end of an origin; the whole origin if there is none. */
export function idOfOrigin(origin: string | null): string | null {
  const last = origin?.split('/').at(-1) ?? ''
  return uuid.test(last) ? last : origin
}

/** The origin in a note, whoever signed it. */
export function originOfNote(note: string): string | null {
  const parsed = parseNote(note)
  return typeof parsed === 'string' ? null : (parsed.text.split('\n')[0] ?? null)
}

/** An address in one spelling: its scheme, host and port, without a slash at the end. Null if it is not an address. */
export function addressOf(source: string): string | null {
  if (!/^https?:\/\//i.test(source) || !URL.canParse(source)) return null
  const url = new URL(source)
  const host = ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname) ? 'localhost' : url.hostname
  return `${url.protocol}//${host}:${url.port}${url.pathname.replace(/\/+$/, '')}`
}

/** What the log says about itself: nothing of it is trusted, but it shows which memory to compare it with. */
export async function identityOf(log: PublishedLog, feed: Feed): Promise<LogIdentity> {
  // First, because without lines there is nothing to check.
  const first = await firstLeaf(feed)
  const [note, vkeys] = await Promise.all(
    ['checkpoint', 'vkey'].map(async (name) => (await orNull(log.get(name)))?.toString('utf8') ?? ''),
  )
  return {
    id: idOfOrigin(originOfNote(note ?? '')),
    keys: vkeyLines(vkeys ?? '').flatMap((vkey) => keyMaterial(vkey) ?? []),
    firstLeaf: first,
    address: addressOf(feed.name),
  }
}

/** The same, of what was verified. */
export function verifiedIdentity({
  origin,
  vkeys,
  leaves,
  feed,
}: {
  readonly origin: string
  readonly vkeys: readonly string[]
  readonly leaves: Leaves
  readonly feed: Feed
}): LogIdentity {
  return {
    id: idOfOrigin(origin),
    keys: vkeys.flatMap((vkey) => keyMaterial(vkey) ?? []),
    firstLeaf: leaves.size === 0 ? null : Buffer.from(leafAt(readLeaves(leaves, 0, 1), 0)),
    address: addressOf(feed.name),
  }
}

async function firstLeaf(feed: Feed): Promise<Hash | null> {
  const found: Hash[] = []
  await feed.read({ upTo: 1 }, (line) => found.push(leafOfLine(line)) < 1)
  return found[0] ?? null
}

function orNull<Value>(reading: Promise<Value>): Promise<Value | null> {
  return reading.catch((error: unknown) => {
    if (error instanceof CannotCheck) return null
    throw error
  })
}
