export type { BulkLines } from './bulk-lines.ts'
export { type Client, createClient } from './client.ts'
export type { CallOptions, ClientOptions } from './connection.ts'
export {
  CommitmentsError,
  ContractBroken,
  CutShort,
  GapInFeed,
  LogChanged,
  ProblemError,
  type Resume,
  Unreachable,
} from './errors.ts'
export type { FeedOptions } from './feed.ts'
export type { AnswerTo, Get, QueryOf, Question, QuestionPath, RowField } from './get.ts'
export type { KeepInStep, KeepOptions, TryToKeepOptions } from './keep-in-step.ts'
export type { AtLeast } from './log-point.ts'
export type { HistoryOptions, PagedOptions } from './pages.ts'
export type { ConditionalOptions, GetEventTypes, GetPortfolio, GetProposal, ReadOptions } from './reads.ts'
export type { DryRunOptions, Precondition, RecordEvent, RecordOptions } from './record-event.ts'
export type { Retries } from './retry.ts'
export type { Signer, SigningOptions } from './signing-key.ts'
export type { TryOptions } from './try-events.ts'
export type * from './types.ts'
