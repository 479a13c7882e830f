import { definitionOf, type RecordedEvent } from './event-types.ts'
import type { Proposal } from './proposal.ts'

/** Why a stream cannot have come about: our log or our code is broken. */
export type Impossibility = 'unknown-event-type' | 'wrong-proposal' | 'wrong-version' | 'begun-twice' | 'not-begun'

/** Thrown for a history that cannot be. To carry on with the old state would hide a broken log. */
export class ImpossibleHistory extends Error {
  override readonly name = 'ImpossibleHistory'
  readonly code: Impossibility

  constructor(code: Impossibility, { position, proposalId, version, type }: RecordedEvent) {
    super(`${code}: event ${version} (${type}) of ${proposalId} at position ${position}`)
    this.code = code
  }
}

/**
 * The state after one more event. It does not judge what was accepted once; it throws {@link ImpossibleHistory} for what cannot follow.
 * It reads an event as it was recorded: corrections are the business of {@link foldStream}.
 */
export function evolve(proposal: Proposal | null, event: RecordedEvent): Proposal {
  const definition = definitionOf(event.type)
  if (!definition) throw new ImpossibleHistory('unknown-event-type', event)
  follows(proposal, event, definition.accepts === 'new')
  return advance(definition.evolve(proposal, event), event)
}

/**
 * The state of a whole stream, or null for an empty one: the one entry for whole streams, in order of version from 1.
 *
 * `corrected` and `retracted` will fit here and nowhere else. They change how earlier events are read, so that this function will look
 * through the stream for them first, and then fold each event either as it was recorded, or as corrected, or, where retracted, by
 * `advance` alone. `evolve` stays as it is; whoever folds step by step must come here again when such an event arrives.
 */
export function foldStream(events: Iterable<RecordedEvent>): Proposal | null {
  let proposal: Proposal | null = null
  for (const event of events) proposal = evolve(proposal, event)
  return proposal
}

function follows(proposal: Proposal | null, event: RecordedEvent, begins: boolean): void {
  if (proposal === null) {
    if (!begins) throw new ImpossibleHistory('not-begun', event)
    if (event.version !== 1) throw new ImpossibleHistory('wrong-version', event)
    return
  }
  if (begins) throw new ImpossibleHistory('begun-twice', event)
  if (event.proposalId !== proposal.proposalId) throw new ImpossibleHistory('wrong-proposal', event)
  if (event.version !== proposal.version + 1) throw new ImpossibleHistory('wrong-version', event)
}

/** What every event does to the state, whatever it says. */
function advance(proposal: Proposal, { version, position, recordedAt, evidence = [] }: RecordedEvent): Proposal {
  return { ...proposal, version, position, recordedAt, evidenceCount: proposal.evidenceCount + evidence.length }
}
