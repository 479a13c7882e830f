import { type Day, lastDay, type Moment } from '@commitments/domain'
import { dayBefore, instantBefore, type Sampled } from './sample.ts'

/** Every moment has a fixed position, so that later events change no answer. */
export type Asked = Moment & { readonly knownAtPosition: number }

/**
 * Moments to request. Half are edges (where something became known or came into force, and just before that), half are random pairs of a
 * day and a position. The first is the current state, as far as the log is verified.
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

/** The moments at which an event became known, and came into force: with it and without it. */
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

/** The moment as a query of the service. */
export function queryOf({ asOf, knownAt, knownAtPosition }: Asked): string {
  const parts = Object.entries({ asOf, knownAt, knownAtPosition }).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}=${encodeURIComponent(String(value))}`],
  )
  return parts.join('&')
}
