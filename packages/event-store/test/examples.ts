import { randomBytes, randomUUID } from 'node:crypto'
import { type Appended, appendEvents, type EventToAppend, type Queryable } from '@commitments/event-store'

/** By default an event that begins a stream. In its line, `members` come after those of every event. */
export function event(
  proposalId: string,
  version = 1,
  more: Partial<EventToAppend> = {},
  members: object = {},
): EventToAppend {
  const eventId = randomUUID()
  const rest = restOf({ eventId, proposalId, version }, members)
  return { proposalId, version, eventId, keyDigest: null, rest, restsOn: [], ...more }
}

/** The row to append for an event: its line without position and time. */
export function restOf(
  { eventId, proposalId, version }: Pick<EventToAppend, 'eventId' | 'proposalId' | 'version'>,
  members: object = {},
): string {
  const nonce = 'AAAAAAAAAAAAAAAAAAAAAA'
  return JSON.stringify({ eventId, nonce, proposalId, version, type: 'noted', ...members }).slice(1)
}

/** Events of one stream that follow each other. */
export function run(proposalId: string, from: number, length: number): EventToAppend[] {
  return Array.from({ length }, (_, index) => event(proposalId, from + index))
}

export function key(): string {
  return randomBytes(16).toString('hex')
}

/** Appends a stream of this length. */
export async function given(client: Queryable, proposalId: string, length: number): Promise<Appended[]> {
  return await appendEvents(client, run(proposalId, 1, length))
}

export function outcomes(appended: readonly Appended[]): string[] {
  return appended.map((one) => one.outcome)
}
