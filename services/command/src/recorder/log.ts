import type { Appended, EventToAppend } from '@commitments/event-store'

export interface AppendOptions {
  readonly allOrNone?: boolean
  /** How long this try may take, in milliseconds; the log has a limit of its own as well. */
  readonly withinMs?: number
}

/** What the recorder needs of the log. `openLog` (open-log.ts) is the one implementation; the interface keeps the recorder readable. */
export interface Log {
  /**
   * One call of append_events.
   * @throws NotSent where no connection could be had: certainly nothing was recorded
   * @throws the driver's errors as they are otherwise; `classifyFault` tells what each one means
   */
  append(events: readonly EventToAppend[], options?: AppendOptions): Promise<Appended[]>
  /**
   * Every line of each stream, in order of version; a proposal that does not exist has no entry.
   * @throws Unavailable, as every read does
   */
  readStreams(proposalIds: readonly string[]): Promise<Map<string, string[]>>
  /** The recorded line of each key that is known, by its digest. */
  readKeys(digests: readonly string[]): Promise<Map<string, string>>
  /** The identity of the log. */
  readIdentity(): Promise<string>
}

/** No connection could be had, so nothing was sent. */
export class NotSent extends Error {
  override readonly name = 'NotSent'
}
