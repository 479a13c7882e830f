/**
 * The catalogue of problem types that both services share. The pages under `/problems/`, the error answers in the OpenAPI documents and
 * `docs/errors.md` are made from it.
 */
export interface ProblemType {
  status: number
  /** Short, the same in every case (RFC 9457 `title`). */
  title: string
  /** When the answer is given. */
  when: string
  /** What the calling program, or its user, should do. */
  client: string
  /** What the operator should do. */
  operator: string
}

export type ProblemTypes = Readonly<Record<string, ProblemType>>

const nothing = 'Nothing: the caller has to change the request.'

const catalogue = {
  malformed: {
    status: 400,
    title: 'The request cannot be read',
    when: 'The request is not HTTP, its URL has a broken percent escape, or a header that may be sent only once was sent twice; or the body or import is missing, empty, not UTF-8, not JSON or nested too deeply, or it contains a name twice in one object, U+0000 or half of a surrogate pair.',
    client: 'Send one well-formed JSON document. `detail` says where reading stopped.',
    operator: nothing,
  },
  invalid: {
    status: 400,
    title: 'The request does not fit the schema',
    when: 'Body, query, path and headers can be read, but a member is missing, unknown, of the wrong type, or out of bounds.',
    client: 'Correct every entry of `errors`; each names the place and what is accepted there.',
    operator: nothing,
  },
  'bad-signature': {
    status: 400,
    title: 'The signature does not fit what was sent',
    when: 'The event has a `signature` that is not one by its `key` on what the request says, for the key of this caller (`recordedBy`). `signed` is the text that it was held against (of a long one only `signedSha256`, its SHA-256).',
    client:
      'Compare `signed` with the text that you signed, byte by byte: it is one line `commitments-event/1`, a line feed, and the canonical JSON (RFC 8785) of what is sent, with `recordedBy`, `proposalId` and the signature without its `value`. Sign that text.',
    operator:
      'Nothing, if one caller makes the mistake. If what callers send is changed on its way, look at the proxies.',
  },
  'unknown-erasure': {
    status: 404,
    title: 'There is no such erasure',
    when: 'An erasure is approved that nobody has proposed for this log; an accepted restore begins another log.',
    client: 'List them with `GET /v1/admin/erasures`, and take the id from there.',
    operator: nothing,
  },
  'no-such-position': {
    status: 404,
    title: 'The log has no event there',
    when: 'An erasure names positions that the log does not have (`positions`).',
    client: 'Read the positions of the events in the history of their proposal.',
    operator: nothing,
  },
  'not-erasable': {
    status: 409,
    title: 'These events cannot be erased',
    when: 'The texts of an event (`positions`) are erased already, the event is itself the record of an erasure, or a later release recorded it and this one does not know its type.',
    client: 'Propose the erasure of the other events; those of an unknown type after the upgrade.',
    operator: nothing,
  },
  'erasure-expired': {
    status: 409,
    title: 'The erasure has expired',
    when: 'An erasure is approved more than seven days after it was proposed.',
    client: 'Propose it again, and have it approved within seven days.',
    operator: nothing,
  },
  'erasure-by-two': {
    status: 409,
    title: 'Another caller has to approve the erasure',
    when: 'The caller that proposed an erasure approves it, or another key of the same name does.',
    client: 'Ask somebody with the scope `admin` and a key of another name to approve it.',
    operator: 'Give two people keys with the scope `admin`, of different names.',
  },
  unauthenticated: {
    status: 401,
    title: 'No valid key or token was given',
    when: 'The call needs a key or an access token, and the `Authorization` header is missing, not of the form `Bearer <key>`, or has a key that is unknown, has expired, or is not valid yet, or a token that does not hold; `detail` says why.',
    client:
      'Send `Authorization: Bearer <key>` with a key that the operator gave you, or an access token of an issuer that is configured here (`/.well-known/oauth-protected-resource` names them). If a token has expired, get a new one.',
    operator:
      'Key: compare its digest with the configured digests, and check `expires` and `notBefore`; a change of API_KEYS_FILE takes effect within seconds. Token: compare its claims (`iss`, `aud`, `typ`, `alg`) with OIDC_ISSUERS_FILE (docs/signing-in.md).',
  },
  forbidden: {
    status: 403,
    title: 'The key or token may not do this',
    when: 'The key or token is valid but lacks the scope that the call needs (`scope` names it).',
    client: 'Use a key or a token with that scope, or ask the operator for it.',
    operator:
      'Add the scope to the key if the caller should have it. Token: `detail` lists the scopes that it gives here; check `scopes` of its issuer in OIDC_ISSUERS_FILE, and what the issuer writes into the token.',
  },
  'not-your-party': {
    status: 403,
    title: 'The key or token speaks for another party',
    when: 'The key or token is bound to one party, and the event is asserted by another party, is an act of other parties (`acts` names them), or is an act within a proposal in which the party takes no part. Or the token speaks for no party that is configured here.',
    client:
      'Omit `assertedBy` or name your own party, and record only acts of your own party. Acts of others need their key, or a key that is bound to no party.',
    operator: 'Check the `party` of the key, or `party` of the issuer of the token in OIDC_ISSUERS_FILE.',
  },
  'not-your-event': {
    status: 403,
    title: 'The event is not yours to correct',
    when: 'The key or token is bound to one party, and `corrected` or `retracted` names events (`events`) that this caller did not record and that its party did not assert.',
    client: 'Record `contested` on the event, with your evidence, or ask the recorder of the event or the registry.',
    operator: 'Give the scope `correct` to a key that may correct any event, such as the key of a registry.',
  },
  'signature-required': {
    status: 403,
    title: 'Only signed events are recorded for this caller',
    when: 'The entry of the caller in API_KEYS_FILE or OIDC_ISSUERS_FILE requires a signature, and the event has none.',
    client: 'Sign the event with a key that is registered for you. A dry run needs no signature.',
    operator:
      'Remove `requireSignature` only if the caller asks for it: it protects the caller from whoever has its API key or its token.',
  },
  'not-your-signing-key': {
    status: 403,
    title: 'The event is signed with a key that is not yours',
    when: 'The signature holds, but its `key` is not registered for this caller, is not valid yet, or has expired.',
    client: 'Sign with a key that is registered for you, or give the operator your new public key before you use it.',
    operator:
      'Compare the public key with `signingKeys` of the caller in API_KEYS_FILE (with a token: `callers` of its issuer in OIDC_ISSUERS_FILE), and its `notBefore` and `expires`. Take a new key only from the caller itself.',
  },
  'not-found': {
    status: 404,
    title: 'Nothing is here',
    when: 'No route has this path, a part of the path is empty, or the resource that the path names does not exist.',
    client:
      'Compare the path with `/docs`. Case matters, and no path ends in a slash. Record events at the command service; read everything else at the projection service.',
    operator: nothing,
  },
  'unknown-proposal': {
    status: 404,
    title: 'There is no such proposal',
    when: 'The proposal was never proposed in this ledger or, for a question about an earlier time, not yet.',
    client: 'Check the spelling of the id. A new proposal begins with a `proposed` event.',
    operator: nothing,
  },
  'method-not-allowed': {
    status: 405,
    title: 'The method is not offered here',
    when: 'The path exists but does not offer this method.',
    client:
      'Use one of the methods in the `Allow` header, or use the other service: one service records, the other reads.',
    operator: nothing,
  },
  'not-acceptable': {
    status: 406,
    title: 'The call offers none of the accepted forms',
    when: 'The `Accept` header includes none of the media types of this call, or `Accept-Encoding` excludes `br`, `gzip` and `identity`.',
    client: 'Accept one of those in `offers`, or send no such header.',
    operator: nothing,
  },
  'request-timeout': {
    status: 408,
    title: 'The request did not arrive in time',
    when: 'The head or the body of the request did not arrive in time: a single event within 30 seconds, an atomic import within 120; the body of any other import without a silence of 60 seconds.',
    client:
      'Send the whole request again: a write with the same `Idempotency-Key`, an import with the same `idempotencyKey` in each line.',
    operator: 'If it happens often, check the network and the proxies between the caller and the service.',
  },
  'beyond-head': {
    status: 409,
    title: 'The position lies beyond the end of the log',
    when: 'A read names a position that this log has not reached: it is a different log, or it was restored. Or more was signed than the log has, and what now follows the signed part is not what was there before: `head` is then the end of the signed part.',
    client: 'Compare `Log-Id` with that of the log you followed. If it changed, read the log again from the beginning.',
    operator: 'If nothing was restored, check that the caller talks to the right ledger.',
  },
  'signed-for-another-log': {
    status: 409,
    title: 'The event is signed for another log',
    when: '`log` in the signature is not the `Log-Id` of this log (`logId`): the event was meant for another one, or this log was restored and has a new identity.',
    client:
      'Check that you talk to the right service. If its log was restored (`GET /v1/log/forks` says why), and the event is not in it, sign it again for `logId`.',
    operator: 'If nothing was restored, check that the caller talks to the right ledger.',
  },
  'version-conflict': {
    status: 412,
    title: 'The proposal has a different version',
    when: '`If-Match` or `If-None-Match` does not hold: somebody else recorded an event in between, or the tag is not the version of a proposal (the `ETag` of a status is not a version).',
    client:
      'Read the proposal again, decide again, and send the `version` of what you read in `If-Match`. `currentVersion` is the current version.',
    operator: nothing,
  },
  'too-large': {
    status: 413,
    title: 'The request is too large',
    when: 'The body, one event or one line of a bulk import exceeds the limit (`limit`, in bytes or lines, if it is known).',
    client: 'Send less at once: several events instead of one, or a bulk import in parts.',
    operator: nothing,
  },
  'uri-too-long': {
    status: 414,
    title: 'The path is too long',
    when: 'A part of the path is longer than any possible name.',
    client: 'Check how the URL was built.',
    operator: nothing,
  },
  'unsupported-media-type': {
    status: 415,
    title: 'The media type of the body is not supported',
    when: 'The `Content-Type` is missing or not accepted by the call, or the body is encoded in a way that the call does not decode (`Content-Encoding`, or a `Transfer-Encoding` other than `chunked`).',
    client:
      'Send one of the media types in `accepts`, in UTF-8, uncompressed or with a coding that the header `Accept-Encoding` of the answer names.',
    operator: nothing,
  },
  'expectation-failed': {
    status: 417,
    title: 'The expectation cannot be met',
    when: 'The `Expect` header asks for something other than `100-continue`.',
    client: 'Send no `Expect` header, or `100-continue`.',
    operator: nothing,
  },
  'idempotency-key-reused': {
    status: 422,
    title: 'The idempotency key belongs to another request',
    when: 'An event was recorded under this `Idempotency-Key`, and its content differs from the one sent now, or it is not signed and the one sent now is.',
    client: 'Use a new key for a new event. For a repetition, send exactly what was sent the first time.',
    operator: nothing,
  },
  'too-many-requests': {
    status: 429,
    title: 'Too many requests',
    when: 'This caller, by its key or token (or this address, if neither is given), sent more requests than the operator allows, or this address sent many wrong keys or tokens. Each line of an import and every 256 KiB of an answer count as one request.',
    client:
      'Wait for the seconds in `Retry-After`, then continue more slowly. An import without `atomic` is slowed down, not refused.',
    operator:
      'Raise RATE_LIMIT if the caller needs more. The log has the `address` of each wrong key. Behind a proxy set TRUST_PROXY; otherwise all callers share one address.',
  },
  'headers-too-large': {
    status: 431,
    title: 'The head of the request is too large',
    when: 'Request line and headers together are larger than 16 KiB.',
    client: 'Send fewer or smaller headers and a shorter query.',
    operator: nothing,
  },
  internal: {
    status: 500,
    title: 'The service failed',
    when: 'The service met an unexpected state. It is not known whether a write was recorded.',
    client:
      'Send the request again (a write with the same `Idempotency-Key`). If the problem persists, report the `requestId`.',
    operator: 'Search the log of the service for the `requestId`: the line with level 50 gives the cause.',
  },
  unavailable: {
    status: 503,
    title: 'The service is unavailable now',
    when: 'The service is busy (more requests wait than it can answer in time), the database cannot be reached or takes too long, the service is starting or stopping, it has not yet read the requested position, or the issuer of an access token cannot be asked for its keys. `detail` says which. Nothing was recorded.',
    client: 'Send the same request again after the seconds in `Retry-After`.',
    operator:
      'See `/health/ready`: it names what is missing. If the service is busy, find the callers with the most requests, or add capacity (READ_CONNECTIONS, another instance). If an issuer gives no answer, the alarm `issuers` there says why.',
  },
  'log-went-back': {
    status: 503,
    title: 'The log has lost events, and its operator has to decide',
    when: 'Something that was acknowledged or signed is no longer in the log, or differs there: the database failed over to a server that lacked it, was restored from a backup, or was changed. Nothing was recorded, and nothing is until the operator has decided. `detail` says what is known.',
    client:
      'Wait, and then send the same request again with the same `Idempotency-Key`. If `Log-Id` has changed by then, a restore was accepted: some of what you recorded may be gone, so compare what you keep with the log.',
    operator:
      'See `/health/ready`. Either go back to the server that has the events, or stop the services and run `npm run accept-restore`, which gives the log a new identity and puts the fork on record.',
  },
  'outcome-unknown': {
    status: 503,
    title: 'It is not known whether the event was recorded',
    when: 'The connection to the database was lost while the event was being written, and did not return in time to tell the outcome.',
    client:
      'Send the same request with the same `Idempotency-Key` after `Retry-After`: it records the event or returns the recorded one.',
    operator: 'See `/health/ready` and the log of the database.',
  },
} as const satisfies ProblemTypes

export type KitProblemCode = keyof typeof catalogue

/** The codes of both services; a service adds those of its domain in `buildApp({ problemTypes })`. */
export const problemTypes: Readonly<Record<KitProblemCode, ProblemType>> = catalogue

/** The texts of a domain for a refusal; see `conflictTypes`. */
export interface RefusalText {
  title: string
  when: string
  client: string
}

/** Problem types of domain refusals: 409, unless http-kit's catalogue already has the code (`unknown-proposal` is 404). */
export function conflictTypes(refusals: Readonly<Record<string, RefusalText>>): ProblemTypes {
  const known: ProblemTypes = problemTypes
  return Object.fromEntries(
    Object.entries(refusals).map(([code, { title, when, client }]) => [
      code,
      {
        status: known[code]?.status ?? 409,
        title,
        when,
        client,
        operator: nothing,
      },
    ]),
  )
}
