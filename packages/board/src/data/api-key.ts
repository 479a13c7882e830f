/** The key for reading, if the service requires one: kept in this window only, and never in an address. */
import { signal } from '@preact/signals'

const storageKey = 'commitments.key'

export const apiKey = signal<string | null>(stored())

function stored(): string | null {
  try {
    return sessionStorage.getItem(storageKey)
  } catch {
    return null
  }
}

/** Null removes the key. */
export function giveKey(key: string | null): void {
  try {
    if (key === null) sessionStorage.removeItem(storageKey)
    else sessionStorage.setItem(storageKey, key)
  } catch {
    // Then the key is kept until the page is loaded again.
  }
  apiKey.value = key
}

export function authorization(): Record<string, string> {
  const key = apiKey.peek()
  return key === null ? {} : { Authorization: `Bearer ${key}` }
}
