/**
 * Which addresses messages may be sent to. It is judged where the connection is made: the name is looked up once, each address is judged, and
 * the connection is made to an address that was judged, so a name that leads elsewhere a moment later leads nowhere.
 */
import { BlockList, isIP } from 'node:net'

/**
 * Networks of which no receiver is a public host: IANA's special-purpose registries, multicast, ways from IPv6 into IPv4, and the one public
 * address at which a cloud (Azure) serves a machine its own settings. Of IPv6, only 2000::/3 is given to hosts at all.
 */
const special = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '168.63.129.16/32',
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
  '2001::/23',
  '2001:db8::/32',
  '2002::/16',
  '3fff::/20',
  '::/3',
  '4000::/2',
  '8000::/1',
]

/** A list for each family: Node takes an IPv4 address for one within IPv6 (`::ffff:…`), so `::/3` would refuse all of them. */
const refused = {
  ipv4: blockListOf(special.filter((network) => !network.includes(':'))),
  ipv6: blockListOf(special.filter((network) => network.includes(':'))),
}

/** The networks as a list that can be asked. @throws TypeError or RangeError for what is no network */
export function blockListOf(networks: readonly string[]): BlockList {
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
  const kind = family(literal)
  return scheme === 'https' && !refused[kind].check(literal, kind)
}

/** Characters of an address as it is kept, in which other letters than those of URIs are percent-encoded (migrations/0030_webhooks.sql). */
export const longestUrl = 2_000

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
  if (url.href.length > longestUrl)
    return `must have at most ${longestUrl} characters, not ${url.href.length} as here once it is percent-encoded`
  return null
}
