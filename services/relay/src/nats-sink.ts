/** A stream of NATS JetStream as a sink. */
import {
  JetStreamApiCodes,
  JetStreamApiError,
  type JetStreamClient,
  type JetStreamManager,
  jetstream,
  jetstreamManager,
  RetentionPolicy,
  StorageType,
  type StreamInfo,
} from '@nats-io/jetstream'
import { connect, credsAuthenticator, headers, type NatsConnection, nanos } from '@nats-io/transport-node'
import type { Logger } from 'pino'
import { type Message, RelayStopped, type Sink, type StreamEnd } from './sink.ts'

interface NatsOptions {
  readonly servers: readonly string[]
  /** The name of the stream. It is made if there is none. */
  readonly stream: string
  /** Messages go to `<subject>.<proposalId>.<type>`. */
  readonly subject: string
  /** The content of a credentials file as `nsc` writes it. */
  readonly credentials: Uint8Array | undefined
  readonly logger: Logger
}

/** Headers of every message beside those of NATS and CloudEvents. */
const logIdHeader = 'Commitments-Log-Id'
const positionHeader = 'Commitments-Position'

/** Milliseconds for one answer of the server. */
const patience = 10_000

/** Milliseconds in which the server itself recognises a message id that it has seen: its own default, written down. */
const duplicateWindow = 120_000

interface Open {
  readonly connection: NatsConnection
  readonly manager: JetStreamManager
  readonly client: JetStreamClient
}

/**
 * Each message names the sequence number that it must follow in the stream (`Nats-Expected-Last-Sequence`), so the server refuses whatever
 * comes after a message that it did not store, and what a second relay sends. `Nats-Msg-Id` is the `eventId`.
 */
export function natsSink(options: NatsOptions): Sink {
  let open: Open | null = null
  /** The sequence number of the last message; meaningful after `readEnd`. */
  let lastSequence = 0
  return {
    async readEnd() {
      if (open === null || open.connection.isClosed()) open = await openConnection(options)
      const { state } = await streamInfo(open.manager, options)
      await assertTakes(open.manager, options)
      lastSequence = state.last_seq
      return state.last_seq === 0 ? null : await lastOf(open.manager, options, state.last_seq)
    },
    async publish(messages) {
      if (open === null) throw new Error('Ask for the end of the stream first.')
      const { client } = open
      const expected = lastSequence
      const sent = messages.map((message, index) => send(client, options, message, expected + index))
      const results = await Promise.allSettled(sent)
      const failed = results.find((one) => one.status === 'rejected')
      if (failed) throw failed.reason
      lastSequence = expected + messages.length
      const last = results.at(-1)
      if (last?.status === 'fulfilled' && last.value !== lastSequence) {
        throw new Error('The stream held some of the messages already; it is asked again where it ends.')
      }
    },
    async close() {
      await open?.connection.close()
    },
  }
}

async function openConnection({ servers, credentials, logger }: NatsOptions): Promise<Open> {
  const connection = await connect({
    servers: [...servers],
    name: 'commitments-relay',
    timeout: patience,
    // A lost connection is made anew by `readEnd`, which also asks where the stream ends.
    reconnect: false,
    ...(credentials !== undefined && { authenticator: credsAuthenticator(credentials) }),
  })
  logger.info({ server: connection.getServer() }, 'connected to NATS')
  const manager = await jetstreamManager(connection, { timeout: patience })
  return { connection, manager, client: jetstream(connection, { timeout: patience }) }
}

/** A message whose subject no stream takes is lost, and the server calls that "jetstream is not enabled". */
async function assertTakes(manager: JetStreamManager, { stream, subject }: NatsOptions): Promise<void> {
  const taker = await manager.streams.find(`${subject}.proposal.type`).catch(() => null)
  if (taker === stream) return
  const found = taker === null ? 'no stream does' : `${taker} does`
  throw new RelayStopped(
    'wrong-subject',
    `The stream ${stream} does not take messages for ${subject}.>: ${found}. Add ${subject}.> to the subjects of the stream ${stream}, or set NATS_SUBJECT.`,
  )
}

async function streamInfo(manager: JetStreamManager, { stream, subject, logger }: NatsOptions): Promise<StreamInfo> {
  try {
    return await manager.streams.info(stream)
  } catch (error) {
    if (!(error instanceof JetStreamApiError) || error.code !== JetStreamApiCodes.StreamNotFound) throw error
    logger.info({ stream, subject }, 'there is no such stream; it is made')
    return manager.streams.add({
      name: stream,
      subjects: [`${subject}.>`],
      storage: StorageType.File,
      retention: RetentionPolicy.Limits,
      duplicate_window: nanos(duplicateWindow),
    })
  }
}

async function lastOf(
  manager: JetStreamManager,
  { stream }: NatsOptions,
  sequence: number,
): Promise<StreamEnd | 'unknown'> {
  const message = await manager.streams.getMessage(stream, { seq: sequence })
  if (message === null) return 'unknown'
  const logId = message.header.get(logIdHeader)
  const position = Number(message.header.get(positionHeader))
  const eventId = message.header.get('Nats-Msg-Id')
  if (logId === '' || eventId === '' || !Number.isSafeInteger(position) || position < 1) {
    throw new RelayStopped(
      'not-ours',
      `The last message of the stream ${stream} (sequence ${sequence}, subject ${message.subject}) was not published by this relay. ` +
        'Give the relay a stream that nobody else publishes to (NATS_STREAM, NATS_SUBJECT).',
    )
  }
  return { logId, position, eventId }
}

/** The sequence number under which the message is stored. */
async function send(
  client: JetStreamClient,
  { stream, subject }: NatsOptions,
  message: Message,
  lastSequence: number,
): Promise<number> {
  const own = headers()
  own.set('content-type', 'application/cloudevents+json; charset=UTF-8')
  own.set(logIdHeader, message.logId)
  own.set(positionHeader, String(message.position))
  const { seq } = await client.publish(`${subject}.${message.proposalId}.${message.type}`, message.body, {
    msgID: message.eventId,
    headers: own,
    expect: { streamName: stream, lastSequence },
  })
  return seq
}
