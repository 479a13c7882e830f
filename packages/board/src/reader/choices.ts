/** What this browser keeps of its reader: language, colours, and how far in the log they have looked. Nothing of it leaves the browser. */

const prefix = 'commitments.'

type Choice = 'language' | 'theme' | 'seen'

export function chosen(name: Choice): string | null {
  try {
    return localStorage.getItem(prefix + name)
  } catch {
    return null
  }
}

/** Null takes the choice back. */
export function choose(name: Choice, value: string | null): void {
  try {
    if (value === null) localStorage.removeItem(prefix + name)
    else localStorage.setItem(prefix + name, value)
  } catch {
    // A browser that keeps nothing asks again next time.
  }
}
