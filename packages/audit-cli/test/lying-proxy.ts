/** A proxy before a service that changes answers on their way: what an operator can do who lies to auditors only. */
import { createServer, get, type IncomingHttpHeaders, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Test } from 'tap'

export interface Passed {
  /** Path and query of the request. */
  readonly path: string
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

export interface Lie {
  /** The path that is asked for instead. */
  readonly path?: (path: string) => string
  /** The members that are sent instead. */
  readonly alter?: (passed: Passed) => Partial<Pick<Passed, 'status' | 'headers' | 'body'>> | undefined
}

/** The address of the proxy, and what to lie about from now on. */
export async function lyingProxy(t: Test, upstream: string): Promise<{ url: string; tell: (lie: Lie) => void }> {
  let lie: Lie = {}
  const server = createServer(({ url: path = '', headers }, response) => {
    const { 'accept-encoding': _, ...rest } = headers
    const pass = async (answer: IncomingMessage) => {
      const passed: Passed = {
        path,
        status: answer.statusCode ?? 0,
        headers: answer.headers,
        body: await wholeOf(answer),
      }
      const { status, headers, body } = { ...passed, ...lie.alter?.(passed) }
      const { 'transfer-encoding': _, location, ...others } = headers
      const moved = location === undefined ? {} : { location: location.replace(upstream, url) }
      response.writeHead(status, { ...others, ...moved, 'content-length': body.length }).end(body)
    }
    get(
      `${upstream}${lie.path?.(path) ?? path}`,
      { headers: rest },
      (answer) => void pass(answer).catch(() => response.destroy()),
    ).on('error', () => response.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  t.teardown(() => {
    server.close()
    server.closeAllConnections()
  })
  return { url, tell: (next) => void (lie = next) }
}

async function wholeOf(answer: IncomingMessage): Promise<Buffer> {
  return Buffer.concat(await answer.toArray())
}

/** Changes the JSON of the answers whose path matches. */
// oxlint-disable-next-line typescript/no-explicit-any -- any answer of any service
export function lieAbout(paths: RegExp, change: (value: any, headers: IncomingHttpHeaders) => unknown): Lie {
  return {
    alter: ({ path, status, headers, body }) => {
      if (status !== 200 || !paths.test(path)) return undefined
      const changed = { ...headers }
      const value = JSON.parse(body.toString('utf8'))
      return { headers: changed, body: Buffer.from(JSON.stringify(change(value, changed) ?? value)) }
    },
  }
}
