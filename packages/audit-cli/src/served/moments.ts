import { type Day, lastDay, type Moment } from '@commitments/domain'
import { dayBefore, instantBefore, type Sampled } from './sample.ts'

/** Every moment is pinned to a position, so that what is recorded meanwhile changes no answer. */
export type Asked = Moment & { readonly knownAtPosition: number }

/**
 * Moments to ask for, of which half are edges and half are random: where something came to be known or in force, just before that, and
 * pairs of days and positions that have nothing to do with each other. The first is how it stands, as far as the log is verified.
 */
export function momentsOf(sampled: readonly Sampled[], verified: number, count: number): Asked[] {
  const moments: Asked[] = [{ knownAtPosition: verified }]
  const days = sampled.flatMap(({ occurredOn }) => lastDay(occurredOn) ?? [])
  for (const one of sampled) {
    if (moments.length >= count) break
    moments.push(...edgesAt(one, verified), ...randomFor(one, sampled, days, verified))
  }
  return moments.slice(0, Math.max(1, count))
}

/** Where an event came to be known, and in force: with it and without it. */
function edgesAt({ position, recordedAt, occurredOn }: Sampled, verified: number): Asked[] {
  const day = lastDay(occurredOn)
  const known: Asked = { knownAtPosition: position }
  return [
    { knownAt: recordedAt, knownAtPosition: verified },
    ...(day === null ? [known] : [{ asOf: day, ...known }]),
    ...(position > 1 ? [{ knownAt: instantBefore(recordedAt), knownAtPosition: position - 1 }] : []),
    ...(day === null ? [] : [{ asOf: dayBefore(day), knownAtPosition: verified }]),
  ]
}

function randomFor(one: Sampled, all: readonly Sampled[], days: readonly Day[], verified: number): Asked[] {
  const asOf = anyOf(days)
  const other = anyOf(all) ?? one
  if (asOf === undefined) return [{ knownAtPosition: 1 + Math.floor(Math.random() * verified) }]
  return [
    { asOf, knownAtPosition: other.position },
    { asOf, knownAt: other.recordedAt, knownAtPosition: verified },
  ]
}

export function anyOf<One>(all: readonly One[]): One | undefined {
  return all[Math.floor(Math.random() * all.length)]
}

/** As a query of the service. */
export function queryOf({ asOf, knownAt, knownAtPosition }: Asked): string {
  const parts = Object.entries({ asOf, knownAt, knownAtPosition }).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}=${encodeURIComponent(String(value))}`],
  )
  return parts.join('&')
}
