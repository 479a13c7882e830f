/** Which ledger a request is for, by the public addresses of the ledgers. */

export interface Address {
  /** In small letters, without a port. */
  readonly host: string
  /** Without a slash at the end; empty: the whole host is the ledger's. */
  readonly path: string
}

/** Paths of a service itself, which cannot begin the path of a ledger. */
const ofService: ReadonlySet<string> = new Set([
  '.well-known',
  'activity',
  'audit',
  'board',
  'docs',
  'health',
  'ledger',
  'log',
  'metrics',
  'openapi-3.0.json',
  'openapi.json',
  'problems',
  'proposals',
  'record',
  'v1',
  'wall',
])

/** @param publicUrl an absolute address without a slash at its end */
export function addressOf(publicUrl: string): Address {
  const { hostname, pathname } = new URL(publicUrl)
  return { host: nameOf(hostname), path: pathname.replace(/\/+$/, '') }
}

/** What keeps requests from being told by this address, as the end of a sentence; null if nothing does. */
export function mistakeIn({ path }: Address): string | null {
  if (path === '') return null
  if (!/^(?:\/[a-z0-9][a-z0-9._~-]*){1,4}$/.test(path))
    return 'its path must have one to four parts of small letters, digits, dots and hyphens, such as /hue'
  const first = path.split('/')[1] ?? ''
  return ofService.has(first) ? `its path cannot begin with /${first}, which is a path of the service itself` : null
}

interface Found<Ledger> {
  readonly ledger: Ledger
  /** The rest of the URL, beginning with a slash. */
  readonly url: string
}

/**
 * A ledger with a path of its own gets what comes below it, whichever host was asked: probes and callers inside the network use other names. If
 * several have the same path, or none, the host decides. Of two paths that fit, the longer counts.
 */
export class AddressBook<Ledger> {
  readonly #byPath = new Map<string, { host: string; ledger: Ledger }[]>()
  #deepest = 0

  add({ host, path }: Address, ledger: Ledger): void {
    const there = this.#byPath.get(path)
    if (there === undefined) this.#byPath.set(path, [{ host, ledger }])
    else there.push({ host, ledger })
    this.#deepest = Math.max(this.#deepest, path.split('/').length - 1)
  }

  /** @param host the header `Host` */
  find(host: string | undefined, url: string): Found<Ledger> | null {
    const target = url.startsWith('/') ? { host, path: url } : absolute(url, host)
    const name = nameOf(target.host)
    let found: Found<Ledger> | null = null
    let end = 0
    for (let part = 0; part <= this.#deepest && end >= 0; part += 1) {
      const ledger = this.#at(target.path.slice(0, end), name)
      if (ledger !== undefined) found = { ledger, url: restOf(target.path, end) }
      end = endOfPart(target.path, end)
    }
    return found
  }

  #at(path: string, host: string): Ledger | undefined {
    const there = this.#byPath.get(path)
    if (there === undefined) return undefined
    const [only, ...others] = there
    if (path !== '' && others.length === 0) return only?.ledger
    return there.find((one) => one.host === host)?.ledger
  }
}

/** Where the part that begins at the slash ends; -1: there is none. */
function endOfPart(path: string, slash: number): number {
  if (path[slash] !== '/') return -1
  for (let end = slash + 1; end < path.length; end += 1) if ('/?#'.includes(path[end] ?? '')) return end
  return path.length
}

function restOf(path: string, end: number): string {
  return path[end] === '/' ? path.slice(end) : `/${path.slice(end)}`
}

/** A proxy may send the whole address, whose host then counts (RFC 9112, section 3.2.2). */
function absolute(url: string, host: string | undefined): { host: string | undefined; path: string } {
  const [, named, path] = /^https?:\/\/([^/?#]*)(.*)$/i.exec(url) ?? []
  return named === undefined ? { host, path: url } : { host: named, path: path?.startsWith('/') ? path : `/${path}` }
}

/** Without its port, and without the dot that a fully qualified name may end in (RFC 3986, section 3.2.2). */
function nameOf(host = ''): string {
  return (/^(?:\[[^\]]*\]|[^:]*)/.exec(host)?.[0] ?? '').toLowerCase().replace(/\.$/, '')
}
