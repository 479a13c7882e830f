/** Signatures of messages, as Standard Webhooks 1.0.0 wants them (HMAC-SHA256, `v1`). */
import { createHmac } from 'node:crypto'

/** Of which the secrets of an endpoint are computed, beside the key of the service. */
interface Seeds {
  readonly name: string
  readonly seed: string
  readonly formerSeed: string | null
  readonly formerUntil: Date | null
}

/** The secret of an endpoint, for its receiver. Nothing in the database is enough to compute it. */
export function secretOf(key: Buffer, name: string, seed: string): string {
  return `whsec_${secretBytes(key, name, seed).toString('base64')}`
}

function secretBytes(key: Buffer, name: string, seed: string): Buffer {
  return createHmac('sha256', key).update(`commitments-webhook-secret\n${name}\n${seed}`).digest()
}

/** The headers that tell a receiver what the message is and who sent it. While a secret is changed, both sign. */
export function signedHeaders(
  key: Buffer,
  { name, seed, formerSeed, formerUntil }: Seeds,
  id: string,
  body: string,
  now: Date,
): Record<'webhook-id' | 'webhook-timestamp' | 'webhook-signature', string> {
  const timestamp = String(Math.floor(now.getTime() / 1000))
  const seeds = formerSeed !== null && formerUntil !== null && now < formerUntil ? [seed, formerSeed] : [seed]
  const signatures = seeds.map((one) => {
    const mac = createHmac('sha256', secretBytes(key, name, one)).update(`${id}.${timestamp}.${body}`)
    return `v1,${mac.digest('base64')}`
  })
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signatures.join(' ') }
}
