/** What was filled in, and the name of the request: both survive a reload, so that nothing is typed or recorded twice. */

export interface Draft {
  /** The content of the form, as the fields have it. */
  readonly body: unknown
  /** Of a new proposal. */
  readonly proposalId: string
  readonly idempotencyKey: string
  /** The version that the author has seen; 0: the proposal is new. */
  readonly version: number
  /** The body that was sent and not answered: only the same may be sent again. */
  readonly sent: unknown
  readonly savedAt: string | null
}

/** A name of the form in this browser. */
export function draftName(proposalId: string, type: string, event?: number): string {
  return ['commitments.draft', proposalId, type, event].filter((part) => part !== undefined).join(' ')
}

export function newDraft(body: unknown, version: number): Draft {
  return { body, proposalId: '', idempotencyKey: freshKey(), version, sent: null, savedAt: null }
}

/** Over plain HTTP to another host than this one, a browser has no `randomUUID`. */
function freshKey(): string {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}

export function keptDraft(name: string): Draft | null {
  try {
    const text = localStorage.getItem(name)
    return text === null ? null : (JSON.parse(text) as Draft)
  } catch {
    return null
  }
}

export function keepDraft(name: string, draft: Draft): Draft {
  const kept = { ...draft, savedAt: new Date().toISOString() }
  try {
    localStorage.setItem(name, JSON.stringify(kept))
    return kept
  } catch {
    // Then the draft is kept until the page is left.
    return draft
  }
}

export function dropDraft(name: string): void {
  try {
    localStorage.removeItem(name)
  } catch {
    // There is none then.
  }
}
