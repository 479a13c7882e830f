import type { DatabaseServer } from './database.ts'
import type { Options } from './options.ts'

/** What every row gets. */
export interface Bench {
  options: Options
  server: DatabaseServer
  /** Reports progress on the terminal. */
  say: (line: string) => void
}
