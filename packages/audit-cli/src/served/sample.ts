import type { Day } from '@commitments/domain'

/** The envelope of a line. */
interface Envelope {
  readonly position: number
  readonly recordedAt: string
  readonly proposalId: string
  readonly version: number
}

/** The parts of a line that requests are made from. */
export interface Sampled extends Envelope {
  /** The text of `occurredOn`: a year, a month or a day; null where the day is not known. */
  readonly occurredOn: string | null
}

/** A random sample of the lines of a log, each with the same chance, and always its first and its last line. */
export interface Sample {
  readonly size: number
  first: Sampled | null
  last: Sampled | null
  readonly drawn: Sampled[]
  seen: number
}

export function createSample(size: number): Sample {
  return { size, first: null, last: null, drawn: [], seen: 0 }
}

/** Reservoir sampling: the n-th line replaces a sampled one with a chance of size / n. */
export function consider(sample: Sample, envelope: Envelope, line: Buffer): void {
  sample.seen += 1
  const place = sample.drawn.length < sample.size ? sample.drawn.length : Math.floor(Math.random() * sample.seen)
  const isDrawn = place < sample.size
  const sampled = { ...envelope, occurredOn: isDrawn || sample.first === null ? occurredOnOf(line) : null }
  sample.first ??= sampled
  sample.last = isDrawn ? sampled : { ...sampled, occurredOn: sample.last?.occurredOn ?? null }
  if (isDrawn) sample.drawn[place] = sampled
}

function occurredOnOf(line: Buffer): string | null {
  return /"occurredOn":"(\d{4}(?:-\d\d){0,2})"/.exec(line.toString('latin1', 0, 600))?.[1] ?? null
}

/** The sampled lines up to a position, including the first and the last. */
export function sampledUpTo({ first, last, drawn }: Sample, verified: number): Sampled[] {
  const all = [first, last, ...drawn].flatMap((one) => (one && one.position <= verified ? [one] : []))
  return [...new Map(all.map((one) => [one.position, one])).values()]
}

/** The day before, and the instant a microsecond before: the other side of an edge. */
export function dayBefore(day: Day): Day {
  return new Date(Date.parse(`${day}T00:00:00Z`) - 86_400_000).toISOString().slice(0, 10)
}

export function instantBefore(recordedAt: string): string {
  const micros = BigInt(Date.parse(`${recordedAt.slice(0, 19)}Z`)) * 1_000n + BigInt(recordedAt.slice(20, 26)) - 1n
  const seconds = new Date(Number(micros / 1_000n)).toISOString().slice(0, 19)
  return `${seconds}.${String(micros % 1_000_000n).padStart(6, '0')}Z`
}
