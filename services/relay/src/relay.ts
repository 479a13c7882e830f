/** The relay: reads the feed after the end of the stream, and publishes what it reads. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from 'pino'
import { type Feed, type FeedPage, readPage, waitForMore } from './feed.ts'
import { RelayStopped, type Sink, type StreamEnd } from './sink.ts'

interface RelayOptions {
  readonly feed: Feed
  readonly sink: Sink
  /** Where to begin in a stream that cannot tell where it ends. Absent: at the first event, in a stream that nothing was published to. */
  readonly after: number | undefined
  readonly logger: Logger
  /** Ends the relay. */
  readonly signal: AbortSignal
  /** Milliseconds: the first pause after a failure; it doubles with each further one. */
  readonly firstPause?: number
}

/** What the relay tells others while it runs. */
export interface RelayState {
  /** The last position that the stream holds; null until the broker has told. */
  published: number | null
  /** Where the log ended when it was last read; null until then. */
  head: number | null
  /** Since the start. */
  events: number
  failures: number
  /** Why it does not publish now; null if it does. */
  fault: string | null
}

export function initialState(): RelayState {
  return { published: null, head: null, events: 0, failures: 0, fault: null }
}

const longestPause = 30_000

/**
 * Publishes every event of the log, in the order of the log, until the signal ends it. After any failure it asks the stream where it ends
 * and continues there. So it never skips an event, and it publishes none twice: the stream refuses a message that does not follow its end.
 *
 * @throws RelayStopped if it cannot continue until somebody decides
 */
export async function runRelay(options: RelayOptions, state: RelayState): Promise<void> {
  const { logger, signal, firstPause = 500 } = options
  let pause = firstPause
  while (!signal.aborted) {
    try {
      await publishFromEnd(options, state, () => {
        pause = firstPause
      })
    } catch (error) {
      if (signal.aborted) return
      if (error instanceof RelayStopped) throw error
      state.failures += 1
      state.fault = error instanceof Error ? error.message : String(error)
      logger.warn({ err: error, pause }, 'the relay could not go on; it will try again')
      await sleep(pause * (0.5 + Math.random() / 2), undefined, { signal }).catch(() => {})
      pause = Math.min(longestPause, pause * 2)
    }
  }
}

/** Runs until something fails. `onProgress` is called after each step that succeeded. */
async function publishFromEnd(
  { feed, sink, after, logger, signal }: RelayOptions,
  state: RelayState,
  onProgress: () => void,
): Promise<void> {
  let end = beginning(await sink.readEnd(), after, state)
  logger.info({ end, after }, 'the stream tells where it ends')
  while (!signal.aborted) {
    // With an end, the page begins with the last event of the stream (`newMessages`).
    const page = await readPage(feed, end === null ? (after ?? 0) : end.position - 1, signal)
    const messages = end === null ? page.messages : newMessages(page, end)
    if (messages.length > 0) {
      await sink.publish(messages)
      end = messages.at(-1) as StreamEnd
      state.events += messages.length
    }
    const position = end?.position ?? after ?? 0
    Object.assign(state, { published: position, head: Math.max(page.head, position), fault: null })
    onProgress()
    if (position >= page.head) await waitForMore(feed, position, signal)
  }
}

/**
 * Where to continue; null: behind `after`, or at the first event. `--after` counts only where the stream cannot tell: anywhere else it would
 * publish events twice, or skip some.
 */
function beginning(end: StreamEnd | null | 'unknown', after: number | undefined, state: RelayState): StreamEnd | null {
  const isFirst = state.published === null
  if (end === 'unknown') {
    if (after !== undefined && isFirst) return null
    throw new RelayStopped(
      'end-unknown',
      'The last message of the stream is gone (expired, purged or deleted), so the stream does not tell which event it was. ' +
        'Find out the last position that its readers have, and start the relay once with --after=<position>.',
    )
  }
  if (end !== null && after !== undefined && isFirst) {
    throw new RelayStopped(
      'begin-given',
      `The stream ends with position ${end.position}, and the relay continues there. Start it without --after=${after}.`,
    )
  }
  return end
}

/**
 * What of a page comes after the end of the stream. The page begins with the last event of the stream, so that another past is noticed even
 * if the log has grown beyond the lost events again.
 */
function newMessages({ logId, messages: [last, ...messages] }: FeedPage, end: StreamEnd): FeedPage['messages'] {
  if (logId !== end.logId) {
    throw new RelayStopped(
      'log-changed',
      `The stream holds events of the log ${end.logId}, and the service now serves the log ${logId}: it was restored, and positions of the one mean nothing in the other. ` +
        'Tell the readers of the stream, and give the new log a stream of its own (NATS_STREAM, NATS_SUBJECT).',
    )
  }
  if (last?.eventId !== end.eventId) {
    throw new RelayStopped(
      'log-went-back',
      `At position ${end.position} the stream holds the event ${end.eventId}, and the log ${last?.eventId ?? 'has none'}: the log has lost events that were published. ` +
        'Find out from the operator of the log what was given up. Then give the relay a new stream (NATS_STREAM, NATS_SUBJECT).',
    )
  }
  return messages
}
