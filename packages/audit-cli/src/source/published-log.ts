import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { hashBytes, tilePath, widthOfTile } from '@commitments/transparency'
import { CannotCheck } from '../verdict.ts'
import { ask, type Service } from './service.ts'

/**
 * What a transparency log serves in addition to its lines: C2SP tlog-tiles, under `/log/` of a service or in a folder of the same shape.
 */
export interface PublishedLog {
  /** The address of one of its files, for people. */
  readonly address: (path: string) => string
  /** A file of the log, or null if there is none. @throws CannotCheck */
  readonly get: (path: string) => Promise<Buffer | null>
}

/**
 * Of the address of a service, or of the prefix of one log (`…/<Log-Id>`). A service leads from `/log/` to the prefix of its present log: what is read
 * after the first answer is of that log.
 */
export function logOfService(service: Service): PublishedLog {
  let prefix = isPrefix(service) ? '/' : '/log/'
  const get = async (path: string) => {
    const answer = await ask(service, `${prefix}${path}`)
    if (answer?.url.startsWith(`${service.url}/`) && answer.url.endsWith(`/${path}`))
      prefix = answer.url.slice(service.url.length, -path.length)
    return answer?.body ?? null
  }
  return { address: (path) => `${service.url}${prefix}${path}`, get }
}

/** Whether the address is that of the prefix of one log: of a service, or of a CDN. */
export function isPrefix({ url }: Pick<Service, 'url'>): boolean {
  return /\/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(url)
}

/** A folder with `checkpoint`, `vkey` and possibly `tile/…`. */
export function logInFolder(folder: string): PublishedLog {
  const address = (path: string) => join(folder, path)
  return { address, get: (path) => optionalFile(address(path)) }
}

/** `<file>.checkpoint` and `<file>.vkey`, as `export` writes them. */
export function logBeside(file: string): PublishedLog {
  const address = (path: string) => `${file}.${path.replaceAll('/', '.')}`
  return { address, get: (path) => optionalFile(address(path)) }
}

/** A file, or null if there is none. */
export async function optionalFile(path: string): Promise<Buffer | null> {
  try {
    return await readFile(path)
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'EISDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return null
    throw new CannotCheck(`${path} cannot be read (${(error as NodeJS.ErrnoException).code})`)
  }
}

/**
 * The hashes of one tile in a tree of `size`, or null if it is not served, or too short. If the log has grown since, it need not serve a
 * partial tile any more: the full one begins with the same hashes (C2SP tlog-tiles, Partial Tiles). @throws CannotCheck if nobody answers
 */
export async function servedTile(
  log: PublishedLog,
  level: number,
  index: number,
  size: number,
): Promise<Buffer | null> {
  const width = widthOfTile(level, index, size)
  const exact = await log.get(tilePath(level, index, width))
  const bytes = exact ?? (width < 256 ? await log.get(tilePath(level, index)) : null)
  return bytes && bytes.length >= width * hashBytes ? bytes.subarray(0, width * hashBytes) : null
}

/** The same. A tile that cannot be fetched counts as missing: there is nothing to compare with. */
export function readTile(log: PublishedLog, level: number, index: number, size: number): Promise<Buffer | null> {
  return servedTile(log, level, index, size).catch((error: unknown) => {
    if (error instanceof CannotCheck) return null
    throw error
  })
}
