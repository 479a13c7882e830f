/** What an answer of today can be compared with. */
export interface Range {
  /** What the service had shown before anything else was asked. */
  readonly least: number
  readonly verified: number
}

/** Why an answer that had seen a position cannot be compared; null if it can. One that falls back behind an earlier answer shows an old state. */
export function whyNotAt(what: string, position: number, { least, verified }: Range): string | null {
  if (position > verified) return `${what} has seen position ${position}, and the log is signed up to ${verified}`
  if (position >= Math.min(least, verified)) return null
  return `${what} has seen position ${position} only, and the service had shown position ${least} before`
}
