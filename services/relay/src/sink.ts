/** What the relay needs of a message broker. One file for each kind of broker implements it. */

/** One event, as it is published. */
export interface Message {
  /** The log of the position. */
  readonly logId: string
  readonly position: number
  /** The id of the message: the same event has the same id wherever it is published. */
  readonly eventId: string
  readonly type: string
  readonly proposalId: string
  /** The CloudEvent in structured mode (JSON); its `data` is the line of the log, byte for byte. */
  readonly body: string
}

/** The last event that a stream holds. */
export type StreamEnd = Pick<Message, 'logId' | 'position' | 'eventId'>

/** A stream of a broker that this relay alone publishes to. */
export interface Sink {
  /**
   * Where the stream ends, as the broker says; null if nothing was ever published to it, and `unknown` if its last message is gone (expired,
   * purged, deleted). The relay keeps no place of its own, so the stream and the place cannot disagree.
   * @throws RelayStopped if its last message is not the relay's
   */
  readEnd(): Promise<StreamEnd | null | 'unknown'>
  /**
   * Stores the messages after the end of the stream that `readEnd` gave, in this order and without a gap: if one is not stored, none after it
   * is. If it fails, some may be stored; `readEnd` tells.
   */
  publish(messages: readonly Message[]): Promise<void>
  close(): Promise<void>
}

type StopReason =
  | 'log-changed'
  | 'log-went-back'
  | 'end-unknown'
  | 'not-ours'
  | 'wrong-subject'
  | 'refused'
  | 'begin-given'

/** The relay cannot continue until somebody decides. Starting it again does not help. */
export class RelayStopped extends Error {
  override name = 'RelayStopped'
  readonly reason: StopReason

  constructor(reason: StopReason, message: string, options?: ErrorOptions) {
    super(message, options)
    this.reason = reason
  }
}
