/** The tables for programs that describe them. */
export { allTables } from './tables/all-tables.ts'
export { tablesMetadata } from './tables/csvw.ts'
