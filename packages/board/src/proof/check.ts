/**
 * Everything that this browser checks: loaded apart from the pages, of which it knows nothing, and they know only its types and this module.
 */
import type { CheckedCheckpoint, VerifiedCheckpoint } from './checkpoint.ts'
import { checkCheckpoint, keptCheckpoint } from './checkpoint.ts'
import {
  type Continuity,
  checkContinuity,
  checkKey,
  type Kept,
  type KeyState,
  type LogService,
  toKeep,
} from './continuity.ts'
import { type CheckedEvents, checkEvents, type LineService, type ProvenEvent, type ShownEvent } from './events.ts'

export interface CheckedLog extends VerifiedCheckpoint {
  readonly continuity: Continuity
  readonly key: KeyState
  /** What was kept before this check. */
  readonly before: Kept | null
}

export type LogResult = CheckedLog | Exclude<CheckedCheckpoint, VerifiedCheckpoint>

export interface Keeping {
  readonly read: () => Kept | null
  readonly write: (kept: Kept) => void
}

interface Signed {
  readonly note: string
  readonly vkeys: string
}

/** Checks signature, key and continuity, and keeps the checkpoint if it continues what was kept. */
export async function checkLog(
  { note, vkeys }: Signed,
  service: LogService,
  { read, write }: Keeping,
): Promise<LogResult> {
  const checked = await checkCheckpoint(note, vkeys)
  if (checked.outcome !== 'verified') return checked
  const before = sound(read())
  const key = await checkKey(before, checked.signers)
  const continuity = await checkContinuity(before, checked.checkpoint, service)
  const kept = toKeep(before, checked, continuity, key, new Date().toISOString())
  if (kept !== null && kept !== before) write(kept)
  return { ...checked, continuity, key, before }
}

/** What cannot be read was never kept. */
function sound(kept: Kept | null): Kept | null {
  return kept === null || keptCheckpoint(kept.note) === null ? null : kept
}

export interface Service extends LogService, LineService {
  readonly checkpoint: () => Promise<string>
  readonly vkeys: () => Promise<string>
  /** All events of a proposal with their proofs. */
  readonly proven: (proposalId: string) => Promise<readonly ProvenEvent[]>
}

export interface ProposalResult {
  readonly log: LogResult
  /** Null if the log itself could not be verified. */
  readonly events: CheckedEvents | null
}

export async function checkLogOf(service: Service, keeping: Keeping): Promise<LogResult> {
  const [note, vkeys] = await Promise.all([service.checkpoint(), service.vkeys()])
  return checkLog({ note, vkeys }, service, keeping)
}

interface ProposalQuestion {
  readonly proposalId: string
  /** In the order of version, from 1. */
  readonly shown: readonly ShownEvent[]
  /** So many events the proposal has at least. */
  readonly version: number
}

/** The proofs are asked for first, and then the checkpoint: it covers all that they refer to. */
export async function checkProposal(
  service: Service,
  keeping: Keeping,
  { proposalId, shown, version }: ProposalQuestion,
): Promise<ProposalResult> {
  const proven = await service.proven(proposalId)
  const log = await checkLogOf(service, keeping)
  if (log.outcome !== 'verified') return { log, events: null }
  const question = { proposalId, shown, version, proven, checkpoint: log.checkpoint }
  return { log, events: await checkEvents(question, service) }
}
