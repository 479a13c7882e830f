import type { DatabaseServer } from './database.ts'
import type { Options } from './options.ts'

/** What every row is given. */
export interface Bench {
  options: Options
  server: DatabaseServer
  /** Tells the person at the terminal how far it is. */
  say: (line: string) => void
}
