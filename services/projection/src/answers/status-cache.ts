/**
 * The statuses that this instance keeps in memory as answers.
 *
 * The guarantee: a read can lag behind the log, and its `Log-Position` says how far it has seen. What it shows is never older than that: it
 * includes every event up to that position. Five rules keep this true:
 *
 * 1. The position moves forward only together with the ids of all proposals that changed on the way, and their answers are dropped in the
 *    same step (`advance` in projections/view.ts).
 * 2. An answer from the database comes with the position of the snapshot that it was read in. It is kept only if that is not before the
 *    position of the view (`keep`): a change that the view has already passed could not be dropped any more.
 * 3. A new generation or another log empties the memory, and so does another past of the same log: the event up to which the view had seen is
 *    no longer there (`Standing.before`), as after a failover that lost events.
 * 4. An answer that shows other proposals (linked ones, its parts, and their totals) has the position that it was read at (`onlyAt`), and
 *    is served only at that position. Any event ends it, so it does not matter which proposals it depends on. An answer without links
 *    becomes one with links when somebody links to it; therefore, whoever moves the view names with each changed proposal the ones that it
 *    is linked to.
 *
 * 5. A new name of an organisation shows in all its proposals. Rule 4 applies to an answer that shows such a name. All answers are dropped
 *    if a proposal that records a new name changes.
 *
 * If an instance's own projector moved the view, it need not read back what that projector has just written. It makes the answer from the
 * projector's state, as long as the projector stands at the position of the view (`heldAt` in status/states.ts).
 */
import { LRUCache } from 'lru-cache'
import { type Checkpoint, createView, type View } from '../projections/view.ts'
import type { States } from '../status/states.ts'

export interface KeptAnswer {
  readonly status: 200 | 404
  /** The bytes as they are sent: a text would have to be encoded for each answer. */
  readonly body: Buffer
  readonly etag: string
  /** The day for which it was computed. It is valid until `until` (exclusive), or forever if that is null. */
  readonly day: string
  readonly until: string | null
  /** The only position of the view at which it is valid, if it depends on other proposals; otherwise null. */
  readonly onlyAt: number | null
}

export interface StatusView extends View<States> {
  readonly answers: LRUCache<string, KeptAnswer>
  /** Whether any organisation has a new name, so that statuses show more than their own streams; null if that is not known. */
  isRenamed: boolean | null
}

/** Overhead of an entry in addition to its bytes: key, objects, links of the list. */
const entryBytes = 400

/**
 * The longest answer and the largest state, in bytes, that is answered from memory. Longer ones are rare, and are answered
 * in a turn of the gate: many of them at once, for callers that do not read them, would exceed the memory. Short ones are sent as they are.
 */
export const longestKept = 128 * 1024

export function createStatusView(at: Parameters<typeof createView>[0], cacheBytes: number): StatusView {
  const answers = new LRUCache<string, KeptAnswer>({
    maxSize: cacheBytes,
    sizeCalculation: ({ body }) => body.length + entryBytes,
  })
  const view: StatusView = Object.assign(
    createView<States>(at, (changed) => {
      if (changed === 'many') {
        answers.clear()
        view.isRenamed = null
      } else for (const proposalId of changed) answers.delete(proposalId)
    }),
    { answers, isRenamed: null },
  )
  return view
}

/** Keeps an answer that was read in a snapshot at `at`, unless the view has moved past it meanwhile. */
export function keep(view: StatusView, proposalId: string, answer: KeptAnswer, at: Checkpoint): void {
  if (at.generation !== view.generation || at.logId !== view.logId || at.position < view.position) return
  if (answer.body.length <= longestKept) view.answers.set(proposalId, answer)
}

/** The kept answer, if it is valid on this day. */
export function kept(view: StatusView, proposalId: string, day: string): KeptAnswer | undefined {
  const answer = view.answers.get(proposalId)
  if (answer === undefined || (answer.onlyAt !== null && answer.onlyAt !== view.position)) return undefined
  return day >= answer.day && (answer.until === null || day < answer.until) ? answer : undefined
}
