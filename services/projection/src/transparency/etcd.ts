/** What is needed of etcd: to read one key, and to compare and set it, by the JSON gateway of its API v3. */
import { request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import { text } from 'node:stream/consumers'

/** How to reach the members of one cluster. */
export interface EtcdAddress {
  readonly scheme: 'http' | 'https'
  /** Each with its port. */
  readonly hosts: readonly string[]
  readonly user: { readonly name: string; readonly password: string } | null
  /** PEM: who may vouch for the members (absent: whom the system trusts), and who we are. */
  readonly tls?: { readonly ca?: string; readonly cert?: string; readonly key?: string }
}

/** No member gave an answer that counts. Its message names the members and never a secret. */
export class EtcdAway extends Error {
  override readonly name = 'EtcdAway'
}

interface Etcd {
  /**
   * The value of a key, as the majority has it; null if there is none.
   *
   * @throws EtcdAway
   */
  get(key: string): Promise<string | null>
  /**
   * Sets the key if its value is `before` (null: if it has none), and says whether it did. It also says so if the value was there already.
   *
   * @throws EtcdAway; then it was set or not
   */
  replace(key: string, before: string | null, value: string): Promise<boolean>
}

/** Milliseconds that a member has to answer; what is held meanwhile is given up after five seconds (sign.ts). */
const memberLimit = 1_200
/** Milliseconds for all members together. */
const wholeLimit = 4_000

interface State {
  readonly address: EtcdAddress
  /** The member that answered last is asked first. */
  first: number
  token: string | null
}

/** Nothing is sent before the first question. */
export function openEtcd(address: EtcdAddress): Etcd {
  const state: State = { address, first: 0, token: null }
  return {
    get: async (key) => {
      const { kvs } = (await ask(state, '/v3/kv/range', { key: encode(key) })) as Found
      return valueIn(kvs)
    },
    replace: async (key, before, value) => {
      const compared =
        before === null
          ? { key: encode(key), target: 'CREATE', create_revision: '0' }
          : { key: encode(key), target: 'VALUE', value: encode(before) }
      const answer = (await ask(state, '/v3/kv/txn', {
        compare: [{ ...compared, result: 'EQUAL' }],
        success: [{ request_put: { key: encode(key), value: encode(value) } }],
        failure: [{ request_range: { key: encode(key) } }],
      })) as { succeeded?: boolean; responses?: { response_range?: Found }[] }
      // An attempt whose answer was lost may have set it.
      return answer.succeeded === true || valueIn(answer.responses?.[0]?.response_range?.kvs) === value
    },
  }
}

interface Found {
  readonly kvs?: readonly { readonly value?: string }[]
}

function valueIn(found: Found['kvs']): string | null {
  const [first] = found ?? []
  return first === undefined ? null : Buffer.from(first.value ?? '', 'base64').toString()
}

function encode(value: string): string {
  return Buffer.from(value).toString('base64')
}

/** Asks the members in turn until one answers. */
async function ask(state: State, path: string, body: object): Promise<unknown> {
  const { hosts } = state.address
  const giveUpAt = performance.now() + wholeLimit
  const faults: string[] = []
  for (let asked = 0; asked < hosts.length && performance.now() < giveUpAt; asked += 1) {
    const place = (state.first + asked) % hosts.length
    const host = hosts[place] as string
    try {
      const answer = await askAs(state, host, path, body)
      state.first = place
      return answer
    } catch (error) {
      faults.push(`${host}: ${error instanceof Error ? error.message : String(error)}`)
    }
  }
  throw new EtcdAway(faults.join('; '))
}

/** As the user, if there is one. A token ends after some minutes, and with a restart of the member that gave it. */
async function askAs(state: State, host: string, path: string, body: object): Promise<unknown> {
  const { user } = state.address
  if (user === null) return sentTo(state, host, path, body)
  const isFresh = state.token === null
  state.token ??= await authenticate(state, host, user)
  try {
    return await sentTo(state, host, path, body)
  } catch (error) {
    state.token = null
    if (isFresh || !(error instanceof Refused) || error.status !== 401) throw error
    state.token = await authenticate(state, host, user)
    return sentTo(state, host, path, body)
  }
}

async function authenticate(state: State, host: string, user: { name: string; password: string }): Promise<string> {
  const { token } = (await sentTo(state, host, '/v3/auth/authenticate', user)) as { token?: string }
  return token ?? ''
}

class Refused extends Error {
  readonly status: number

  constructor(status: number, said: string) {
    super(`it answers ${status}${said === '' ? '' : ` (${said})`}`)
    this.status = status
  }
}

async function sentTo({ address, token }: State, host: string, path: string, body: object): Promise<unknown> {
  const { scheme, tls } = address
  const request = scheme === 'https' ? requestHttps : requestHttp
  const { promise, resolve, reject } = Promise.withResolvers<{ status: number; said: string }>()
  const sent = request(`${scheme}://${host}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(token && { authorization: token }) },
    signal: AbortSignal.timeout(memberLimit),
    ...tls,
  })
  sent.on('error', (error) => reject(error.name === 'AbortError' ? new Error('no answer in time') : shortened(error)))
  sent.on('response', (response) => {
    text(response).then((said) => resolve({ status: response.statusCode ?? 0, said }), reject)
  })
  sent.end(JSON.stringify(body))
  const { status, said } = await promise
  const answer = parsed(said)
  if (status !== 200 || answer === null) throw new Refused(status, messageOf(answer))
  return answer
}

/** Of a refused connection to several addresses, the first reason. */
function shortened(error: Error): Error {
  return error instanceof AggregateError ? (error.errors[0] as Error) : error
}

function parsed(said: string): object | null {
  try {
    const value: unknown = JSON.parse(said)
    return typeof value === 'object' ? value : null
  } catch {
    return null
  }
}

/** What etcd says of a failure, such as `etcdserver: request timed out`. */
function messageOf(answer: object | null): string {
  const { message, error } = (answer ?? {}) as { message?: unknown; error?: unknown }
  const said = typeof message === 'string' ? message : error
  return typeof said === 'string' ? said.slice(0, 200) : ''
}
