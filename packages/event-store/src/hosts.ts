/**
 * Addresses with several hosts, as in libpq: `postgres://user@a:5432,b:5432/ledger?target_session_attrs=read-write` (PostgreSQL manual,
 * 34.1.1.3 "Specifying Multiple Hosts", and `target_session_attrs`). node-postgres supports neither.
 */
import { Client, type ClientConfig } from 'pg'
import { parseIntoClientConfig } from 'pg-connection-string'
import { type Mode, readMode } from './writable-check.ts'

const wishes = ['any', 'read-write', 'read-only', 'primary', 'standby', 'prefer-standby'] as const
type Wish = (typeof wishes)[number]

interface Host {
  readonly host: string
  readonly port: number
}

/** A database address: the hosts to try, the required kind of server, and an address with one host for everything else. */
interface DatabaseAddress {
  readonly hosts: readonly Host[]
  readonly wish: Wish
  /** The address with its first host alone, and without `target_session_attrs`. */
  readonly single: string
}

const parts = /^(postgres(?:ql)?:\/\/)((?:[^/?#]*@)?)([^/?#]*)(.*)$/

/** Why the address cannot be used, as a sentence without the address itself, which holds a password; null if it can. */
export function addressMistake(url: string): string | null {
  try {
    readAddress(url)
    return null
  } catch (error) {
    return (error as Error).message
  }
}

/** @throws Error, whose message says what would be accepted, and never quotes the address */
export function readAddress(url: string): DatabaseAddress {
  const [, scheme = '', user = '', authority = '', rest = ''] = parts.exec(url) ?? refuse('begin with postgres://')
  const hosts = authority.split(',').map(readHost)
  const [first = ''] = authority.split(',')
  const parameters = new URLSearchParams(rest.split(/[?#]/)[1])
  for (const name of ['host', 'port']) {
    if (parameters.get(name)?.includes(',')) {
      refuse('name several hosts before the database: postgres://user:password@a:5432,b:5432/database')
    }
  }
  const single = withoutWish(scheme + user + first + rest)
  const { host, port } = parse(single)
  // The host of a single server can also be a parameter, such as the folder of its socket.
  const places = hosts.length > 1 ? hosts : hosts.map((lone) => ({ host: host ?? lone.host, port: port ?? lone.port }))
  return { hosts: places, wish: readWish(parameters), single }
}

function parse(url: string): ClientConfig {
  try {
    return parseIntoClientConfig(url)
  } catch (error) {
    const { path } = error as NodeJS.ErrnoException
    if (path !== undefined) refuse(`name files that can be read, unlike ${path}`)
    return refuse('be postgres://user:password@host:port/database, with special characters escaped, such as %40 for @')
  }
}

function readWish(parameters: URLSearchParams): Wish {
  const given = parameters.get('target_session_attrs') ?? 'any'
  return wishes.find((wish) => wish === given) ?? refuse(`have one of ${wishes.join(', ')} as target_session_attrs`)
}

function withoutWish(url: string): string {
  return url.replace(/([?&])target_session_attrs=[^&#]*&?/, '$1').replace(/[?&]$/, '')
}

function readHost(text: string): Host {
  const [, host = '', port = '5432'] =
    /^(\[[\da-fA-F:.]+\]|[^:[\]]*)(?::(\d{1,5}))?$/.exec(text) ?? refuse('have hosts such as db-1:5432 or [::1]:5432')
  if (Number(port) > 65_535) refuse('have ports up to 65535')
  return { host: host.replace(/^\[|\]$/g, ''), port: Number(port) }
}

function refuse(rule: string): never {
  throw new Error(`the address of the database must ${rule}`)
}

/** Whether the address needs a {@link clientOfHosts}; otherwise node-postgres can read it alone. */
export function needsSearch({ hosts, wish }: DatabaseAddress): boolean {
  return hosts.length > 1 || wish !== 'any'
}

/** Milliseconds in which a host must say which kind of server it is; well below the time limits of callers that wait for the connection. */
const patience = 1_500

/**
 * The host that fitted last, for each list of hosts and wish. All pools of a process share it: one that is seldom used would otherwise try a
 * host that the others have long known to be gone.
 */
const remembered = new Map<string, Host>()

/**
 * A class of clients that connect to the first host, in the order of the address, that fits its `target_session_attrs`. All clients of this
 * process remember the host that fitted last, and look for another one if a connection to it fails or it no longer fits (a primary that
 * became a standby).
 */
export function clientOfHosts({ hosts, wish }: DatabaseAddress): typeof Client {
  const key = JSON.stringify([hosts, wish])

  return class extends Client {
    readonly #config: ClientConfig

    constructor(config: ClientConfig = {}) {
      super(config)
      // The pool hides the password from loops over its options.
      this.#config = { ...config, password: config.password }
    }

    override connect(): Promise<Client>
    override connect(callback: (error: Error) => void): void
    override connect(callback?: (error: Error) => void): Promise<Client> | void {
      const connecting = this.#connect()
      if (callback === undefined) return connecting
      // A throw of the callback must not become a rejection that nobody handles.
      connecting.then(
        () => setImmediate(callback as (error?: Error) => void),
        (error: Error) => setImmediate(callback, error),
      )
    }

    async #connect(): Promise<Client> {
      const host = remembered.get(key) ?? (await findHost(hosts, wish, this.#config))
      Object.assign(this, host)
      try {
        await super.connect()
        if (!fits(await readMode(this), wish)) throw notFitting([`${nameOf(host)} does not fit any longer`], wish)
      } catch (error) {
        remembered.delete(key)
        await this.end().catch(() => {})
        throw error
      }
      remembered.set(key, host)
      return this
    }
  }
}

/** Asks all hosts at once, so that an unavailable one costs no more than its own time limit. */
async function findHost(hosts: readonly Host[], wish: Wish, config: ClientConfig): Promise<Host> {
  const looks = await Promise.allSettled(hosts.map((host) => probe(host, config)))
  const found = (wanted: Wish) =>
    hosts.find((_host, index) => {
      const look = looks[index]
      return look?.status === 'fulfilled' && fits(look.value, wanted)
    })
  const host =
    found(wish === 'prefer-standby' ? 'standby' : wish) ?? (wish === 'prefer-standby' ? found('any') : undefined)
  if (host !== undefined) return host
  throw notFitting(
    hosts.map((one, index) => `${nameOf(one)} ${describe(looks[index])}`),
    wish,
  )
}

async function probe(host: Host, config: ClientConfig): Promise<Mode> {
  const client = new Client({ ...config, ...host, connectionTimeoutMillis: patience })
  client.on('error', () => undefined)
  try {
    await client.connect()
    return await readMode(client)
  } finally {
    await client.end().catch(() => {})
  }
}

function fits({ standby, readOnly }: Mode, wish: Wish): boolean {
  if (wish === 'read-write') return !readOnly
  if (wish === 'read-only') return readOnly
  if (wish === 'primary') return !standby
  return wish !== 'standby' || standby
}

function describe(look: PromiseSettledResult<Mode> | undefined): string {
  if (look?.status !== 'fulfilled') return `cannot be reached (${reasonOf(look?.reason)})`
  if (look.value.standby) return 'is a standby'
  return look.value.readOnly ? 'only reads' : 'is a primary that takes writes'
}

function reasonOf(reason: unknown): string {
  if (reason instanceof AggregateError) return reasonOf(reason.errors[0])
  return reason instanceof Error ? reason.message : String(reason)
}

function nameOf({ host, port }: Host): string {
  return `${host}:${port}`
}

/** Like the system's own error for a host that refuses: nothing was sent, and it can be tried again. */
function notFitting(found: readonly string[], wish: Wish): Error {
  const message = `no host of the address fits target_session_attrs=${wish}: ${found.join('; ')}`
  return Object.assign(new Error(message), { code: 'ECONNREFUSED', syscall: 'connect' })
}
