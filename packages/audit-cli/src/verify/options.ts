import { stat } from 'node:fs/promises'
import { logBeside, logInFolder, logOfService, type PublishedLog } from '../log/log.ts'
import type { Feed } from '../source/feed.ts'
import { isUrl, type ServiceOptions, serviceAt } from '../source/service.ts'
import type { ScanOptions } from './scan.ts'

export interface VerifyOptions extends ServiceOptions {
  /** A service's address, or a file of lines. */
  readonly source: string
  /** Where checkpoint, key and tiles are: a service's address, or a folder. Default: of a service, its own; of a file, beside it. */
  readonly log?: string | undefined
  /** Verifier keys, or files with them. */
  readonly keys?: readonly string[]
  /** Verifier keys of witnesses, all of which must have cosigned; after a space the address of one that is to be asked as well. */
  readonly witnesses?: readonly string[]
  /** Files with checkpoints from earlier: of a colleague, a witness, a pack. */
  readonly earlier?: readonly string[]
  /** Files with lines that were exported earlier. */
  readonly keptLines?: readonly string[]
  /** Folder of what is kept from one check to the next. */
  readonly memory?: string | undefined
  /** Folder of many such folders, one for each log. Without either nothing is kept. */
  readonly memories?: string | undefined
  /** Begin a new memory, with the old one set aside. */
  readonly beginAnew?: boolean
  /** Compare the served status of every proposal. Default: where the source is a service. */
  readonly status?: boolean
  /** Ask for the status of each proposal by itself as well. Default: where there are at most 2,000. */
  readonly eachAlone?: boolean
  /** Moments of the past at which totals and lists are compared. Default: 48. */
  readonly moments?: number
  /** Of the ledger. */
  readonly timeZone?: string
  readonly now?: () => Date
  readonly progress?: Progress | undefined
  /** Is told each line that was judged good, in order; it must copy what it wants to keep. */
  readonly onLine?: ScanOptions['onLine']
  /** Milliseconds to wait until what the served statuses have seen is signed. */
  readonly patience?: number
}

/** How far a long work is. */
export interface Progress {
  /** `total` where it is known. */
  readonly begin: (what: string, total: number | null) => void
  readonly at: (done: number) => void
  readonly end: () => void
}

export const usualTimeZone = 'Asia/Ho_Chi_Minh'

/** The log that was named, else the one that belongs to the lines. */
export async function publishedLog({ log, ...options }: VerifyOptions, feed: Feed): Promise<PublishedLog> {
  if (log === undefined) return feed.service ? logOfService(feed.service) : logBeside(feed.name)
  if (isUrl(log)) return logOfService(serviceAt(log, options))
  const about = await stat(log).catch(() => null)
  return about?.isDirectory() ? logInFolder(log) : logBeside(log.replace(/\.checkpoint$/, ''))
}
