import { fromDecimal, isCount } from './bytes.ts'

/** Hashes (or entries) in a full tile: 2^8, the height that tlog-tiles fixes. */
export const tileWidth = 256

/** What a path below a log's prefix refers to. `width` is 256 for a full tile, 1 to 255 for a partial one. */
export type TilePath =
  | { readonly kind: 'hashes'; readonly level: number; readonly index: number; readonly width: number }
  | { readonly kind: 'entries'; readonly index: number; readonly width: number }

const pathShape = /^tile\/(entries|0|[1-9][0-9]?)\/((?:x[0-9]{3}\/){0,5}[0-9]{3})(?:\.p\/([1-9][0-9]{0,2}))?$/

/**
 * The path of a tile of hashes, below the log's prefix and without a leading slash: `tile/<L>/<N>[.p/<W>]` (C2SP tlog-tiles, Merkle Tree).
 * A width below 256 means a partial tile. RangeError for numbers that no tile can have.
 */
export function tilePath(level: number, index: number, width: number = tileWidth): string {
  if (!isCount(level) || level > 63) throw new RangeError(`Not a level of tiles: ${level}`)
  return `tile/${level}/${tail(index, width)}`
}

/** The path of a bundle of entries: `tile/entries/<N>[.p/<W>]` (C2SP tlog-tiles, Log entries). */
export function entriesPath(index: number, width: number = tileWidth): string {
  return `tile/entries/${tail(index, width)}`
}

/** The tile of a path, or null if it is not exactly the path of a tile. The inverse of {@link tilePath} and {@link entriesPath}. */
export function parseTilePath(path: string): TilePath | null {
  const [, level, elements, partial] = pathShape.exec(path) ?? []
  if (level === undefined || elements === undefined) return null
  const index = parseIndex(elements)
  const width = partial === undefined ? tileWidth : Number(partial)
  if (index === null || (partial !== undefined && width >= tileWidth)) return null
  if (level === 'entries') return { kind: 'entries', index, width }
  return Number(level) <= 63 ? { kind: 'hashes', level: Number(level), index, width } : null
}

function tail(index: number, width: number): string {
  if (!isCount(index)) throw new RangeError(`Not an index of a tile: ${index}`)
  if (!isCount(width) || width < 1 || width > tileWidth) throw new RangeError(`Not a width of a tile: ${width}`)
  return width === tileWidth ? indexPath(index) : `${indexPath(index)}.p/${width}`
}

/** "Zero-padded 3-digit path elements. All but the last path element MUST begin with an x": 1234067 is `x001/x234/067`. */
function indexPath(index: number): string {
  const digits = String(index)
  const padded = digits.padStart(Math.ceil(digits.length / 3) * 3, '0')
  return padded.replace(/[0-9]{3}(?=[0-9])/g, 'x$&/')
}

function parseIndex(elements: string): number | null {
  const index = fromDecimal(elements.replaceAll(/[x/]/g, '').replace(/^0+(?=[0-9])/, ''))
  // A leading element of zeroes would be a second path of the same tile.
  return index !== null && indexPath(index) === elements ? index : null
}
