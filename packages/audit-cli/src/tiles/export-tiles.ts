/** Writes a log to a folder that a web server or a CDN can serve: any client of C2SP tlog-tiles reads it. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { RecordedEvent } from '@commitments/domain'
import {
  type Checkpoint,
  decodeEntries,
  entriesPath,
  openCheckpoint,
  parseCheckpoint,
  parseNote,
  tilePath,
  tileWidth,
  widthOfTile,
} from '@commitments/transparency'
import { idOfOrigin } from '../log/identity.ts'
import { keyMaterial, logVerifiers, vkeyLines } from '../log/keys.ts'
import { logOfService, type PublishedLog } from '../source/published-log.ts'
import { isUrl, type ServiceOptions, serviceAt } from '../source/service.ts'
import { CannotCheck } from '../verdict.ts'
import type { Progress } from '../verify/options.ts'
import { clearDrafts, hasFullTile, logsIn, openTileFolder, type TileFolder } from './folder.ts'
import { assertRoot, openTiles, rootAt, tileOfEntries, type VerifiedTiles } from './verified-tiles.ts'

export interface TilesOptions extends ServiceOptions {
  /** The address of the projection service. */
  readonly source: string
  readonly folder: string
  /** The log that is meant, where the folder has only others. */
  readonly logId?: string | undefined
  /** Requests a second at most; they are made one after the other. Default: 20. */
  readonly rate?: number
  readonly progress?: Progress | undefined
}

export interface TilesExported {
  /** The folder of this log. */
  readonly path: string
  /** Events that the checkpoint in the folder covers now, and before. */
  readonly size: number
  readonly before: number
  /** Files that were written. */
  readonly written: number
}

const usualRate = 20

/**
 * Continues where it was interrupted. A full tile that is there is not read again, because files appear whole; what is written follows from the
 * signed root. The checkpoint comes last, so a reader finds everything that it covers.
 *
 * @throws CannotCheck if the service does not have the log of the folder, or does not serve what it signed
 */
export async function exportTiles(options: TilesOptions): Promise<TilesExported> {
  const { source, folder, progress } = options
  if (!isUrl(source)) throw new CannotCheck('what is exported is a service: give its address')
  const log = slowly(logOfService(serviceAt(source, options)), options.rate ?? usualRate)
  const signed = await signedNow(log)
  await assertSameLog(folder, signed.logId, options.logId)
  const files = openTileFolder(folder, signed.logId)
  const before = await keptCheckpoint(files)
  await assertKnownKey(files, signed.vkey)
  if (before !== null && before.size > signed.size)
    return { path: files.path, size: before.size, before: before.size, written: 0 }
  await clearDrafts(folder)
  const written = { count: 0 }
  const counting: TileFolder = { ...files, write: (path, bytes) => (written.count++, files.write(path, bytes)) }
  progress?.begin('Writing bundles', Math.floor(signed.size / tileWidth))
  try {
    await writeAll(counting, signed, before, (path) => must(log, path), progress)
  } finally {
    progress?.end()
  }
  return { path: files.path, size: signed.size, before: before?.size ?? 0, written: written.count }
}

interface Signed extends Checkpoint {
  readonly logId: string
  readonly note: string
  readonly vkey: string
}

async function signedNow(log: PublishedLog): Promise<Signed> {
  const note = (await must(log, 'checkpoint')).toString('utf8')
  const vkey = (await must(log, 'vkey')).toString('utf8')
  const opened = openCheckpoint(note, { verifiers: logVerifiers(vkeyLines(vkey)) })
  if (opened.outcome !== 'verified') throw new CannotCheck('the served checkpoint is not signed by the served key')
  const logId = idOfOrigin(opened.checkpoint.origin)
  if (logId === null || logId === opened.checkpoint.origin)
    throw new CannotCheck('the origin of the log has no Log-Id at its end, by which its folder is named')
  return { ...opened.checkpoint, logId, note, vkey }
}

/** A restore that its operator accepted began another log. The files of the one before stay true; a person decides what is served beside them. */
async function assertSameLog(folder: string, logId: string, asked: string | undefined): Promise<void> {
  if (asked !== undefined && asked !== logId)
    throw new CannotCheck(`the service has the log ${logId}, and not ${asked}`)
  const others = (await logsIn(folder)).filter((name) => name !== logId)
  if (others.length === 0 || asked === logId || (await logsIn(folder)).includes(logId)) return
  throw new CannotCheck(
    `log-changed: the service has the log ${logId}, and the folder has ${others.join(', ')}. ` +
      `Its /v1/log/forks says why. To begin the other log beside it: --log-id ${logId}`,
  )
}

async function keptCheckpoint(files: TileFolder): Promise<Checkpoint | null> {
  const note = await files.read('checkpoint')
  if (note === null) return null
  const parsed = parseNote(note)
  const checkpoint = typeof parsed === 'string' ? null : parseCheckpoint(parsed.text)
  if (checkpoint === null) throw new CannotCheck(`the checkpoint in ${files.path} cannot be read`)
  return checkpoint
}

/** @throws CannotCheck if none of the keys in the folder is among the served ones */
async function assertKnownKey(files: TileFolder, served: string): Promise<void> {
  const kept = await files.read('vkey')
  if (kept === null) return
  const [before, now] = [kept.toString('utf8'), served].map((text) =>
    vkeyLines(text).flatMap((one) => keyMaterial(one) ?? []),
  )
  if (!before?.some((key) => now?.includes(key)))
    throw new CannotCheck(
      `the service signs with another key than the one in ${files.path}. If its operator has announced that, remove the file vkey there`,
    )
}

async function writeAll(
  files: TileFolder,
  signed: Signed,
  before: Checkpoint | null,
  fetched: (path: string) => Promise<Buffer>,
  progress: Progress | undefined,
): Promise<void> {
  const tiles = await openTiles(signed, files, fetched)
  if (before !== null && !(await rootAt(tiles, before.size)).equals(before.root))
    throw new CannotCheck(
      `the checkpoint in ${files.path} (${before.size} events) and the served one (${signed.size}) are both signed and cannot both be true. ` +
        'Nothing was written. Keep both, and ask the operator',
    )
  await writeTilesAbove(files, tiles)
  for (let index = 0; index < Math.floor(signed.size / tileWidth); index += 1) {
    await writeBundle(files, tiles, index, fetched)
    progress?.at(index)
  }
  await writePartial(files, tiles, fetched)
  await files.write('vkey', signed.vkey)
  await files.write('checkpoint', signed.note)
  await removeOutgrown(files, before?.size ?? 0, signed.size)
}

/** The full tiles above the leaves, from the top: each has the roots of those below it. */
async function writeTilesAbove(files: TileFolder, tiles: VerifiedTiles): Promise<void> {
  for (let level = Math.max(0, ...tiles.partial.keys()); level >= 1; level -= 1)
    for (let index = 0; widthOfTile(level, index, tiles.size) === tileWidth; index += 1)
      if (!(await hasFullTile(files, level, index)))
        await files.write(tilePath(level, index), await tiles.tile(level, index))
}

/** A bundle and its tile, which follows from it. The tile comes second: where it is, its bundle is. */
async function writeBundle(
  files: TileFolder,
  tiles: VerifiedTiles,
  index: number,
  fetched: (path: string) => Promise<Buffer>,
): Promise<void> {
  const path = entriesPath(index)
  if ((await hasFullTile(files, 0, index)) && (await files.sizeOf(path)) !== null) return
  const bundle = await fetched(path)
  const entries = entriesOf(bundle, tileWidth, index)
  const tile = tileOfEntries(entries)
  assertRoot(tile, await tiles.rootOfFull(0, index), `the bundle of entries ${index}`)
  await writeErased(files, tiles, entries, index, fetched)
  await files.write(path, bundle)
  await files.write(tilePath(0, index), tile)
}

/**
 * Writes the bundles again in which lines were erased by events of this one, before this one is written: where a bundle is, everything that its
 * events say is done.
 */
async function writeErased(
  files: TileFolder,
  tiles: VerifiedTiles,
  entries: readonly Buffer[],
  own: number,
  fetched: (path: string) => Promise<Buffer>,
): Promise<void> {
  const named = entries.flatMap((entry) => erasedBy(entry).map((position) => Math.floor((position - 1) / tileWidth)))
  for (const index of new Set(named)) {
    // Narrower parts of a bundle that is not full yet, or was not full when they were written.
    await files.remove(`${entriesPath(index)}.p`)
    if (index === own || widthOfTile(0, index, tiles.size) < tileWidth) continue
    const bundle = await fetched(entriesPath(index))
    const tile = tileOfEntries(entriesOf(bundle, tileWidth, index))
    assertRoot(tile, await tiles.rootOfFull(0, index), `the bundle of entries ${index}`)
    await files.write(entriesPath(index), bundle)
  }
}

/** The positions of the lines whose texts an event has erased. */
function erasedBy(entry: Buffer): number[] {
  if (!entry.includes(',"type":"erased",')) return []
  const { data } = JSON.parse(entry.toString('utf8')) as Extract<RecordedEvent, { type: 'erased' }>
  return data.events.map(({ position }) => position)
}

function entriesOf(bundle: Buffer, width: number, index: number): Buffer[] {
  const entries = decodeEntries(bundle)
  if (entries?.length !== width) throw new CannotCheck(`the bundle of entries ${index} is not served whole`)
  return entries
}

/** What is not full so far has its width in its path, and so never takes the place of a full tile. */
async function writePartial(
  files: TileFolder,
  tiles: VerifiedTiles,
  fetched: (path: string) => Promise<Buffer>,
): Promise<void> {
  const { size, partial } = tiles
  for (const [level, tile] of partial) {
    const index = Math.floor(size / tileWidth ** (level + 1))
    const width = widthOfTile(level, index, size)
    if (level === 0) {
      const bundle = await fetched(entriesPath(index, width))
      const entries = entriesOf(bundle, width, index)
      if (!tileOfEntries(entries).equals(tile))
        throw new CannotCheck(
          `the bundle of entries ${index} is not of the tree that was signed: what is served was changed`,
        )
      await writeErased(files, tiles, entries, index, fetched)
      await files.write(entriesPath(index, width), bundle)
    }
    await files.write(tilePath(level, index, width), tile)
  }
}

/** Partial tiles that are full by now: "MAY be deleted" (C2SP tlog-tiles, Partial Tiles). Those of narrower widths stay until then. */
async function removeOutgrown(files: TileFolder, before: number, size: number): Promise<void> {
  for (let level = 0; tileWidth ** level <= before; level += 1) {
    const index = Math.floor(before / tileWidth ** (level + 1))
    if (widthOfTile(level, index, size) < tileWidth) continue
    await files.remove(`${tilePath(level, index)}.p`)
    if (level === 0) await files.remove(`${entriesPath(index)}.p`)
  }
}

/** One request after the other, and no more than so many a second. */
function slowly(log: PublishedLog, rate: number): PublishedLog {
  let next = 0
  return {
    ...log,
    get: async (path) => {
      const now = performance.now()
      if (next > now) await sleep(next - now)
      next = Math.max(next, performance.now()) + 1_000 / rate
      return log.get(path)
    },
  }
}

async function must(log: PublishedLog, path: string): Promise<Buffer> {
  const bytes = await log.get(path)
  if (bytes === null) throw new CannotCheck(`${log.address(path)} is not served, although the signed log covers it`)
  return bytes
}
