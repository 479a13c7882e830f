/**
 * Which addresses messages may be sent to. It is judged where the connection is made: the name is looked up once, each address is judged, and
 * the connection is made to an address that was judged, so a name that leads elsewhere a moment later leads nowhere.
 */
import { BlockList, isIP } from 'node:net'

/** Networks of which no receiver is a public host (IANA's special-purpose registries, multicast, and ways from IPv6 into IPv4). */
const special = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
  '::/96',
  '64:ff9b::/96',
  '64:ff9b:1::/48',
  '100::/64',
  '2001::/23',
  '2001:db8::/32',
  '2002::/16',
  '3fff::/20',
  '5f00::/16',
  'fc00::/7',
  'fe80::/10',
  'fec0::/10',
  'ff00::/8',
]

const refused = listOf(special)

/** The networks as a list that can be asked. @throws TypeError or RangeError for what is no network */
export function listOf(networks: readonly string[]): BlockList {
  const list = new BlockList()
  for (const network of networks) {
    const [address = '', bits = ''] = network.split('/')
    list.addSubnet(address, Number(bits), family(address))
  }
  return list
}

function family(address: string): 'ipv4' | 'ipv6' {
  return isIP(address) === 4 ? 'ipv4' : 'ipv6'
}

/**
 * Whether messages may be sent to an address. Public addresses, with TLS; and what the operator allows (`WEBHOOK_NETWORKS`), with or without.
 *
 * @param address as a literal; an IPv4 address within IPv6 (`::ffff:10.0.0.1`) is judged as what it is
 */
export function mayConnect(address: string, scheme: 'http' | 'https', allowed: BlockList): boolean {
  const [plain = ''] = address.split('%')
  const literal = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(plain)?.[1] ?? plain
  if (isIP(literal) === 0) return false
  if (allowed.check(literal, family(literal))) return true
  return scheme === 'https' && !refused.check(literal, family(literal))
}

/** What is wrong with the address of an endpoint, as the end of a sentence; null if nothing is. Where it leads is judged for each connection. */
export function faultOfUrl(text: string, httpAllowed: boolean): string | null {
  const url = URL.parse(text)
  if (url === null || !['https:', 'http:'].includes(url.protocol))
    return 'must be an absolute https URL, such as https://inbox.example.org/commitments'
  if (url.username !== '' || url.password !== '')
    return 'must be a URL without a user: whoever sends is known by the signature'
  if (url.hash !== '' || text.endsWith('#')) return 'must be a URL without a fragment (#)'
  if (url.protocol === 'http:' && !httpAllowed)
    return 'must be an https URL; http is only for receivers in networks that the operator allows (WEBHOOK_NETWORKS)'
  return null
}
