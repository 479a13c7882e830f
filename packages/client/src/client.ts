import type { BulkLines } from './bulk-lines.ts'
import { changedSince, proposalChanges } from './changes.ts'
import { type CallOptions, type ClientOptions, connect } from './connection.ts'
import { type FeedOptions, readFeed } from './feed.ts'
import { type Get, get } from './get.ts'
import { type KeepInStep, keepInStep } from './keep-in-step.ts'
import type { AtLeast } from './log-point.ts'
import { type HistoryOptions, history, listProposals, type PagedOptions } from './pages.ts'
import {
  type GetEventTypes,
  type GetPortfolio,
  type GetProposal,
  getEventTypes,
  getPortfolio,
  getProposal,
  waitFor,
} from './reads.ts'
import { recordAtomically } from './record-atomically.ts'
import { type RecordEvent, recordEvent } from './record-event.ts'
import { recordEvents } from './record-events.ts'
import { type TryOptions, tryEvents } from './try-events.ts'
import type {
  AtomicRecorded,
  BulkSummary,
  ChangedProposal,
  EventItem,
  FeedLine,
  FieldChange,
  LineResult,
  LogPoint,
  ProposalFilters,
  ProposalStatus,
  TriedEvents,
} from './types.ts'

/** Both services, as functions that need no `this`. */
export interface Client {
  readonly recordEvent: RecordEvent
  /** See `recordEvents`: each line separately, streamed in both directions. */
  readonly recordEvents: (lines: BulkLines, options?: CallOptions) => AsyncGenerator<LineResult, BulkSummary, undefined>
  /** See `recordAtomically`: all lines, or none. */
  readonly recordAtomically: (lines: BulkLines, options?: CallOptions) => Promise<AtomicRecorded>
  /** See `tryEvents`: what would become of each line; nothing is recorded. */
  readonly tryEvents: (lines: BulkLines, options?: TryOptions) => Promise<TriedEvents>
  /** See `KeepInStep`: brings a proposal to the state that your system has. */
  readonly keepInStep: KeepInStep
  /** Any read that is answered with JSON, including those without a separate function here. */
  readonly get: Get
  readonly getProposal: GetProposal
  readonly portfolio: GetPortfolio
  /**
   * Every proposal that matches the filters, now or at the moment that they name.
   * @throws ProblemError `before-beginning` if there was nothing at that moment
   */
  readonly listProposals: (
    filters?: ProposalFilters,
    options?: PagedOptions,
  ) => AsyncGenerator<ProposalStatus, void, undefined>
  /** The events of one proposal. @throws ProblemError `unknown-proposal` */
  readonly history: (proposalId: string, options?: HistoryOptions) => AsyncGenerator<EventItem, void, undefined>
  /** The values of each field of a proposal's status over time, and the events that set them. @throws ProblemError `unknown-proposal` */
  readonly proposalChanges: (
    proposalId: string,
    options?: HistoryOptions,
  ) => AsyncGenerator<FieldChange, void, undefined>
  /**
   * For polling: every proposal that an event changed after a position, each once. The return value of the generator is
   * the `since` of the next poll. @throws ProblemError `beyond-head`
   */
  readonly changedSince: (
    since: number | LogPoint,
    options?: PagedOptions,
  ) => AsyncGenerator<ChangedProposal, LogPoint, undefined>
  readonly eventTypes: GetEventTypes
  /** The lines of the log, without gaps, up to its end. */
  readonly feed: (options?: FeedOptions) => AsyncGenerator<FeedLine, void, undefined>
  /** Waits until reads see the position; resolves to what they see by then. @throws ProblemError `not-yet-applied` */
  readonly waitFor: (position: AtLeast, options?: CallOptions) => Promise<LogPoint>
}

/**
 * A client of the command service and the projection service.
 *
 * const client = createClient({ commandUrl: 'http://127.0.0.1:8080', projectionUrl, apiKey }) const recorded = await
 * client.recordEvent('jcm10', { type: 'agreed', occurredOn: '2026-08', evidence, data }) const { value } = await
 * client.getProposal('jcm10', { atLeast: recorded })
 *
 * Temporary failures (no answer, 429, 503) are retried for a minute, writes with the same key; everything else is thrown at once, as a
 * `CommitmentsError`.
 */
export function createClient(options: ClientOptions): Client {
  const connection = connect(options)
  return {
    recordEvent: ((...given: Parameters<RecordEvent>) => recordEvent(connection, ...given)) as RecordEvent,
    recordEvents: (lines, options) => recordEvents(connection, lines, options),
    recordAtomically: (lines, options) => recordAtomically(connection, lines, options),
    tryEvents: (lines, options) => tryEvents(connection, lines, options),
    keepInStep: ((...given: Parameters<KeepInStep>) => keepInStep(connection, ...given)) as KeepInStep,
    get: ((...given: Parameters<Get>) => get(connection, ...given)) as Get,
    getProposal: ((...given: Parameters<GetProposal>) => getProposal(connection, ...given)) as GetProposal,
    portfolio: ((...given: Parameters<GetPortfolio>) => getPortfolio(connection, ...given)) as GetPortfolio,
    listProposals: (filters = {}, options = {}) => listProposals(connection, filters, options),
    history: (proposalId, options = {}) => history(connection, proposalId, options),
    proposalChanges: (proposalId, options = {}) => proposalChanges(connection, proposalId, options),
    changedSince: (since, options = {}) => changedSince(connection, since, options),
    eventTypes: ((...given: Parameters<GetEventTypes>) => getEventTypes(connection, ...given)) as GetEventTypes,
    feed: (options = {}) => readFeed(connection, options),
    waitFor: (position, options) => waitFor(connection, position, options),
  }
}
