import { createReadStream, existsSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { CannotCheck } from '../verdict.ts'
import { readBundles } from './bundles.ts'
import { lineSplitter, noRest, type Rest, splitLines, type TakeLine } from './lines.ts'
import { Passing } from './passing.ts'
import { isPrefix, logInFolder, logOfService, type PublishedLog } from './published-log.ts'
import { isUrl, type Service, type ServiceOptions, serviceAt, trying } from './service.ts'
import { openStream } from './stream.ts'

/** The lines of a log, from any source. */
export interface Feed {
  /** Name for people. */
  readonly name: string
  /** The service, if the source is one. */
  readonly service: Service | null
  /** The log, if the lines are those of its bundles. */
  readonly log?: PublishedLog
  /**
   * Reads the lines after a position, up to another if one is given, until `take` or `rest` returns false; `rest` is waited for before more
   * lines are read. @throws CannotCheck
   */
  readonly read: (range: FeedRange, take: TakeLine, rest?: Rest) => Promise<FeedEnd>
}

interface FeedRange {
  readonly after?: number
  readonly upTo?: number | undefined
}

export interface FeedEnd {
  /** How many lines were read. */
  readonly lines: number
  /**
   * `stopped`: by the taker. `ended`: there are no more lines. `torn`: a file ends within a line. `short`: the service says that its log
   * continues, and is available, but sends no more of it.
   */
  readonly how: 'stopped' | 'ended' | 'torn' | 'short'
  /** The position at which the service announced to end. */
  readonly announced: number | null
  readonly logId: string | null
}

/**
 * A service's address, or a file of lines as `export` writes it; or the static files of a log: the address of its prefix, which ends in its Log-Id,
 * or a folder.
 */
export function openFeed(location: string, options: ServiceOptions = {}): Feed {
  if (isUrl(location)) {
    const service = serviceAt(location, options)
    return isPrefix(service) ? feedOfBundles(logOfService(service), service.url) : feedOf(service)
  }
  if (existsSync(join(location, 'checkpoint'))) return feedOfBundles(logInFolder(location), location)
  return { name: location, service: null, read: (...reading) => readFile(location, ...reading) }
}

function feedOfBundles(log: PublishedLog, name: string): Feed {
  return { name, service: null, log, read: (...reading) => readBundles(log, ...reading) }
}

/** The feed of a service. */
export function feedOf(service: Service): Feed {
  return { name: service.url, service, read: (...reading) => readService(service, ...reading) }
}

interface Reading {
  readonly rest: Rest
  readonly after: number
  readonly upTo: number
  lines: number
  stopped: boolean
  announced: number | null
  logId: string | null
}

function takeUpTo(reading: Reading, take: TakeLine): TakeLine {
  return (line) => {
    reading.lines += 1
    reading.stopped = !take(line)
    return !reading.stopped && reading.after + reading.lines < reading.upTo
  }
}

/** Whether more is to be read once what was taken has been worked on. */
async function goesOn(reading: Reading, more: boolean): Promise<boolean> {
  if (!more) return false
  reading.stopped ||= !(await reading.rest())
  return !reading.stopped
}

function begin({ after = 0, upTo = Number.POSITIVE_INFINITY }: FeedRange, rest: Rest): Reading {
  return { rest, after, upTo, lines: 0, stopped: false, announced: null, logId: null }
}

async function readFile(path: string, range: FeedRange, take: TakeLine, rest = noRest): Promise<FeedEnd> {
  const about = await stat(path).catch(() => {
    throw new CannotCheck(`there is no file ${path}`)
  })
  if (about.isDirectory()) throw new CannotCheck(`${path} is a folder, and no file of lines`)
  const reading = begin(range, rest)
  let skip = reading.after
  const taking = takeUpTo(reading, take)
  const splitter = lineSplitter()
  if (reading.upTo <= reading.after) return end(reading, 'ended')
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) {
    const more = splitLines(splitter, chunk as Buffer, (line) => (skip > 0 ? (skip -= 1) >= 0 : taking(line)))
    if (!(await goesOn(reading, more))) return end(reading, reading.stopped ? 'stopped' : 'ended')
  }
  return end(reading, splitter.rest.length > 0 ? 'torn' : 'ended')
}

function end({ lines, announced, logId }: Reading, how: FeedEnd['how']): FeedEnd {
  return { lines, how, announced, logId }
}

/**
 * A broken connection is resumed after the last whole line. If a service properly ends an answer before the announced position, it is asked
 * once more; if nothing comes then either, the connection is not the cause.
 */
async function readService(service: Service, range: FeedRange, take: TakeLine, rest = noRest): Promise<FeedEnd> {
  const reading = begin(range, rest)
  const taking = takeUpTo(reading, take)
  if (reading.upTo <= reading.after) return end(reading, 'ended')
  for (let before = -1; before < reading.lines; ) {
    before = reading.lines
    const complete = await download(service, reading, taking)
    if (reading.stopped) return end(reading, 'stopped')
    if (complete) return end(reading, 'ended')
  }
  return end(reading, 'short')
}

/** True once the announced end is reached. A broken connection is resumed as often as the service allows without progress. */
async function download(service: Service, reading: Reading, taking: TakeLine): Promise<boolean> {
  for (;;) {
    const before = reading.lines
    try {
      return await trying(service, '/v1/events', () => downloadOnce(service, reading, taking))
    } catch (error) {
      if (!(error instanceof CannotCheck) || reading.lines === before) throw error
    }
  }
}

async function downloadOnce(service: Service, reading: Reading, taking: TakeLine): Promise<boolean> {
  if (isComplete(reading)) return true
  const after = reading.after + reading.lines
  const limit = Number.isFinite(reading.upTo) ? `&limit=${reading.upTo - after}` : ''
  const response = await openStream(service, `/v1/events?after=${after}${limit}`, 'application/x-ndjson')
  if (response === null) throw new CannotCheck(`${service.url} serves no feed: is it the projection service?`)
  noteHead(reading, response.headers)
  const splitter = lineSplitter()
  for await (const piece of response.pieces) {
    if (!(await goesOn(reading, splitLines(splitter, piece, taking)))) return true
  }
  if (splitter.rest.length > 0) throw new Passing('it was cut in the middle of a line')
  return isComplete(reading)
}

function isComplete({ after, lines, upTo, announced, stopped }: Reading): boolean {
  if (stopped) return true
  return announced !== null && after + lines >= Math.min(announced, upTo)
}

function noteHead(reading: Reading, headers: Headers): void {
  const logId = headers.get('Log-Id')
  if (reading.logId !== null && logId !== reading.logId) {
    throw new CannotCheck(`the service changed to another log (${logId}) while it was being read`)
  }
  reading.logId = logId
  const position = headers.get('Log-Position')
  if (position === null || !/^\d{1,15}$/.test(position)) throw new CannotCheck('the feed does not say where it ends')
  reading.announced ??= Number(position)
}
