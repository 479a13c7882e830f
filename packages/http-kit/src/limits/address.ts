/** Where requests come from. */
import { isIP } from 'node:net'
import type { FastifyRequest } from 'fastify'

/** The caller's address: from the trusted proxies (TRUST_PROXY), or otherwise from the connection. */
export function addressOf(request: FastifyRequest): string {
  const { ip } = request
  return isIP(ip) === 0 ? (request.raw.socket.remoteAddress ?? 'unknown') : ip
}

/**
 * What counts as one source: an IPv4 address, or the 64-bit network of an IPv6 address, because a caller with one address there has them
 * all.
 */
export function placeOf(request: FastifyRequest): string {
  const address = addressOf(request)
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1]
  if (mapped !== undefined) return mapped
  return isIP(address) === 6 ? networkOf(address) : address
}

function networkOf(address: string): string {
  const [left = '', right] = (address.split('%', 1)[0] ?? '').toLowerCase().split('::')
  const first = left.split(':').filter((group) => group !== '')
  const last = right?.split(':') ?? []
  const between = Array.from({ length: Math.max(0, 8 - first.length - last.length) }, () => '0')
  const groups = right === undefined ? first : [...first, ...between, ...last]
  return groups
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ''))
    .join(':')
    .concat('::/64')
}
