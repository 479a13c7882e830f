/** What this browser found in the signed log, for the marks beside the events that are shown. */
import { signal } from '@preact/signals'
import type { ShownEvent } from './events.ts'

/** The texts of those events: an event that is shown otherwise has no mark. */
const found = signal<ReadonlySet<string>>(new Set())

export function noteInLog(events: readonly ShownEvent[]): void {
  found.value = new Set(events.map((event) => JSON.stringify(event)))
}

export function isInLog(event: ShownEvent): boolean {
  return found.value.size > 0 && found.value.has(JSON.stringify(event))
}
