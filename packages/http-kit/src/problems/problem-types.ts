/**
 * The catalogue of problem types that the services have in common. From it come the pages under `/problems/`, the
 * error answers in the OpenAPI documents and `docs/errors.md`.
 */
export interface ProblemType {
  status: number
  /** Short, the same in every case (RFC 9457 `title`). */
  title: string
  /** When the answer is given. */
  when: string
  /** What the calling program, or the person behind it, does. */
  client: string
  /** What those who run the service do. */
  operator: string
}

export type ProblemTypes = Readonly<Record<string, ProblemType>>

const nothing = 'Nothing: the caller has to change the request.'

const catalogue = {
  malformed: {
    status: 400,
    title: 'The request cannot be read',
    when: 'The bytes are not what they claim to be: not HTTP, a URL with a broken percent escape, a header that may come once and came twice, a body or an import that is missing or empty, not UTF-8, not JSON, nested too deeply, with a name twice in one object, with U+0000 or with half of a surrogate pair.',
    client: 'Send one well-formed JSON document. The detail says where the reading stopped.',
    operator: nothing,
  },
  invalid: {
    status: 400,
    title: 'The request does not fit the schema',
    when: 'Body, query, path or headers are readable, but a member is missing, unknown, of the wrong kind, or out of bounds.',
    client: 'Correct every entry of `errors`; each names the place and what would be accepted there.',
    operator: nothing,
  },
  unauthenticated: {
    status: 401,
    title: 'No valid key was given',
    when: 'The call needs a key, and the `Authorization` header is missing, not of the form `Bearer <key>`, or bears a key that is not known here, has expired, or does not hold yet.',
    client: 'Send `Authorization: Bearer <key>` with a key that the operator gave you.',
    operator:
      'Compare the digest of the key with the configured ones, and look at `expires` and `notBefore`. A change of API_KEYS_FILE is taken up within seconds.',
  },
  forbidden: {
    status: 403,
    title: 'The key may not do this',
    when: 'The key is known but lacks the scope that the call needs (`scope` names it).',
    client: 'Use a key with that scope, or ask the operator for it.',
    operator: 'Add the scope to the key where the caller should have it.',
  },
  'not-your-party': {
    status: 403,
    title: 'The key speaks for another party',
    when: 'The key is bound to one party, and the event is asserted by another, is an act of others (`acts` names them), or is an act within a proposal of which the party is none.',
    client:
      'Leave `assertedBy` out or name your own party, and record acts of your own party only. What others did is recorded with their key, or with one that is bound to no party.',
    operator: 'Check the `party` of the key.',
  },
  'not-your-event': {
    status: 403,
    title: 'The event is not yours to correct',
    when: 'The key is bound to one party, and `corrected` or `retracted` names events (`events`) that this key did not record and that its party did not assert.',
    client: 'Record `contested` on the event, with your evidence; or ask those who recorded it, or the registry.',
    operator: 'Give the scope `correct` to a key that is to correct whatever was recorded, such as that of a registry.',
  },
  'not-found': {
    status: 404,
    title: 'Nothing is here',
    when: 'No route has this path, a part of the path is empty, or the thing that the path names does not exist.',
    client:
      'Compare the path with `/docs`. Case matters, and no path ends in a slash. Events are recorded at the command service; everything else is read at the projection service.',
    operator: nothing,
  },
  'unknown-proposal': {
    status: 404,
    title: 'There is no such proposal',
    when: 'The proposal was never proposed in this ledger (or, for a question about an earlier time, not yet).',
    client: 'Check the spelling of the id; a new proposal begins with a `proposed` event.',
    operator: nothing,
  },
  'method-not-allowed': {
    status: 405,
    title: 'The method is not offered here',
    when: 'The path exists, but does not offer this method.',
    client:
      'Use one of the methods that the `Allow` header lists, or the other service: one records, the other is read.',
    operator: nothing,
  },
  'not-acceptable': {
    status: 406,
    title: 'The call offers none of the accepted media types',
    when: 'The `Accept` header leaves out everything that this call can answer with.',
    client: 'Accept one of the media types in `offers`, or send no `Accept` header.',
    operator: nothing,
  },
  'request-timeout': {
    status: 408,
    title: 'The request did not arrive in time',
    when: 'The head or the body of the request did not arrive in time: a single event within 30 seconds, an atomic import within 120; the body of another import was silent for 60 seconds.',
    client:
      'Send the whole request again; a write with the same `Idempotency-Key`, an import with the same `idempotencyKey` in each line.',
    operator: 'Look at the network and at proxies between the caller and the service if it happens often.',
  },
  'beyond-head': {
    status: 409,
    title: 'The position lies beyond the end of the log',
    when: 'A read names a position that this log has not reached: the log is another one, or was restored.',
    client: 'Compare `Log-Id` with the one you followed. If it changed, read the log again from the beginning.',
    operator: 'If nothing was restored, check that the caller talks to the right ledger.',
  },
  'version-conflict': {
    status: 412,
    title: 'The proposal has another version',
    when: '`If-Match` or `If-None-Match` does not hold: somebody else recorded an event in between, or the tag is not a version of a proposal (the `ETag` of a status is none).',
    client:
      'Read the proposal again, decide again, and send the `version` of what you read in `If-Match`. `currentVersion` is the version now.',
    operator: nothing,
  },
  'too-large': {
    status: 413,
    title: 'The request is too large',
    when: 'The body, one event or one line of a bulk import is larger than the limit (`limit`, in bytes or lines, where it is known).',
    client: 'Send less at once: several events instead of one, or a bulk import in parts.',
    operator: nothing,
  },
  'uri-too-long': {
    status: 414,
    title: 'The path is too long',
    when: 'A part of the path is longer than any name that can exist here.',
    client: 'Check how the URL was put together.',
    operator: nothing,
  },
  'unsupported-media-type': {
    status: 415,
    title: 'The body is of a media type that is not read here',
    when: 'The `Content-Type` is missing or not one of those that the call reads, or the body is compressed (`Content-Encoding`, or a `Transfer-Encoding` other than `chunked`).',
    client: 'Send one of the media types in `accepts`, uncompressed, in UTF-8.',
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
    when: 'An event was recorded under this `Idempotency-Key`, and its content differs from what was sent now.',
    client: 'Use a new key for a new event. For a repetition, send exactly what was sent the first time.',
    operator: nothing,
  },
  'too-many-requests': {
    status: 429,
    title: 'Too many requests',
    when: 'More requests of this key, or of this address where no key is given, than the operator allows (each line of an import and every 256 KiB of an answer count as one), or many wrong keys came from this address.',
    client:
      'Wait for the seconds in `Retry-After`, then go on more slowly. An import without `atomic` is slowed down and not refused.',
    operator:
      'Raise RATE_LIMIT if the caller is right. For wrong keys the log has the `address` of each; behind a proxy set TRUST_PROXY, or all callers are one address.',
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
    title: 'The service made a mistake',
    when: 'The service met a state that it was not made for. It is not known whether a write was recorded.',
    client: 'Send the request again (a write with the same `Idempotency-Key`); report `requestId` if it stays.',
    operator: 'Search the log of the service for the `requestId`: the line with level 50 has the cause.',
  },
  unavailable: {
    status: 503,
    title: 'The service cannot do it now',
    when: 'The service is busy (more requests wait than can be answered in time), the database cannot be reached or takes too long, the service is starting or stopping, or it has not read as far as was asked. `detail` says which. Nothing was recorded.',
    client: 'Send the same request again after the seconds in `Retry-After`.',
    operator:
      'See `/health/ready`: it names what is missing. Where the service is busy, see who asks so much, or give it more (READ_CONNECTIONS, another instance).',
  },
  'outcome-unknown': {
    status: 503,
    title: 'It is not known whether the event was recorded',
    when: 'The database went away while the event was being written, and did not come back in time to tell.',
    client:
      'Send the same request with the same `Idempotency-Key` after `Retry-After`: it records the event or answers with the recorded one.',
    operator: 'See `/health/ready` and the log of the database.',
  },
} as const satisfies ProblemTypes

export type KitProblemCode = keyof typeof catalogue

/** The codes of both services; a service adds those of its domain in `buildApp({ problemTypes })`. */
export const problemTypes: Readonly<Record<KitProblemCode, ProblemType>> = catalogue

/** What a domain says of a refusal; see `conflictTypes`. */
export interface RefusalText {
  title: string
  when: string
  client: string
}

/**
 * Problem types of domain refusals: 409, unless the catalogue of the kit has the code already (`unknown-proposal` is 404).
 */
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
        operator: `The service works as it should. To a caller who asks, say: ${client}`,
      },
    ]),
  )
}
