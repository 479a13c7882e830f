/** Where requests come from. */
import { isIP } from 'node:net'
import type { FastifyRequest } from 'fastify'

/** The caller's address: what the proxies say that are trusted (TRUST_PROXY), or else where the connection comes from. */
export function addressOf(request: FastifyRequest): string {
  const { ip } = request
  return isIP(ip) === 0 ? (request.raw.socket.remoteAddress ?? 'unknown') : ip
}

/** What counts as one place: an address of IPv4, the network of 64 bits of one of IPv6, since whoever has one there has them all. */
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
