import type { RouteDefinition } from './route.ts'

const known = new WeakMap<RouteDefinition, readonly string[]>()

/** Media types of a route's answers that are no problems; empty where it never has a body. */
export function offersOf(route: RouteDefinition): readonly string[] {
  let offers = known.get(route)
  if (offers === undefined) {
    offers = collectOffers(route)
    known.set(route, offers)
  }
  return offers
}

function collectOffers({ responses }: RouteDefinition): readonly string[] {
  const offers = Object.entries(responses).flatMap(([status, { contentTypes, schema }]) =>
    Number(status) < 300 ? (contentTypes ?? (schema === undefined ? [] : ['application/json'])) : [],
  )
  return [...new Set(offers)]
}
