/** The lines of a log in its bundles of entries: of a folder, or of a CDN that serves nothing else. */
import {
  decodeEntries,
  entriesPath,
  parseCheckpoint,
  parseNote,
  tileWidth,
  widthOfTile,
} from '@commitments/transparency'
import { CannotCheck } from '../verdict.ts'
import { noRest, type TakeLine } from './lines.ts'
import type { PublishedLog } from './published-log.ts'

interface Read {
  readonly lines: number
  readonly how: 'stopped' | 'ended'
  /** The size of the checkpoint. */
  readonly announced: number
  readonly logId: null
}

/** Reads the lines after a position, up to another if one is given, until `take` or `rest` returns false. @throws CannotCheck */
export async function readBundles(
  log: PublishedLog,
  { after = 0, upTo }: { readonly after?: number; readonly upTo?: number | undefined },
  take: TakeLine,
  rest = noRest,
): Promise<Read> {
  const size = await sizeOf(log)
  const until = Math.min(size, upTo ?? size)
  let lines = 0
  const end = (how: Read['how']): Read => ({ lines, how, announced: size, logId: null })
  for (let at = after; at < until; ) {
    const entries = await bundleOf(log, Math.floor(at / tileWidth), size)
    for (const line of entries.slice(at % tileWidth, (at % tileWidth) + until - at)) {
      at += 1
      lines += 1
      if (!take(line)) return end('stopped')
    }
    if (!(await rest())) return end('stopped')
  }
  return end('ended')
}

/** By the checkpoint, whose signature is checked elsewhere. */
async function sizeOf(log: PublishedLog): Promise<number> {
  const note = await log.get('checkpoint')
  const parsed = note === null ? 'there is none' : parseNote(note)
  const checkpoint = typeof parsed === 'string' ? null : parseCheckpoint(parsed.text)
  if (checkpoint === null) throw new CannotCheck(`${log.address('checkpoint')} is no checkpoint`)
  return checkpoint.size
}

/** If the log has grown since, only the full bundle need be served any more. */
async function bundleOf(log: PublishedLog, index: number, size: number): Promise<Buffer[]> {
  const width = widthOfTile(0, index, size)
  const bytes =
    (await log.get(entriesPath(index, width))) ?? (width < tileWidth ? await log.get(entriesPath(index)) : null)
  const entries = bytes === null ? null : decodeEntries(bytes)
  if (entries === null || entries.length < width)
    throw new CannotCheck(
      `${log.address(entriesPath(index, width))} is not there whole, although the checkpoint covers it`,
    )
  return entries.slice(0, width)
}
