/** The median; for an even number of values, the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  if (values.length === 0) throw new Error('there is no median of nothing')
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  const upper = sorted[middle] as number
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] as number) + upper) / 2
}

/** The smallest value that at least `share` (0 to 1) of all values do not exceed (nearest rank). */
export function percentile(values: Float64Array | readonly number[], share: number): number {
  const sorted = Float64Array.from(values).toSorted()
  if (sorted.length === 0) throw new Error('there is no percentile of nothing')
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] as number
}
