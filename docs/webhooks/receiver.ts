/**
 * A receiver of webhooks, as one file without dependencies: Node 22.18 or later.
 *
 *   WEBHOOK_SECRET=whsec_… PORT=8090 node receiver.ts
 */
import { createHmac, timingSafeEqual } from 'node:crypto'
import { createServer, type IncomingHttpHeaders } from 'node:http'

const secret = secretOf(process.env['WEBHOOK_SECRET'] ?? '')
/** Seconds by which the time of a message may differ from ours. */
const tolerance = 300
const bodyLimit = 128 * 1024

/** In production: a unique column in your database, in the transaction that stores the message. */
const known = new Set<string>()

/** The key of the signatures. With an empty or a short one, anybody could sign. */
function secretOf(text: string): Buffer {
  const [, base64 = ''] = /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(text) ?? []
  const bytes = Buffer.from(base64, 'base64')
  if (bytes.length < 24) {
    console.error('WEBHOOK_SECRET must be the secret of the endpoint: whsec_ and at least 24 bytes in base64.')
    process.exit(1)
  }
  return bytes
}

/** Whether the message comes from who knows the secret, and was signed just now. The body is as it came, byte for byte. */
function isGenuine(id: string, timestamp: string, signatures: string, body: Buffer): boolean {
  if (!(Math.abs(Date.now() / 1000 - Number(timestamp)) <= tolerance)) return false
  const expected = createHmac('sha256', secret).update(`${id}.${timestamp}.`).update(body).digest()
  return signatures.split(' ').some((one) => {
    const [version, text = ''] = one.split(',')
    const given = Buffer.from(text, 'base64')
    return version === 'v1' && given.length === expected.length && timingSafeEqual(given, expected)
  })
}

interface CloudEvent {
  readonly type: string
  readonly id: string
  readonly data?: unknown
}

/** Store it, and do what takes time later: the next event is sent when this one was answered. */
function store(event: CloudEvent): void {
  console.log(`${event.type} ${event.id}`)
}

/** The status of the answer. */
function receive(headers: IncomingHttpHeaders, body: Buffer): number {
  const [id = '', timestamp = '', signature = ''] = names.map((name) => String(headers[name] ?? ''))
  if (!isGenuine(id, timestamp, signature, body)) return 401
  if (!known.has(id)) {
    store(JSON.parse(body.toString()) as CloudEvent)
    known.add(id)
  }
  return 204
}

const names = ['webhook-id', 'webhook-timestamp', 'webhook-signature']

const server = createServer((request, response) => {
  const chunks: Buffer[] = []
  let size = 0
  request.on('data', (chunk: Buffer) => {
    size += chunk.length
    if (size <= bodyLimit) chunks.push(chunk)
    else if (!response.headersSent) response.writeHead(413, { connection: 'close' }).end(() => request.destroy())
  })
  request.on('end', () => {
    if (size > bodyLimit) return
    response.writeHead(receive(request.headers, Buffer.concat(chunks))).end()
  })
})

server.listen(Number(process.env['PORT'] ?? 8090), '127.0.0.1', () => console.log('ready'))
