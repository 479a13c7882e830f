/** Something that does not agree. */
export interface Finding {
  readonly what: string
  readonly proposalId?: string
  readonly position?: number
}

/** Collects findings without keeping more than somebody would read. */
export interface Findings {
  readonly kept: Finding[]
  count: number
}

const kept = 1_000

export function noFindings(): Findings {
  return { kept: [], count: 0 }
}

export function report(findings: Findings, finding: Finding): void {
  findings.count += 1
  if (findings.kept.length < kept) findings.kept.push(finding)
}
