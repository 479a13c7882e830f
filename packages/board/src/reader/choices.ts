/**
 * What this browser keeps about its reader: language, colours, and the newest position that they have seen. It never leaves the browser.
 */

const prefix = 'commitments.'

type Choice = 'language' | 'theme' | 'seen'

export function chosen(name: Choice): string | null {
  try {
    return localStorage.getItem(prefix + name)
  } catch {
    return null
  }
}

/** Null removes the choice. */
export function choose(name: Choice, value: string | null): void {
  try {
    if (value === null) localStorage.removeItem(prefix + name)
    else localStorage.setItem(prefix + name, value)
  } catch {
    // A browser that keeps nothing asks again next time.
  }
}
