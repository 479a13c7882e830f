/**
 * How far an instance has seen a read model. Answers are served under this position, so it moves forward only together with what
 * changed on the way: whoever keeps answers forgets them in the same step (`advance`), and nothing can be served in between, for there
 * is no `await` in it.
 */

/** Where a read model stands: one snapshot's view of it. */
export interface Checkpoint {
  readonly logId: string
  readonly generation: number
  readonly position: number
}

interface Waiter {
  readonly position: number
  readonly resume: () => void
}

/** Changed proposals and those that they are linked to, or `'many'` where it is cheaper to forget all. */
export type Changed = Iterable<string> | 'many'

export interface View<Memory = unknown> extends Checkpoint {
  logId: string
  generation: number
  position: number
  /** What the projector of this instance holds, where it was that one that moved the view to where it stands. */
  memory: Memory | null
  /** Is told what changed, or that nothing of before holds any more. */
  readonly forget: (changed: Changed) => void
  readonly waiters: Set<Waiter>
}

export function createView<Memory>(at: Checkpoint, forget: View['forget'] = () => {}): View<Memory> {
  return { ...at, memory: null, forget, waiters: new Set() }
}

/**
 * Moves the view to where the read model now stands, lets what changed on the way be forgotten, and wakes those who waited for it.
 * @param memory of the projector here, where it has just moved the read model itself
 */
export function advance<Memory>(view: View<Memory>, to: Checkpoint, changed: Changed, memory?: Memory): void {
  const isSame = to.generation === view.generation && to.logId === view.logId
  const stays = isSame && to.position === view.position
  view.forget(isSame && to.position >= view.position ? changed : 'many')
  view.memory = memory ?? (stays ? view.memory : null)
  view.generation = to.generation
  view.logId = to.logId
  view.position = to.position
  for (const waiter of view.waiters) if (waiter.position <= view.position) waiter.resume()
}

/** Resolves to true once the view has reached the position, to false when the time is over or the signal fires. */
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
    const waiter = { position, resume: () => end(true) }
    const timer = setTimeout(giveUp, milliseconds)
    signal?.addEventListener('abort', giveUp, { once: true })
    view.waiters.add(waiter)
    if (signal?.aborted) giveUp()
  })
}
