/** What a refused caller is told about how to authenticate (RFC 6750, RFC 9728). */
import { type Problem, problem } from '../problems/problem.ts'
import type { AppContext } from '../route/app-context.ts'

/** Where the metadata of the service as a protected resource are (RFC 9728). */
export const metadataPath = '/.well-known/oauth-protected-resource'

interface Fault {
  readonly error: 'invalid_token' | 'insufficient_scope'
  readonly scope?: string
}

/** The value of `WWW-Authenticate`. */
function challenge({ tokens, publicUrl }: AppContext, fault?: Fault): string {
  const parts = ['realm="commitments"']
  if (fault !== undefined) parts.push(`error="${fault.error}"`)
  if (fault?.scope !== undefined) parts.push(`scope="${fault.scope}"`)
  if (tokens !== null && publicUrl !== '') parts.push(`resource_metadata="${publicUrl}${metadataPath}"`)
  return `Bearer ${parts.join(', ')}`
}

/** The headers of a refusal for want of a scope, whoever refuses: the guard, or a handler that needs one more. */
export function headersOfForbidden(context: AppContext, { code, extra: { scope } }: Problem): Record<string, string> {
  if (code !== 'forbidden' || typeof scope !== 'string') return {}
  return { 'www-authenticate': challenge(context, { error: 'insufficient_scope', scope }) }
}

/** @param tried whether something was sent that could have been valid */
export function unauthenticated(context: AppContext, detail: string, tried: boolean): Problem {
  const value = challenge(context, tried ? { error: 'invalid_token' } : undefined)
  return problem('unauthenticated', detail, { headers: { 'www-authenticate': value } })
}
