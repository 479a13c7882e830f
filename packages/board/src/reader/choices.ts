/**
 * What this browser keeps about its reader: language, colours, the newest position that they have seen, and the newest
 * signed checkpoint that was checked here. It never leaves the browser.
 */

const prefix = 'commitments.'

/** One host can serve several ledgers, each below a path of its own. */
type Choice = 'language' | 'theme' | 'seen' | `proof${string}`

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
