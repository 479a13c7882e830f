/** The check of a token that is not kept: it is verified, which takes its time. */
import type { FastifyRequest } from 'fastify'
import type { Caller } from '../keys/key-entries.ts'
import { placeOf } from '../limits/address.ts'
import { isSuspect, isTokenCallerKnownFrom, noteRightToken, noteWrongKey, turnToTry } from '../limits/guessing.ts'
import { type Problem, problem } from '../problems/problem.ts'
import type { AppContext } from '../route/app-context.ts'
import type { Verified } from '../tokens/tokens.ts'
import { unauthenticated } from './challenge.ts'

/** The caller of the token, or why the request is refused: 401, 429 if its address guesses, 503 if its issuer's key cannot be known now. */
export async function admittedToken(
  context: AppContext,
  request: FastifyRequest,
  token: string,
): Promise<Caller | Problem> {
  const { tokens, guessing } = context
  const place = placeOf(request)
  const slow = isSuspect(guessing, place) && !isTokenCallerKnownFrom(guessing, tokens?.claimedBy(token) ?? null, place)
  if (slow && !(await turnToTry(guessing, place))) return tooManyGuesses()
  if (tokens === null) {
    noteWrongKey(guessing, place)
    return unauthenticated(context, 'This service takes no access tokens: no issuer is configured. Send a key.', true)
  }
  const verified = await tokens.verify(token, true)
  note(context, verified, place)
  if (verified.outcome === 'caller') return verified.caller
  request.notes = verified.outcome === 'refused' ? { reason: verified.reason } : { issuer: verified.issuer }
  if (verified.outcome === 'unavailable') return issuerAway(verified.issuer, verified.retryAfter)
  return slow && verified.isForeign ? tooManyGuesses() : unauthenticated(context, verified.reason, true)
}

/**
 * The caller of a token where nobody is refused; null if it is not known. Nothing is waited for: not an issuer, and not the turn of an
 * address that guesses.
 */
export async function callerOfToken(
  context: AppContext,
  request: FastifyRequest,
  token: string,
): Promise<Caller | null> {
  const { tokens, guessing } = context
  const place = placeOf(request)
  if (tokens === null) return null
  if (isSuspect(guessing, place) && !isTokenCallerKnownFrom(guessing, tokens.claimedBy(token), place)) return null
  const verified = await tokens.verify(token, false)
  note(context, verified, place)
  return verified.outcome === 'caller' ? verified.caller : null
}

function note({ guessing }: AppContext, verified: Verified, place: string): void {
  if (verified.outcome === 'caller') noteRightToken(guessing, verified.caller, place)
  else if (verified.outcome === 'refused' && verified.isForeign) noteWrongKey(guessing, place)
}

/** A key or a token from an address that sent many wrong ones. */
export function tooManyGuesses(): Problem {
  const detail =
    'Too many wrong keys came from this address. Its keys are now checked one second after they arrive, a few at a time.'
  return problem('too-many-requests', detail, { headers: { 'retry-after': '1' } })
}

/** Nobody knows whether the token holds, so it is not refused: its caller would throw it away. */
function issuerAway(issuer: string, retryAfter: number): Problem {
  const detail = `The issuer of the token (${issuer}) cannot be asked for its keys now, so that the token cannot be checked. Send the same request again.`
  return problem('unavailable', detail, { headers: { 'retry-after': String(retryAfter) } })
}
