/** Keys or tokens of the reader: each is kept in this window only, and never in an address. */
import { type Signal, signal } from '@preact/signals'

/** For reading, if the service requires one. */
export const apiKey = signal<string | null>(stored('commitments.key'))
/** For recording. It may not be allowed to read, and reading may not need one. */
export const recordingKey = signal<string | null>(stored('commitments.recording-key'))

function stored(name: string): string | null {
  try {
    return sessionStorage.getItem(name)
  } catch {
    return null
  }
}

/** Null removes the key for reading. */
export function giveKey(key: string | null): void {
  keep('commitments.key', apiKey, key)
}

/** Null removes the key for recording. */
export function giveRecordingKey(key: string | null): void {
  keep('commitments.recording-key', recordingKey, key)
}

function keep(name: string, held: Signal<string | null>, key: string | null): void {
  try {
    if (key === null) sessionStorage.removeItem(name)
    else sessionStorage.setItem(name, key)
  } catch {
    // Then the key is kept until the page is loaded again.
  }
  held.value = key
}

export function authorization(): Record<string, string> {
  const key = apiKey.peek()
  return key === null ? {} : { Authorization: `Bearer ${key}` }
}
