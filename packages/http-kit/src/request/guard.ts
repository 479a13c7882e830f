/**
 * The checks before a body is read, in this order: key (401), scope (403), rate (429), answer that the caller accepts (406), size (413) and
 * media type (415) of the body. All of this is synchronous; only keys from an address that guesses wait (guessing.ts).
 */
import type { FastifyRequest, onRequestHookHandler } from 'fastify'
import { batchByTurns } from '../event-loop/batch-by-turns.ts'
import { codingOf } from '../headers/content-coding.ts'
import { negotiate } from '../headers/negotiate.ts'
import type { Caller, Scope } from '../keys/key-entries.ts'
import { placeOf } from '../limits/address.ts'
import { isKnownFrom, isSuspect, noteRightKey, noteWrongKey, turnToTry } from '../limits/guessing.ts'
import { allowanceOf } from '../limits/rates.ts'
import { type Problem, problem } from '../problems/problem.ts'
import type { AppContext } from '../route/app-context.ts'
import { responseTypesOf } from '../route/responses.ts'
import { isCounted, type RouteDefinition } from '../route/route.ts'
import { refuseLength } from './body.ts'
import { refuseMediaType } from './head.ts'

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
  const open = context.readAccess === 'public' && (access.scope === 'read' || access.scope === 'audit')
  return open ? null : access.scope
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
  if (scope === null) {
    if (rules.route.noticesKey && context.readAccess === 'key') noticeCaller(context, request)
    return admitAnybody(rules, request)
  }
  const secret = secretOf(request)
  if ('detail' in secret) return unauthenticated(secret.detail, false)
  const key: GivenKey = { secret: secret.text, place: placeOf(request) }
  const caller = context.keys.authenticate(key.secret)
  if (mustWait(context, key, caller)) return checkLater(rules, scope, request, key)
  return judge(rules, scope, request, key, caller)
}

/** Here nobody is refused for lack of a key. A key from an address that guesses counts as no key, so that nothing can be tried out. */
function noticeCaller(context: AppContext, request: FastifyRequest): void {
  const secret = secretOf(request)
  if ('detail' in secret) return
  const key: GivenKey = { secret: secret.text, place: placeOf(request) }
  const caller = context.keys.authenticate(key.secret)
  if (mustWait(context, key, caller)) return
  if (caller === null) noteWrongKey(context.guessing, key.place)
  else request.caller = caller
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

function tooManyGuesses(): Problem {
  const detail =
    'Too many wrong keys came from this address. Its keys are now checked one second after they arrive, a few at a time.'
  return problem('too-many-requests', detail, { headers: { 'retry-after': '1' } })
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

const bearer = /^Bearer +([\x21-\x7e]+) *$/i

/** A caller that has the secret of a key may know why it is not valid; nobody is guessing there. */
function refuseKey({ keys, guessing }: AppContext, request: FastifyRequest, secret: string, place: string): Problem {
  const why = keys.whyRefused(secret)
  if (why === null) {
    noteWrongKey(guessing, place)
    return unauthenticated('The key is unknown.', true)
  }
  request.notes = { key: why.name, reason: why.reason }
  const at = why.at.toISOString()
  return unauthenticated(why.reason === 'expired' ? `The key expired at ${at}.` : `The key is valid from ${at}.`, true)
}

function unauthenticated(detail: string, tried: boolean): Problem {
  const challenge = tried ? 'Bearer realm="commitments", error="invalid_token"' : 'Bearer realm="commitments"'
  return problem('unauthenticated', detail, { headers: { 'www-authenticate': challenge } })
}

/** Reads that are open to everybody: a key only decides whose rate the request counts for. */
function admitAnybody(rules: Rules, request: FastifyRequest): Problem | null {
  const { context, route } = rules
  if (context.rates !== null && isCounted(route)) {
    const secret = secretOf(request)
    request.allowance = allowanceOf(
      context.rates,
      request,
      'text' in secret ? context.keys.authenticate(secret.text) : null,
    )
    const tooMany = request.allowance.take(1)
    if (tooMany !== null) return tooMany
  }
  return checkForm(rules, request)
}

function admit(rules: Rules, scope: Scope, request: FastifyRequest, caller: Caller): Problem | null {
  const { answering, rates } = rules.context
  request.caller = caller
  answering.add(request)
  if (!caller.scopes.has(scope)) {
    const challenge = `Bearer realm="commitments", error="insufficient_scope", scope="${scope}"`
    const detail = `The key \`${caller.name}\` lacks the scope \`${scope}\`.`
    return problem('forbidden', detail, { scope, headers: { 'www-authenticate': challenge } })
  }
  if (rates === null || !isCounted(rules.route)) return checkForm(rules, request)
  request.allowance = allowanceOf(rates, request, caller)
  return request.allowance.take(1) ?? checkForm(rules, request)
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
