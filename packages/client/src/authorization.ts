/** What a client sends in `Authorization`. */
import { Unreachable } from './errors.ts'

/** Gives the access token for the next request. */
export type TokenProvider = (options: { readonly signal: AbortSignal }) => string | Promise<string>

/** A key or a token, or a function that gives the token; null: nothing is sent. */
export type Authorization = string | TokenProvider | null

/** A fetch that sends it with every request. Without a token it throws Unreachable, which is tried again as any other failure. */
export function authorized(send: typeof globalThis.fetch, authorization: Authorization): typeof globalThis.fetch {
  if (authorization === null) return send
  return async (input, init) => {
    const signal = (input instanceof Request ? input.signal : init?.signal) ?? new AbortController().signal
    const text = typeof authorization === 'string' ? authorization : await tokenOf(authorization, signal)
    const headers = new Headers(input instanceof Request ? input.headers : init?.headers)
    headers.set('Authorization', `Bearer ${text}`)
    return input instanceof Request ? send(new Request(input, { headers }), init) : send(input, { ...init, headers })
  }
}

async function tokenOf(provider: TokenProvider, signal: AbortSignal): Promise<string> {
  signal.throwIfAborted()
  const over = new AbortController()
  const left = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true, signal: over.signal })
  })
  try {
    return await Promise.race([provider({ signal }), left])
  } catch (error) {
    if (signal.aborted) throw error
    throw new Unreachable(`No token was given: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    })
  } finally {
    over.abort()
  }
}
