import { once } from 'node:events'
import { get as getHttp, type IncomingMessage } from 'node:http'
import { get as getHttps } from 'node:https'
import { keepingPace } from './pace.ts'
import { Passing } from './passing.ts'
import { faultOfStatus, type Service, sayingSo } from './service.ts'

/** An answer that is read while it arrives. */
interface Stream {
  readonly headers: Headers
  readonly pieces: AsyncIterable<Buffer>
}

/** Milliseconds without a byte after which a connection is abandoned. */
const silentFor = 60_000

/**
 * A long answer, or null for 404. It does not use `fetch`, whose streams cost as much for each event as all the hashing. @throws Passing,
 * CannotCheck; so does reading the pieces if the connection breaks
 */
export async function openStream(service: Service, path: string, accept: string): Promise<Stream | null> {
  const response = await head(service, path, accept)
  const headers = headersOf(response)
  if (response.statusCode === 200) return { headers, pieces: piecesOf(service, path, response) }
  response.destroy()
  if (response.statusCode === 404) return null
  throw faultOfStatus(service, path, response.statusCode ?? 0, headers)
}

async function head(service: Service, path: string, accept: string): Promise<IncomingMessage> {
  const { url, headers } = service
  const get = url.startsWith('https:') ? getHttps : getHttp
  const request = get(`${url}${path}`, { headers: { ...headers, Accept: accept }, timeout: silentFor })
  request.on('timeout', () => request.destroy(new Error(`nothing came for ${silentFor / 1000} s`)))
  try {
    const [response] = (await sayingSo(service, path, once(request, 'response'))) as [IncomingMessage]
    return response
  } catch (error) {
    throw passing(error)
  }
}

async function* piecesOf(
  service: Service,
  path: string,
  response: IncomingMessage,
): AsyncGenerator<Buffer, void, undefined> {
  try {
    yield* keepingPace(service, path, response as AsyncIterable<Buffer>)
  } catch (error) {
    throw passing(error)
  }
}

function headersOf({ headersDistinct }: IncomingMessage): Headers {
  const headers = new Headers()
  for (const [name, values = []] of Object.entries(headersDistinct)) headers.set(name, values.join(', '))
  return headers
}

function passing(error: unknown): Passing {
  if (error instanceof Passing) return error
  return new Passing(error instanceof Error ? error.message || error.name : String(error))
}
