export { type Announcer, startAnnouncer } from './announce.ts'
export {
  type Appended,
  appendEvents,
  appendNothing,
  type EventToAppend,
  type KnownPast,
  lostState,
  movedState,
} from './append-events.ts'
export { assertDurable, assertMigrated, assertOwnSessions, assertWritable } from './assertions.ts'
export { isStuck, type Movement, pause, runLoop, TookTooLong, unseen, withTimeout } from './background.ts'
export { clockChecks } from './clock-check.ts'
export { type ConnectOptions, clientFactory, openPool, type PoolOptions } from './connect.ts'
export { type DatabaseClock, followDatabaseClock } from './database-clock.ts'
export {
  type Erasure,
  type ErasureToPropose,
  eraseEvents,
  erasuresSoFar,
  proposeErasure,
  readErasure,
  readErasures,
  readLinesAt,
} from './erasures.ts'
export { type Follower, type FollowTimes, followLog, type Listener, nextWithin } from './follow-log.ts'
export { guardFaults } from './guard-faults.ts'
export { readGuards } from './guards.ts'
export { addressMistake } from './hosts.ts'
export { checkLedgerName, type LedgerRole, LedgerUnusable, oldestPostgres, roleName } from './ledger.ts'
export { haltCheck, haltedState, readHalt, setHalt } from './log-halts.ts'
export { acceptMove, acceptRestore, readLogIdentity } from './log-identity.ts'
export { type LogState, readLogState } from './log-state.ts'
export { migrate, migrationsFolder, readMigrations } from './migrate.ts'
export { type AppendFault, classifyFault, describeFault, sqlState } from './pg-errors.ts'
export type { Queryable } from './queryable.ts'
export { clockSkew, readBytes, readHead, readLog } from './read-log.ts'
export { readEvent, readKeys, readStream, readStreams } from './read-stream.ts'
export { readRunningServices, serviceName } from './running-services.ts'
export { streamLog } from './stream-log.ts'
export type { Database } from './tables.ts'
export { writableCheck } from './writable-check.ts'
