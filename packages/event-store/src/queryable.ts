import type { QueryConfig, QueryResult, QueryResultRow } from 'pg'

/** A pool, one of its clients, or a separate client: anything that sends a statement. */
export interface Queryable {
  query<Row extends QueryResultRow>(statement: QueryConfig): Promise<QueryResult<Row>>
}

/** Receives faults for which no caller waits. pino's loggers fit. */
export interface StoreLogger {
  info(details: object, message: string): void
  warn(details: object, message: string): void
}

/** For callers that need no log. */
export const silentLogger: StoreLogger = { info: () => undefined, warn: () => undefined }
