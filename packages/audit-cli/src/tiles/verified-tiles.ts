/** Tiles of a signed tree. Nothing of them is taken from the service unless the signed root follows from it. */
import {
  hashBytes,
  hashReader,
  leafOfLine,
  neededForRoot,
  rootInTile,
  rootOf,
  tilePath,
  tilesFor,
  tileWidth,
  widthOfTile,
} from '@commitments/transparency'
import { CannotCheck } from '../verdict.ts'
import { hasFullTile, type TileFolder } from './folder.ts'

export interface VerifiedTiles {
  readonly size: number
  /** The tiles at the end of the tree that are not full, by level. */
  readonly partial: ReadonlyMap<number, Buffer>
  /** A tile: of the folder if it is there, otherwise of the service. @throws CannotCheck if the signed root does not follow from it */
  readonly tile: (level: number, index: number) => Promise<Buffer>
  /** The root of the full tile as its parent has it. */
  readonly rootOfFull: (level: number, index: number) => Promise<Buffer>
}

interface Signed {
  readonly size: number
  readonly root: Uint8Array
}

/** Begins with the tiles at the end of the tree: the root follows from them, and they have the roots of all others. */
export async function openTiles(
  { size, root }: Signed,
  files: TileFolder,
  fetched: (path: string) => Promise<Buffer>,
): Promise<VerifiedTiles> {
  const partial = new Map<number, Buffer>()
  for (let level = 0; tileWidth ** level <= size; level += 1) {
    const index = Math.floor(size / tileWidth ** (level + 1))
    const width = widthOfTile(level, index, size)
    if (width > 0) partial.set(level, withLength(await fetched(tilePath(level, index, width)), width, level, index))
  }
  const reader = hashReader((level) => partial.get(level) ?? none)
  if (!rootOf(size, reader).equals(root))
    throw new CannotCheck('the root that was signed does not follow from the tiles that are served')

  const tile = async (level: number, index: number): Promise<Buffer> => {
    if (widthOfTile(level, index, size) < tileWidth) return partial.get(level) ?? none
    if (await hasFullTile(files, level, index)) return (await files.read(tilePath(level, index))) ?? none
    const bytes = withLength(await fetched(tilePath(level, index)), tileWidth, level, index)
    assertRoot(bytes, await rootOfFull(level, index), `tile ${level}/${index}`)
    return bytes
  }
  let parent: { level: number; index: number; bytes: Buffer } = { level: 0, index: 0, bytes: none }
  const rootOfFull = async (level: number, index: number): Promise<Buffer> => {
    const [above, place] = [Math.floor(index / tileWidth), (index % tileWidth) * hashBytes]
    if (parent.level !== level + 1 || parent.index !== above)
      parent = { level: level + 1, index: above, bytes: await tile(level + 1, above) }
    return parent.bytes.subarray(place, place + hashBytes)
  }
  return { size, partial, tile, rootOfFull }
}

const none = Buffer.alloc(0)

function withLength(bytes: Buffer, width: number, level: number, index: number): Buffer {
  if (bytes.length !== width * hashBytes)
    throw new CannotCheck(`tile ${level}/${index} has ${bytes.length} bytes, and not ${width * hashBytes}`)
  return bytes
}

/** @throws CannotCheck if the hashes of a full tile have another root */
export function assertRoot(tile: Buffer, root: Buffer, what: string): void {
  if (!rootInTile(tile, 0, tileWidth).equals(root))
    throw new CannotCheck(`${what} is not of the tree that was signed: what is served was changed`)
}

/** The hashes of a bundle, which are its tile. */
export function tileOfEntries(entries: readonly Buffer[]): Buffer {
  return Buffer.concat(entries.map(leafOfLine))
}

/** The root of the tree when it had `earlier` events. */
export async function rootAt({ tile }: VerifiedTiles, earlier: number): Promise<Buffer> {
  const read = new Map<string, Buffer>()
  for (const { level, index } of tilesFor(neededForRoot(earlier), earlier))
    read.set(`${level}/${index}`, await tile(level, index))
  return rootOf(
    earlier,
    hashReader((level, index) => read.get(`${level}/${index}`) ?? none),
  )
}
