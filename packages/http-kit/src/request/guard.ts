/**
 * The checks before a body is read, in this order: key or token (401), scope (403), rate (429), answer that the caller accepts (406), size
 * (413) and media type (415) of the body. All of this is synchronous, except for a token that is verified for the first time, and for keys
 * and tokens from an address that guesses (guessing.ts).
 */
import type { FastifyRequest, onRequestHookHandler } from 'fastify'
import { batchByTurns } from '../event-loop/batch-by-turns.ts'
import { codingOf } from '../headers/content-coding.ts'
import { negotiate } from '../headers/negotiate.ts'
import { type Caller, hasToken, type Scope } from '../keys/key-entries.ts'
import { isOpen } from '../keys/rights.ts'
import { placeOf } from '../limits/address.ts'
import { isKnownFrom, isSuspect, noteRightKey, noteRightToken, noteWrongKey, turnToTry } from '../limits/guessing.ts'
import { allowanceOf } from '../limits/rates.ts'
import { type Problem, problem } from '../problems/problem.ts'
import type { AppContext } from '../route/app-context.ts'
import { responseTypesOf } from '../route/responses.ts'
import { isCounted, type RouteDefinition } from '../route/route.ts'
import { isToken } from '../tokens/tokens.ts'
import { refuseLength } from './body.ts'
import { unauthenticated } from './challenge.ts'
import { refuseMediaType } from './head.ts'
import { admittedToken, callerOfToken, tooManyGuesses } from './token-guard.ts'

type Done = (error?: Error) => void

/** Why a request is refused; null if it continues. */
type Refused = Error | null

/** What the guard of one route has to know; computed once. */
interface Rules {
  readonly context: AppContext
  readonly route: RouteDefinition
  readonly scope: Scope | null
  readonly responseTypes: readonly string[]
}

/** A request at the gate. */
interface Arrived {
  readonly rules: Rules
  readonly request: FastifyRequest
  readonly done: Done
}

/** The hook of one route. Requests that arrive at about the same time are checked together, after the heads of all have been read. */
export function guardRoute(context: AppContext, route: RouteDefinition): onRequestHookHandler {
  const rules: Rules = { context, route, scope: enforcedScope(context, route), responseTypes: responseTypesOf(route) }
  return (request, _reply, done) => guardInBatches({ rules, request, done })
}

const guardInBatches = batchByTurns(guard)

function enforcedScope(context: AppContext, { access }: RouteDefinition): Scope | null {
  if (access === 'public') return null
  return isOpen(access.scope, context.readAccess) ? null : access.scope
}

/** Every request gets its answer; nothing else would notice a missing one. */
function guard({ rules, request, done }: Arrived): void {
  let refused: Refused | Promise<Refused>
  try {
    refused = check(rules, request)
  } catch (error) {
    refused = error as Error
  }
  if (refused instanceof Promise) void finishLater(refused, done)
  else done(refused ?? undefined)
}

async function finishLater(refused: Promise<Refused>, done: Done): Promise<void> {
  let found: Refused
  try {
    found = await refused
  } catch (error) {
    found = error as Error
  }
  done(found ?? undefined)
}

function check(rules: Rules, request: FastifyRequest): Refused | Promise<Refused> {
  request.definition = rules.route
  const { context, scope } = rules
  if (scope === null) return checkOpen(rules, request)
  const secret = secretOf(request)
  if ('detail' in secret) return unauthenticated(context, orToken(context, secret.detail), false)
  if (isToken(secret.text)) return checkToken(rules, scope, request, secret.text)
  const key: GivenKey = { secret: secret.text, place: placeOf(request) }
  const caller = context.keys.authenticate(key.secret)
  if (mustWait(context, key, caller)) return checkLater(rules, scope, request, key)
  return judge(rules, scope, request, key, caller)
}

/** The token of a call that not everybody can make. One that is kept is looked up, as a key is. */
function checkToken(rules: Rules, scope: Scope, request: FastifyRequest, token: string): Refused | Promise<Refused> {
  const { tokens, guessing } = rules.context
  const caller = tokens?.find(token) ?? null
  if (caller === null) return checkNewToken(rules, scope, request, token)
  noteRightToken(guessing, caller, placeOf(request))
  return admit(rules, scope, request, caller)
}

async function checkNewToken(rules: Rules, scope: Scope, request: FastifyRequest, token: string): Promise<Refused> {
  const caller = await admittedToken(rules.context, request, token)
  return caller instanceof Error ? caller : admit(rules, scope, request, caller)
}

/**
 * A call that everybody can make. Nobody is refused for lack of a key. Who calls decides only whose rate the request counts for and, where
 * the route notices it, how much the answer says.
 */
function checkOpen(rules: Rules, request: FastifyRequest): Refused | Promise<Refused> {
  const { context, route } = rules
  const notices = route.noticesKey === true && context.readAccess === 'key'
  const counts = context.rates !== null && isCounted(route)
  if (!notices && !counts) return checkForm(rules, request)
  const secret = secretOf(request)
  if ('detail' in secret) return admitAnybody(rules, request, null, counts)
  if (!isToken(secret.text)) {
    const caller = notices ? noticedKey(context, request, secret.text) : context.keys.authenticate(secret.text)
    return admitAnybody(rules, request, caller, counts)
  }
  const caller = context.tokens?.find(secret.text) ?? null
  if (caller !== null || context.tokens === null) return admitAnybody(rules, request, caller, counts)
  return callerOfToken(context, request, secret.text).then((found) => admitAnybody(rules, request, found, counts))
}

/** A key from an address that guesses counts as no key, so that nothing can be tried out. */
function noticedKey(context: AppContext, request: FastifyRequest, secret: string): Caller | null {
  const key: GivenKey = { secret, place: placeOf(request) }
  const caller = context.keys.authenticate(key.secret)
  if (mustWait(context, key, caller)) return null
  if (caller === null) noteWrongKey(context.guessing, key.place)
  return caller
}

/** A key that was sent, and the address it came from. */
interface GivenKey {
  readonly secret: string
  readonly place: string
}

function mustWait({ guessing }: AppContext, { place }: GivenKey, caller: Caller | null): boolean {
  return isSuspect(guessing, place) && !(caller !== null && isKnownFrom(guessing, caller, place))
}

/** A right key must not be answered sooner than a wrong one. */
async function checkLater(rules: Rules, scope: Scope, request: FastifyRequest, key: GivenKey): Promise<Refused> {
  const { guessing, keys } = rules.context
  if (!(await turnToTry(guessing, key.place))) return tooManyGuesses()
  const refused = judge(rules, scope, request, key, keys.authenticate(key.secret))
  return refused?.code === 'unauthenticated' ? tooManyGuesses() : refused
}

function judge(
  rules: Rules,
  scope: Scope,
  request: FastifyRequest,
  { secret, place }: GivenKey,
  caller: Caller | null,
): Problem | null {
  if (caller === null) return refuseKey(rules.context, request, secret, place)
  noteRightKey(rules.context.guessing, caller, place)
  return admit(rules, scope, request, caller)
}

function secretOf(request: FastifyRequest): { readonly text: string } | { readonly detail: string } {
  const header = request.headers.authorization
  if (header === undefined) return { detail: 'This call needs a key: `Authorization: Bearer <key>`.' }
  const [, text] = bearer.exec(header) ?? []
  return text === undefined ? { detail: 'The `Authorization` header must be `Bearer <key>`.' } : { text }
}

/** The same sentence, where a token does as well. */
function orToken({ tokens }: AppContext, detail: string): string {
  return tokens === null ? detail : `${detail} It can also be an access token of an issuer (a JWT).`
}

const bearer = /^Bearer +([\x21-\x7e]+) *$/i

/** A caller that has the secret of a key may know why it is not valid; nobody is guessing there. */
function refuseKey(context: AppContext, request: FastifyRequest, secret: string, place: string): Problem {
  const why = context.keys.whyRefused(secret)
  if (why === null) {
    noteWrongKey(context.guessing, place)
    const isNoToken = context.tokens === null ? '' : ' It is not a token either: tokens of issuers are JWTs here.'
    return unauthenticated(context, `The key is unknown.${isNoToken}`, true)
  }
  request.notes = { key: why.name, reason: why.reason }
  const at = why.at.toISOString()
  const detail = why.reason === 'expired' ? `The key expired at ${at}.` : `The key is valid from ${at}.`
  return unauthenticated(context, detail, true)
}

function admitAnybody(rules: Rules, request: FastifyRequest, caller: Caller | null, counts: boolean): Problem | null {
  const { context, route } = rules
  if (route.noticesKey === true && context.readAccess === 'key') request.caller = caller
  if (context.rates !== null && counts) {
    request.allowance = allowanceOf(context.rates, request, caller)
    const tooMany = request.allowance.take(1)
    if (tooMany !== null) return tooMany
  }
  return checkForm(rules, request)
}

function admit(rules: Rules, scope: Scope, request: FastifyRequest, caller: Caller): Problem | null {
  const { answering, rates, uses } = rules.context
  request.caller = caller
  answering.add(request)
  if (!caller.scopes.has(scope)) return lacksScope(scope, caller)
  uses.note(caller)
  if (rates === null || !isCounted(rules.route)) return checkForm(rules, request)
  request.allowance = allowanceOf(rates, request, caller)
  return request.allowance.take(1) ?? checkForm(rules, request)
}

function lacksScope(scope: Scope, caller: Caller): Problem {
  const has = [...caller.scopes].map((one) => `\`${one}\``).join(', ') || 'none'
  const detail = hasToken(caller)
    ? `The token of \`${caller.name}\` lacks the scope \`${scope}\`. Scopes that it gives here: ${has}.`
    : `The key \`${caller.name}\` lacks the scope \`${scope}\`.`
  return problem('forbidden', detail, { scope })
}

/** 406, 413 and 415. */
function checkForm(rules: Rules, request: FastifyRequest): Problem | null {
  const chosen = rules.route.chosenType?.(request.query)
  const refused = chosen === undefined ? refuseAccept(rules.responseTypes, request.headers.accept) : null
  return (
    refused ?? refuseCoding(rules.responseTypes, request.headers['accept-encoding']) ?? checkBody(rules.route, request)
  )
}

function refuseAccept(responseTypes: readonly string[], accept: string | undefined): Problem | null {
  if (responseTypes.length === 0 || negotiate(accept, responseTypes) !== null) return null
  return problem('not-acceptable', `This call answers with ${responseTypes.join(' or ')} only.`, {
    offers: responseTypes,
  })
}

/** The refusal of a caller that accepts neither the uncompressed answer nor any coding of ours. */
function refuseCoding(responseTypes: readonly string[], acceptEncoding: string | undefined): Problem | null {
  if (acceptEncoding === undefined || responseTypes.length === 0) return null
  const { coding, identity } = codingOf(acceptEncoding)
  if (identity || coding !== null) return null
  return problem('not-acceptable', 'This call answers as `br`, `gzip` or `identity` only (`Accept-Encoding`).', {
    offers: ['br', 'gzip', 'identity'],
  })
}

function checkBody(route: RouteDefinition, request: FastifyRequest): Problem | null {
  const { body } = route
  const { headers } = request
  if (body === undefined) {
    // The body is not read, so its media type does not matter; Fastify would refuse one that it cannot parse.
    if (headers['content-type'] !== undefined) delete headers['content-type']
    return null
  }
  const length = headers['content-length']
  const isEmpty = headers['transfer-encoding'] === undefined && (length === undefined || length === '0')
  // There is no size or media type to check: the check of the input reports the missing body.
  if (isEmpty) return null
  return refuseLength(body, length) ?? refuseMediaType(body, headers)
}
