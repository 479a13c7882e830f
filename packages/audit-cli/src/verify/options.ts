import { stat } from 'node:fs/promises'
import type { Feed } from '../source/feed.ts'
import { logBeside, logInFolder, logOfService, type PublishedLog } from '../source/published-log.ts'
import { isUrl, type Service, type ServiceOptions, serviceAt } from '../source/service.ts'
import type { ScanOptions } from './scan.ts'

export interface VerifyOptions extends ServiceOptions {
  /** A service's address, a file of lines, or the static files of a log: the address of its prefix, or a folder. */
  readonly source: string
  /**
   * The source of checkpoint, key and tiles: a service's address, or a folder. Default: the service itself; for a file, the files next to
   * it.
   */
  readonly log?: string | undefined
  /** Verifier keys, or files with them. */
  readonly keys?: readonly string[]
  /**
   * Verifier keys of witnesses, all of which must have cosigned; each can be followed by a space and the witness's address, which is then
   * asked too.
   */
  readonly witnesses?: readonly string[]
  /** File with a policy (C2SP tlog-policy): the logs that are accepted, and which witnesses must have cosigned. */
  readonly policy?: string | undefined
  /** Files with earlier checkpoints: from a colleague, a witness, a pack. */
  readonly earlier?: readonly string[]
  /** Files with lines that were exported earlier. */
  readonly keptLines?: readonly string[]
  /** Folder of the memory, which is kept from one check to the next. */
  readonly memory?: string | undefined
  /** Folder of many such folders, one for each log. Without either, nothing is kept. */
  readonly memories?: string | undefined
  /** Begin a new memory, and set the old one aside. */
  readonly beginAnew?: boolean
  /** Compare the served status of every proposal. Default: if the source is a service. */
  readonly status?: boolean
  /** Also request the status of each proposal separately. Default: if there are at most 2,000. */
  readonly eachAlone?: boolean
  /** Moments of the past at which totals and lists are compared. Default: 48. */
  readonly moments?: number
  /** Time zone of the ledger. */
  readonly timeZone?: string
  /** A file with the public keys of callers who sign what they record. */
  readonly signers?: string | undefined
  /** Log-Ids that the log had before restores, where no service can be asked for them. */
  readonly formerLogs?: readonly string[]
  readonly now?: () => Date
  readonly progress?: Progress | undefined
  /** Called with each good line, in order; it must copy what it keeps. */
  readonly onLine?: ScanOptions['onLine']
  /** Milliseconds to wait until everything that the served statuses have seen is signed. */
  readonly patience?: number
}

/** Reports the progress of long work. */
export interface Progress {
  /** `total` if it is known. */
  readonly begin: (what: string, total: number | null) => void
  readonly at: (done: number) => void
  readonly end: () => void
}

export const usualTimeZone = 'Asia/Ho_Chi_Minh'

export function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name }).format()
    return true
  } catch {
    return false
  }
}

/** The named log, or the one that belongs to the lines. */
export async function publishedLog({ log, ...options }: VerifyOptions, feed: Feed): Promise<PublishedLog> {
  if (log === undefined && feed.log) return feed.log
  if (log === undefined) return feed.service ? logOfService(feed.service) : logBeside(feed.name)
  if (isUrl(log)) return logOfService(serviceAt(log, options))
  const about = await stat(log).catch(() => null)
  return about?.isDirectory() ? logInFolder(log) : logBeside(log.replace(/\.checkpoint$/, ''))
}

/** The service to which the named log belongs; null if the log is a folder, or none is named. */
export function serviceOfLog({ log, ...options }: VerifyOptions): Service | null {
  if (log === undefined || !isUrl(log)) return null
  return serviceAt(log.replace(/\/log\/[0-9a-f-]{36}\/*$/, ''), options)
}
