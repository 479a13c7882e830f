/** Signs what a caller records, so that nobody else can have said it (docs/signing.md). */
import canonicalize from 'canonicalize'
import { type KeyedLine, withKey } from './bulk-lines.ts'
import { type CallOptions, type Connection, call } from './connection.ts'
import { logPointOf } from './log-point.ts'
import { base64url, type Signing } from './signing-key.ts'
import type { BulkLine, EventBody } from './types.ts'

type Signature = NonNullable<EventBody['signature']>

/** What a signature binds besides the event. */
interface Terms {
  readonly proposalId: string
  readonly once: string
  /** The version that the event gets, where the caller has said which one it decided on. */
  readonly version: number | undefined
}

/** The event with the caller's signature. As it is where the client does not sign, or the caller has signed it. */
export async function signedBody<Body extends Pick<EventBody, 'signature'>>(
  connection: Connection,
  body: Body,
  terms: Terms,
  options: CallOptions,
): Promise<Body> {
  const { signing } = connection
  if (signing === null || body.signature !== undefined) return body
  const [{ publicKey, sign }, log] = await Promise.all([signing.signer, logOf(connection, signing, options)])
  const { proposalId, once, version } = terms
  const bound: Omit<Signature, 'value'> = { key: publicKey, log, once, ...(version === undefined ? {} : { version }) }
  const said = { ...body, proposalId, recordedBy: signing.recordedBy, signature: bound }
  const text = `commitments-event/1\n${canonicalize(said)}`
  const value = base64url(await sign(new TextEncoder().encode(text)))
  return { ...body, signature: { ...bound, value } }
}

/** A line as it is sent: with a key, and signed where the client signs. */
export async function readyLine(connection: Connection, line: BulkLine, options: CallOptions): Promise<KeyedLine> {
  const keyed = withKey(line)
  const { idempotencyKey, ifVersion, proposalId, ...body } = keyed
  const version = ifVersion === undefined ? undefined : ifVersion + 1
  const signed = await signedBody(connection, body, { proposalId, once: idempotencyKey, version }, options)
  return signed.signature === undefined ? keyed : { ...keyed, signature: signed.signature }
}

async function logOf(connection: Connection, signing: Signing, options: CallOptions): Promise<string> {
  if (signing.fixedLogId !== undefined) return signing.fixedLogId
  const asked = (signing.logId ??= askLogId(connection, options))
  try {
    return await asked
  } catch (error) {
    // The next call asks again.
    if (signing.logId === asked) signing.logId = null
    throw error
  }
}

/** Of an answer that needs no key, and has no body. */
async function askLogId(connection: Connection, options: CallOptions): Promise<string> {
  const { response } = await call(connection, options, (signal) =>
    connection.projection.GET('/v1/event-types', { headers: { 'If-None-Match': '*' }, signal }),
  )
  return logPointOf(response).logId
}

/** After a restore the log has another identity, which the next call asks for. */
export function noteRefusal({ signing }: Connection, code: string | undefined): void {
  if (signing && code === 'signed-for-another-log') signing.logId = null
}
