/** The two forms of the stream: the lines of the log, or only what changed, for readers who show a part of the ledger and ask for that part again. */
import { TookTooLong, withTimeout } from '@commitments/event-store'
import { inTurn } from '@commitments/http-kit/turns'
import { type Change, frameAt, framesFrom, type Portion, seenUpTo } from './frames.ts'
import { type Hub, readLimit } from './hub.ts'

/** Values of one filter are alternatives; different filters narrow each other. */
interface ChangeFilter {
  readonly proposal?: readonly string[] | undefined
  readonly type?: readonly string[] | undefined
  readonly party?: readonly string[] | undefined
}

/** What a reader gets of a portion from that place on. */
export type Form = (hub: Hub, portion: Portion, place: number) => Buffer | Promise<Buffer>

/** The lines of the log, all of them. */
export const wholeLines: Form = (_hub, { lines }, place) => framesFrom(lines, place)

/** The changes that pass the filter. The id of the stream moves on with what does not, so that nobody reads that again after reconnecting. */
export function changesFor(filter: ChangeFilter): Form {
  const { proposal, type, party } = filter
  if (proposal === undefined && type === undefined && party === undefined)
    return (_hub, { changes }, place) => framesFrom(changes, place)
  return async (hub, { logId, changes, changed, last }, place) => {
    const near = changed.filter((change, at) => at >= place && isNear(change, filter))
    const namedFrom = party === undefined ? null : await readNamedFrom(hub, near, party, last)
    const passing = new Set(
      near.filter(
        ({ proposalId, position }) =>
          namedFrom === null || position >= (namedFrom.get(proposalId) ?? Number.POSITIVE_INFINITY),
      ),
    )
    const frames = changed.flatMap((change, at) => (passing.has(change) ? [frameAt(changes, at)] : []))
    const isLast = changed.slice(-1).some((change) => passing.has(change))
    return Buffer.concat(isLast ? frames : [...frames, seenUpTo({ logId, position: last })])
  }
}

/** A line whose type cannot be read is sent all the same: nothing is kept from anybody because of a fault of ours. */
function isNear({ proposalId, type }: Change, filter: ChangeFilter): boolean {
  return filter.proposal?.includes(proposalId) !== false && (type === null || filter.type?.includes(type) !== false)
}

const namedFromQuery = {
  name: 'read-named-from',
  text: `SELECT h.position AS head, n.proposal_id AS "proposalId", n.position
    FROM (SELECT max(position) AS position FROM events) h
    LEFT JOIN (SELECT proposal_id, min(position) AS position FROM events
       WHERE proposal_id = ANY ($1) AND position <= $2 AND line LIKE ANY ($3) GROUP BY proposal_id) n ON true`,
}

interface NamedFrom {
  readonly head: number | null
  readonly proposalId: string | null
  readonly position: number
}

/**
 * For each proposal of these changes, the first of its events whose data name one of the parties. What is left out is exact only because
 * that never moves: who took part by mistake, or left, still gets the events that say so.
 *
 * @throws TookTooLong if the server that answers has not received these events yet
 */
async function readNamedFrom(
  { pool, catchingUp }: Hub,
  changes: readonly Change[],
  parties: readonly string[],
  last: number,
): Promise<ReadonlyMap<string, number>> {
  if (changes.length === 0) return new Map()
  const ids = [...new Set(changes.map(({ proposalId }) => proposalId))]
  // An id of a party has no sign with a meaning in a pattern. `recordedBy` and `assertedBy` come before `data`.
  const patterns = parties.map((party) => `%"data":{%"${party}"%`)
  const query = () => pool.query<NamedFrom>({ ...namedFromQuery, values: [ids, last, patterns] })
  const { rows } = await inTurn(catchingUp, () => withTimeout(readLimit, query()))
  if ((rows[0]?.head ?? 0) < last) throw new TookTooLong()
  return new Map(rows.flatMap(({ proposalId, position }) => (proposalId === null ? [] : [[proposalId, position]])))
}
