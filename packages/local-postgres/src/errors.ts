/** A reason why the local server cannot run. The message is a sentence for the person at the terminal and says what to do. */
export class LocalPostgresError extends Error {
  override name = 'LocalPostgresError'
}

/** Another living process already holds the folder. */
export class FolderInUse extends LocalPostgresError {
  override name = 'FolderInUse'
}

/** The code of a system error (`ENOENT`, `EACCES` …), or undefined for anything else. */
export function systemCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}
