/** What is asked for where nothing is: paths that are not there, and methods that a path does not offer. */
import { METHODS } from 'node:http'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { problem } from '../problems/problem.ts'

/** Methods that another service or another path offers, and the hint for a caller who used one of them here. */
export interface Elsewhere {
  methods: readonly string[]
  hint: string
}

/** Where else the request is answered, with a blank before it; empty where that is not known. */
export type Hint = (request: FastifyRequest) => string

export function hintOf(elsewhere: readonly Elsewhere[] = []): Hint {
  return ({ method, raw }) => {
    const isCall = /^\/(?:v1|log)(?:\/|\?|$)/.test(raw.url ?? '')
    const place = isCall ? elsewhere.find(({ methods }) => methods.includes(method)) : undefined
    return place === undefined ? '' : ` ${place.hint}`
  }
}

/** Null where the path is known. To be asked before anything of the request is read, or one with a broken body would be called malformed. */
export function refusePath(request: FastifyRequest, hint: Hint): Error | null {
  return request.is404 || hasEmptyPart(request.params as Record<string, string>) ? notFound(request, hint) : null
}

/** The router lets a part of the path that has a name be empty; nothing has such a name. */
function hasEmptyPart(params: Readonly<Record<string, string>>): boolean {
  for (const name in params) if (params[name] === '') return true
  return false
}

export function notFound(request: FastifyRequest, hint: Hint): Error {
  const slash = /.\/(?:\?|$)/.test(request.raw.url ?? '') ? ' Paths here do not end in a slash.' : ''
  return problem('not-found', `No route has this path.${slash}${hint(request)}`)
}

/** Notes the urls as they are defined, those of plug-ins too. */
export function collectUrls(app: FastifyInstance): Set<string> {
  const urls = new Set<string>()
  app.addHook('onRoute', ({ url }) => void urls.add(url))
  return urls
}

/**
 * Every method that Node's parser lets through and the url does not offer.
 * @param offers is given the methods of each url
 */
export function refuseOtherMethods(
  app: FastifyInstance,
  urls: ReadonlySet<string>,
  hint: Hint,
  offers: Map<string, readonly string[]>,
): void {
  const known = new Set<string>(app.supportedMethods)
  for (const method of METHODS) {
    // CONNECT never comes this far: Node gives it an event of its own.
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

/** For urls that are known, but not with this method. */
function refuseMethod(
  allowed: string,
  hint: Hint,
): (request: FastifyRequest, reply: FastifyReply, done: (error: Error) => void) => void {
  return (request, _reply, done) => {
    const detail = `${request.method} is not offered here; allowed: ${allowed}.${hint(request)}`
    done(problem('method-not-allowed', detail, { allowed: allowed.split(', '), headers: { allow: allowed } }))
  }
}
