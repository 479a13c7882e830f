/** `atLeast`: an answer that has seen less than a position is never given. Every route that reads waits and reads through here. */
import { setTimeout as sleep } from 'node:timers/promises'
import { type Queryable, readHead } from '@commitments/event-store'
import { outOfTurn } from '@commitments/http-kit'
import { type ProjectionName } from '../projection-names.ts'
import { inSnapshot, type Snapshot } from '../projections/snapshot.ts'
import { reached, type View } from '../projections/view.ts'
import type { Service } from '../service.ts'
import { beginSnapshot, inTransaction } from '../transaction.ts'
import { notYetApplied, reading, type Seen } from './reading.ts'

/**
 * Waits until a projection (the statuses by default) has applied the position.
 *
 * @throws the problem `not-yet-applied` if that takes longer than the service waits; an older answer is never given instead.
 */
export async function waitFor(service: Service, position: number, view: View = service.view): Promise<void> {
  if (position <= view.position || (await outOfTurn(() => reached(view, position, service.patience)))) return
  throw notYetApplied(service, position, view.position)
}

/** What was read has seen less of the log than the answer must have seen. */
class SeenLess extends Error {
  readonly seen: number

  constructor(seen: number) {
    super(`This server has the log up to position ${seen}.`)
    this.seen = seen
  }
}

/** @throws SeenLess for {@link reading} and {@link untilSeen}, if less than the position was seen */
export function mustHaveSeen(position: number, { position: seen }: Pick<Seen, 'position'>): void {
  if (seen < position) throw new SeenLess(seen)
}

/** Milliseconds after which a read that saw too little is made again: by then, the standby that answered has probably received more. */
const readAgainAfter = 25

/**
 * Waits until a projection (the statuses by default) has applied the position, and reads. What is read may still have seen less: connections
 * of a pool can lead to several standbys, and a server that crashed can come back without its last checkpoints. Then it is read again.
 *
 * @param read throws what {@link mustHaveSeen} throws, if it has seen less
 * @throws the problem `not-yet-applied` if that takes longer than the service waits; an older answer is never given instead.
 */
export async function untilSeen<T>(
  service: Service,
  position: number,
  read: () => Promise<T>,
  view: View = service.view,
): Promise<T> {
  const until = performance.now() + service.patience
  await waitFor(service, position, view)
  return readAgain(service, position, read, view, until)
}

async function readAgain<T>(
  service: Service,
  position: number,
  read: () => Promise<T>,
  view: View = service.view,
  until = performance.now() + service.patience,
): Promise<T> {
  for (;;) {
    try {
      return await read()
    } catch (error) {
      if (!(error instanceof SeenLess)) throw error
      const left = until - performance.now()
      if (left <= 0) throw notYetApplied(service, position, error.seen)
      await outOfTurn<unknown>(() => (view.position < position ? reached(view, position, left) : sleep(readAgainAfter)))
    }
  }
}

/** The end of the log, which is not before the position; it waits as {@link fromLog} does. */
export function readHeadFrom(service: Service, position: number): Promise<Seen> {
  return readAgain(service, position, async () => {
    const head = await reading(() => readHead(service.pool))
    mustHaveSeen(position, head)
    return head
  })
}

/** What a read of the log has seen of it, and what it found. */
interface FromLog<T> {
  readonly head: Seen
  readonly found: T
}

/**
 * Reads from the log itself, in one snapshot that has the position: it waits only if the log ends before that, however far the read models
 * are. Several statements on connections of their own could come from servers of which one has more than the other.
 *
 * @throws the problem `not-yet-applied` as {@link untilSeen}
 */
export function fromLog<T>(
  service: Service,
  position: number,
  read: (client: Queryable, head: Seen) => Promise<T>,
): Promise<FromLog<T>> {
  const once = async (client: Queryable) => {
    const head = await readHead(client)
    return { head, found: head.position < position ? null : { value: await read(client, head) } }
  }
  return readAgain(service, position, async () => {
    const { head, found } = await reading(() => inTransaction(service.pool, once, { begin: beginSnapshot }))
    if (found === null) throw new SeenLess(head.position)
    return { head, found: found.value }
  })
}

/** Reads in one snapshot of a projection (the statuses by default) that has seen the position; see {@link untilSeen}. */
export function inSnapshotOf<T>(
  service: Service,
  position: number,
  read: (snapshot: Snapshot) => Promise<T>,
  projection: ProjectionName = 'proposal-status',
): Promise<T> {
  const once = (snapshot: Snapshot) => {
    mustHaveSeen(position, snapshot)
    return read(snapshot)
  }
  const view = projection === 'proposal-status' ? service.view : service.moments
  return untilSeen(service, position, () => reading(() => inSnapshot(service.db, once, projection)), view)
}
