/** Answers requests for what does not exist: unknown paths, and methods that a path does not offer. */
import { METHODS } from 'node:http'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { problem } from '../problems/problem.ts'

/** Methods that another service or another path offers, and the hint for a caller that used one of them here. */
export interface Elsewhere {
  methods: readonly string[]
  hint: string
}

/** Where else the request is answered, with a space before it; empty if that is not known. */
export type Hint = (request: FastifyRequest) => string

export function hintOf(elsewhere: readonly Elsewhere[] = []): Hint {
  return ({ method, raw }) => {
    const isCall = /^\/(?:v1|log)(?:\/|\?|$)/.test(raw.url ?? '')
    const place = isCall ? elsewhere.find(({ methods }) => methods.includes(method)) : undefined
    return place === undefined ? '' : ` ${place.hint}`
  }
}

/**
 * Null if the path is known. Call it before any of the request is read; otherwise a request with a broken body would be called malformed.
 */
export function refusePath(request: FastifyRequest, hint: Hint): Error | null {
  return request.is404 || hasEmptyPart(request.params as Record<string, string>) ? notFound(request, hint) : null
}

/** The router allows a named part of the path to be empty; nothing has an empty name. */
function hasEmptyPart(params: Readonly<Record<string, string>>): boolean {
  for (const name in params) if (params[name] === '') return true
  return false
}

export function notFound(request: FastifyRequest, hint: Hint): Error {
  const slash = /.\/(?:\?|$)/.test(request.raw.url ?? '') ? ' Paths here do not end in a slash.' : ''
  const lead = hint(request) || ' The documents at `/docs` and `/openapi.json` of this service list its paths.'
  return problem('not-found', `No route has this path.${slash}${lead}`)
}

/** Records the URLs as they are defined, including those of plug-ins. */
export function collectUrls(app: FastifyInstance): Set<string> {
  const urls = new Set<string>()
  app.addHook('onRoute', ({ url }) => void urls.add(url))
  return urls
}

/**
 * Handles every method that Node's parser accepts and the URL does not offer.
 *
 * @param offers is given the methods of each URL
 */
export function refuseOtherMethods(
  app: FastifyInstance,
  urls: ReadonlySet<string>,
  hint: Hint,
  offers: Map<string, readonly string[]>,
): void {
  const known = new Set<string>(app.supportedMethods)
  for (const method of METHODS) {
    // CONNECT never comes this far: Node emits a separate event for it.
    if (!known.has(method) && method !== 'CONNECT') app.addHttpMethod(method)
  }
  for (const url of Array.from(urls)) {
    const offered = app.supportedMethods.filter((method) => app.hasRoute({ method, url }))
    const refused = app.supportedMethods.filter((method) => !offered.includes(method))
    offers.set(url, offered)
    const onRequest = refuseMethod(offered.toSorted().join(', '), hint)
    app.route({ method: refused, url, onRequest, handler: noHandler })
  }
}

/** Never reached: the hook before it always refuses. */
function noHandler(): never {
  throw problem('method-not-allowed', 'The method is not offered here.')
}

/** For URLs that are known, but not with this method. */
function refuseMethod(
  allowed: string,
  hint: Hint,
): (request: FastifyRequest, reply: FastifyReply, done: (error: Error) => void) => void {
  return (request, _reply, done) => {
    const detail = `${request.method} is not offered here; allowed: ${allowed}.${hint(request)}`
    done(problem('method-not-allowed', detail, { allowed: allowed.split(', '), headers: { allow: allowed } }))
  }
}
