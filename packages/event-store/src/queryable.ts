import type { QueryConfig, QueryResult, QueryResultRow } from 'pg'

/** A pool, a client of it, or a client of one's own: whatever sends one statement. */
export interface Queryable {
  query<Row extends QueryResultRow>(statement: QueryConfig): Promise<QueryResult<Row>>
}

/** Receives faults for which no caller waits. pino's loggers fit. */
export interface StoreLogger {
  info(details: object, message: string): void
  warn(details: object, message: string): void
}

/** For those who do not care. */
export const silentLogger: StoreLogger = { info: () => undefined, warn: () => undefined }
