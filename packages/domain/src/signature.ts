/** What a caller signs when it records an event, so that nobody can put words into its mouth (decision 30). */
import { z } from 'zod'
import { accepts, limits, object } from './schema.ts'

const keyError = accepts(
  'must be the 32 bytes of an Ed25519 public key in base64url without padding: 43 characters, such as "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"',
)
const logError = accepts(
  'must be the `Log-Id` of the log that it is meant for, such as that of an answer of the service',
)
const onceError = accepts(
  `must be 1 to ${limits.idempotencyKey} printable ASCII characters that this caller has never used before`,
)
const versionError = accepts('must be the version that the event gets: a whole number from 1')
const valueError = accepts(
  'must be the 64 bytes of an Ed25519 signature in base64url without padding, which are 86 characters',
)

/** A caller's signature on an event, as it is sent and as the line keeps it. */
export const Signature = object({
  key: z.string({ error: keyError }).regex(/^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/, { error: keyError }),
  log: z.string({ error: logError }).regex(/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/, { error: logError }),
  once: z.string({ error: onceError }).regex(/^[ -~]{1,255}$/, { error: onceError }),
  version: z.int({ error: versionError }).min(1, { error: versionError }).optional(),
  value: z.string({ error: valueError }).regex(/^[A-Za-z0-9_-]{85}[AQgw]$/, { error: valueError }),
}).meta({
  id: 'Signature',
  description:
    'The caller’s Ed25519 signature (RFC 8032) on what it says: on the UTF-8 bytes of `commitments-event/1`, a line feed, and the RFC 8785 form of one object with all ' +
    'members that the caller decides (`proposalId`, `type`, `occurredOn`, `data` and, where they are given, `assertedBy`, `confidence`, `evidence`, `note`, `correlationId`, ' +
    '`causationId`), `recordedBy` (`key:` and the name of the caller’s key, or `oidc:`, the issuer of its token and its name there), and this object without `value`. `key` is the public key, `log` the `Log-Id` of the log, `once` a text that the ' +
    'caller never uses again, which is its idempotency key too; with `version` the event can only become that version of its proposal.',
  examples: [
    {
      key: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo',
      log: '0199c1e4-7d5a-7c3e-9a4b-0c6a2f4f8f11',
      once: '7f9c2ba4-e88f-11ef-9cd2-0242ac120002',
      version: 2,
      value: 'hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAw',
    },
  ],
})
export type Signature = z.infer<typeof Signature>
