/** The key to read with, where the service asks for one: in this window alone, and never in an address. */
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

/** Null gives it back. */
export function giveKey(key: string | null): void {
  try {
    if (key === null) sessionStorage.removeItem(storageKey)
    else sessionStorage.setItem(storageKey, key)
  } catch {
    // It is then kept until the page is loaded anew.
  }
  apiKey.value = key
}

export function authorization(): Record<string, string> {
  const key = apiKey.peek()
  return key === null ? {} : { Authorization: `Bearer ${key}` }
}
