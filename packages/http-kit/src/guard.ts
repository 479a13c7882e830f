/**
 * What is checked before a body is read, in this order: key (401), scope (403), rate (429), answer that the caller
 * accepts (406), size (413) and kind (415) of the body. All of it is synchronous; only limits that strike wait.
 */
import type { FastifyReply, FastifyRequest, onRequestHookHandler } from 'fastify'
import type { Caller, Scope } from './api-keys.ts'
import { refuseLength } from './body.ts'
import type { Kit } from './kit.ts'
import type { Limits } from './limits.ts'
import { refuseMediaType } from './media-type.ts'
import { negotiate } from './negotiate.ts'
import { offersOf } from './offers.ts'
import { type Problem, problem } from './problem.ts'
import type { RouteDefinition } from './route.ts'
import { together } from './together.ts'

type Done = (error?: Error) => void

/** What the guard of one route has to know; computed once. */
interface Rules {
  readonly kit: Kit
  readonly limits: Limits
  readonly route: RouteDefinition
  readonly scope: Scope | null
  readonly offers: readonly string[]
}

/** A request at the gate. */
interface Arrived {
  readonly rules: Rules
  readonly request: FastifyRequest
  readonly done: Done
}

/** The hook of one route. Requests that come at about the same time are looked at together, when the heads of all have been read. */
export function guardRoute(kit: Kit, limits: Limits, route: RouteDefinition): onRequestHookHandler {
  const rules: Rules = { kit, limits, route, scope: enforcedScope(kit, route), offers: offersOf(route) }
  return (request, _reply, done) => guardTogether({ rules, request, done })
}

const guardTogether = together(guard)

function enforcedScope(kit: Kit, { access }: RouteDefinition): Scope | null {
  if (access === 'public') return null
  const open = kit.readAccess === 'public' && (access.scope === 'read' || access.scope === 'audit')
  return open ? null : access.scope
}

function guard({ rules, request, done }: Arrived): void {
  request.definition = rules.route
  if (rules.scope === null) {
    done(checkForm(rules, request) ?? undefined)
    return
  }
  const caller = authenticate(rules.kit, request)
  if (!('scopes' in caller)) refuseCaller(rules.limits, request, caller, done)
  else admit(rules, rules.scope, request, caller, done)
}

function authenticate(kit: Kit, request: FastifyRequest): Caller | Refused {
  const header = request.headers.authorization
  if (header === undefined) return { tried: false, detail: 'This call needs a key: `Authorization: Bearer <key>`.' }
  const [, secret] = /^Bearer +([\x21-\x7e]+) *$/i.exec(header) ?? []
  if (secret === undefined) return { tried: false, detail: 'The `Authorization` header must be `Bearer <key>`.' }
  return kit.keys.authenticate(secret) ?? refusedKey(kit, request, secret)
}

/** Whoever has the secret of a key may know why it does not hold; nobody is guessing there. */
function refusedKey(kit: Kit, request: FastifyRequest, secret: string): Refused {
  const why = kit.keys.whyRefused(secret)
  if (why === null) return { tried: true, detail: 'The key is not known here.' }
  request.notes = { key: why.name, reason: why.reason }
  const at = why.at.toISOString()
  const detail = why.reason === 'expired' ? `The key expired at ${at}.` : `The key holds from ${at} on.`
  return { tried: false, expired: true, detail }
}

interface Refused {
  /** Whether a key was given, so that this may be one guess of many. */
  readonly tried: boolean
  /** The key is known, and does not hold now. */
  readonly expired?: boolean
  readonly detail: string
}

function refuseCaller(limits: Limits, request: FastifyRequest, refused: Refused, done: Done): void {
  const challenge =
    refused.tried || refused.expired
      ? 'Bearer realm="commitments", error="invalid_token"'
      : 'Bearer realm="commitments"'
  const answer = problem('unauthenticated', refused.detail, { headers: { 'www-authenticate': challenge } })
  if (!refused.tried) done(answer)
  else void whenCounted(limits.failedAuthentication(request), done, answer)
}

function admit(rules: Rules, scope: Scope, request: FastifyRequest, caller: Caller, done: Done): void {
  request.caller = caller
  rules.kit.answering.add(request)
  if (!caller.scopes.has(scope)) {
    const challenge = `Bearer realm="commitments", error="insufficient_scope", scope="${scope}"`
    const detail = `The key \`${caller.name}\` lacks the scope \`${scope}\`.`
    done(problem('forbidden', detail, { scope, headers: { 'www-authenticate': challenge } }))
    return
  }
  const answer = checkForm(rules, request) ?? undefined
  if (rules.limits.requests === null) done(answer)
  else void whenCounted(rules.limits.requests(request), done, answer)
}

/** Goes on with the answer that was found otherwise, unless the limit is used up. */
async function whenCounted(counted: Promise<Problem | null>, done: Done, answer: Error | undefined): Promise<void> {
  let outcome: Error | undefined
  try {
    outcome = (await counted) ?? answer
  } catch (error) {
    outcome = error as Error
  }
  done(outcome)
}

/** 406, 413 and 415. */
function checkForm(rules: Rules, request: FastifyRequest): Problem | null {
  return refuseAccept(rules.offers, request.headers.accept) ?? checkBody(rules.route, request)
}

function refuseAccept(offers: readonly string[], accept: string | undefined): Problem | null {
  if (offers.length === 0 || negotiate(accept, offers) !== null) return null
  return problem('not-acceptable', `This call answers with ${offers.join(' or ')} only.`, { offers })
}

function checkBody(route: RouteDefinition, request: FastifyRequest): Problem | null {
  const { body } = route
  const { headers } = request
  if (body === undefined) {
    // Whatever comes is not read, so its kind does not matter; Fastify would refuse one that it cannot make out.
    if (headers['content-type'] !== undefined) delete headers['content-type']
    return null
  }
  const length = headers['content-length']
  const isEmpty = headers['transfer-encoding'] === undefined && (length === undefined || length === '0')
  // Nothing to judge by size or kind: the check of the input calls it missing.
  if (isEmpty) return null
  return refuseLength(body, length) ?? refuseMediaType(body, headers)
}

/** For urls that are known, but not with this method. */
export function refuseMethod(
  allowed: string,
  hint: (request: FastifyRequest) => string,
): (request: FastifyRequest, reply: FastifyReply, done: Done) => void {
  return (request, _reply, done) => {
    const detail = `${request.method} is not offered here; allowed: ${allowed}.${hint(request)}`
    done(problem('method-not-allowed', detail, { allowed: allowed.split(', '), headers: { allow: allowed } }))
  }
}
