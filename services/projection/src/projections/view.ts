/**
 * How far an instance has seen a read model. Answers are served with this position. It moves forward only together with what changed on the
 * way: kept answers are dropped in the same step (`advance`), and nothing can be served in between, because there is no `await` in it.
 */
import { Bag, type Bagged } from '@commitments/http-kit/bag'

/** Where a read model stands: one snapshot's view of it. */
export interface Checkpoint {
  readonly logId: string
  readonly generation: number
  readonly position: number
}

/** The end of what was seen. */
interface Seen extends Checkpoint {
  /**
   * The id of the event at the position; null: there is none. After a failover that lost events, or a restore, the same log can have another one
   * there. Absent: not known, so not compared.
   */
  readonly eventId?: string | null | undefined
}

/** What a look at the read model has found. */
export interface Standing extends Seen {
  readonly changed: Changed
  /** The id of the event that is now at the position up to which it was seen before. */
  readonly before: string | null
}

interface Waiter extends Bagged {
  readonly position: number
  readonly resume: () => void
}

/** Changed proposals and the ones that they are linked to, or `'many'` if it is cheaper to drop everything. */
export type Changed = Iterable<string> | 'many'

export interface View<Memory = unknown> extends Seen {
  logId: string
  generation: number
  position: number
  eventId: string | null | undefined
  /** Grows with each other past that was found: what was read before is then of events that may be lost. */
  pasts: number
  /** The memory of this instance's projector, if that projector moved the view to its position. */
  memory: Memory | null
  /** Called with what changed, or to say that nothing kept is valid any more. */
  readonly forget: (changed: Changed) => void
  readonly waiters: Bag<Waiter>
  /** Ends the pause of the local projector; null: it is not pausing. */
  hurry: (() => void) | null
}

export function createView<Memory>(at: Seen, forget: View['forget'] = () => {}): View<Memory> {
  const { logId, generation, position, eventId } = at
  return { logId, generation, position, eventId, pasts: 0, memory: null, forget, waiters: new Bag(), hurry: null }
}

/**
 * Moves the view to the position of the read model, has what changed on the way dropped, and wakes those who wait for it. What was seen of
 * another past is dropped as a whole, however far the read model is by now.
 *
 * @param memory of the local projector, if it has just moved the read model itself
 */
export function advance<Memory>(
  view: View<Memory>,
  to: Seen & Partial<Pick<Standing, 'before'>>,
  changed: Changed,
  memory?: Memory,
): void {
  const isOther = to.logId !== view.logId || isReplaced(view.eventId, to.before)
  const isSame = to.generation === view.generation && !isOther
  if (isOther) view.pasts += 1
  const stays = isSame && to.position === view.position
  view.forget(isSame && to.position >= view.position ? changed : 'many')
  view.memory = memory ?? (stays ? view.memory : null)
  view.generation = to.generation
  view.logId = to.logId
  view.position = to.position
  view.eventId = to.eventId
  for (const waiter of view.waiters) if (waiter.position <= view.position) waiter.resume()
}

function isReplaced(seen: string | null | undefined, now: string | null | undefined): boolean {
  return seen !== undefined && now !== undefined && seen !== now
}

/** Resolves to true once the view has reached the position, or to false when the time is over or the signal fires. */
export function reached(view: View, position: number, milliseconds: number, signal?: AbortSignal): Promise<boolean> {
  if (position <= view.position) return Promise.resolve(true)
  return new Promise((resolve) => {
    const end = (result: boolean) => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', giveUp)
      view.waiters.delete(waiter)
      resolve(result)
    }
    const giveUp = () => end(false)
    const waiter: Waiter = { position, resume: () => end(true), place: -1 }
    const timer = setTimeout(giveUp, milliseconds)
    signal?.addEventListener('abort', giveUp, { once: true })
    view.waiters.add(waiter)
    view.hurry?.()
    if (signal?.aborted) giveUp()
  })
}

/** A pause of a projector, which ends when somebody begins to wait for the view, and is none while somebody does. */
export async function pauseUntilAwaited(view: View, milliseconds: number, signal: AbortSignal): Promise<void> {
  if (view.waiters.size > 0 || signal.aborted) return
  const { promise, resolve } = Promise.withResolvers<void>()
  const end = () => resolve()
  const timer = setTimeout(end, milliseconds)
  signal.addEventListener('abort', end, { once: true })
  view.hurry = end
  await promise
  view.hurry = null
  signal.removeEventListener('abort', end)
  clearTimeout(timer)
}
