/** Receivers for tests: real servers on this machine, and a service that sends to them. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { type AddressInfo } from 'node:net'
import { readWebhookSettings, type WebhookTimes } from '@commitments/projection'
import { type Cleanup, keyFile, secretOf, temporaryFolder } from '@commitments/test-kit'
import { type Ledger, type ServiceOptions, startService, type TestService } from '../support.ts'

export interface Got {
  readonly id: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  readonly at: number
}

export interface TestReceiver {
  readonly url: string
  readonly server: Server
  /** What came, in the order in which it came. */
  readonly got: Got[]
  /** The ids of events, in that order. */
  readonly ids: () => string[]
  /** Requests that are being answered now, and the most at the same time. */
  readonly underWay: { now: number; most: number }
}

export type Answering = (got: Got, response: ServerResponse, request: IncomingMessage) => void | Promise<void>

const taken: Answering = (_got, response) => void response.writeHead(204).end()

/** A receiver that answers 204, or as it is told. */
export async function startReceiver(t: Cleanup, answering: Answering = taken): Promise<TestReceiver> {
  const got: Got[] = []
  const underWay = { now: 0, most: 0 }
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    underWay.now += 1
    underWay.most = Math.max(underWay.most, underWay.now)
    response.once('close', () => (underWay.now -= 1))
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const headers = request.headers as Record<string, string>
      const one = { id: headers['webhook-id'] ?? '', headers, body: Buffer.concat(chunks).toString(), at: Date.now() }
      got.push(one)
      void answering(one, response, request)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/inbox`
  return { url, server, got, underWay, ids: () => got.map(({ id }) => id) }
}

const callers = [
  { name: 'most-vn', scopes: ['webhooks', 'audit'] },
  { name: 'msit-kr', scopes: ['webhooks', 'audit'] },
  { name: 'only-webhooks', scopes: ['webhooks'] },
  { name: 'operator', scopes: ['webhooks', 'admin', 'audit'] },
  { name: 'reader', scopes: ['read', 'audit'] },
] as const

export type CallerName = (typeof callers)[number]['name']

export const bearer = (name: CallerName) => `Bearer ${secretOf(name)}`

/** Short enough for a test; each failure is tried again soon. */
export const testTimes: Partial<WebhookTimes> = { retries: [50, 100, 200], patience: 2_000, lease: 10_000 }

/** The variables of a service that sends to this machine. */
export function environmentFor(t: Cleanup, more: Readonly<Record<string, string>> = {}): Record<string, string> {
  const DATA_DIR = temporaryFolder(t)
  return { API_KEYS_FILE: keyFile(t, callers), WEBHOOK_NETWORKS: '127.0.0.0/8', DATA_DIR, ...more }
}

interface Retrying {
  readonly since: string
  readonly nextAt: string
}

/** The members of all answers about endpoints that tests look into; each answer has some of them. */
interface Body {
  readonly secret: string
  readonly formerSecretUntil: string
  readonly after: number
  readonly behind: number
  readonly state: string
  readonly paused: string | null
  readonly retrying: Retrying | null
  readonly attempts: readonly { readonly position: number | null; readonly outcome: string; readonly status: number }[]
  readonly webhooks: readonly { readonly name: string }[]
  readonly detail: string
  readonly errors: readonly { readonly path: string }[]
}

export interface Sending extends TestService {
  /** Calls as a caller; the answer as JSON, with its status. */
  call(
    method: 'GET' | 'PUT' | 'PATCH' | 'POST' | 'DELETE',
    path: string,
    body?: unknown,
    caller?: CallerName,
  ): Promise<{ status: number; body: Body }>
}

/** A service that sends. Its environment is that of the first, if there are several over one ledger. */
export async function startSending(
  t: Cleanup,
  ledger: Ledger,
  { environment = environmentFor(t), ...options }: ServiceOptions = {},
): Promise<Sending> {
  const webhooks = readWebhookSettings(environment)
  const service = await startService(t, ledger, { environment, webhooks, webhookTimes: testTimes, ...options })
  return {
    ...service,
    call: async (method, path, body, caller = 'most-vn') => {
      const answer = await service.app.inject({
        method,
        url: `/v1/webhooks${path}`,
        headers: { authorization: bearer(caller), ...(body !== undefined && { 'content-type': 'application/json' }) },
        ...(body !== undefined && { payload: JSON.stringify(body) }),
      })
      return { status: answer.statusCode, body: (answer.body === '' ? {} : answer.json()) as Body }
    },
  }
}

/** The ids of the events of the log, in its order. */
export async function idsOfLog({ pool }: Ledger): Promise<string[]> {
  const { rows } = await pool.query<{ id: string }>('SELECT event_id AS id FROM events ORDER BY position')
  return rows.map(({ id }) => id)
}
