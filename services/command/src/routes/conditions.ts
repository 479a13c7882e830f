import type { EventBodyWithProposal } from '@commitments/domain'
import { type Caller, invalid, parseIfMatch, parseIfNoneMatch } from '@commitments/http-kit'
import { digestOfKey, type Precondition, type RecordRequest } from '../recorder/requests.ts'
import { boundBySignature } from './signature.ts'

/** Bytes of one event as it is sent. In the log none is longer than 65,535; the rest is room for white space and escapes. */
export const eventLimit = 256 * 1024

/** A stream's version, as the strong tag of a proposal that is written to. */
const versionTag = /^[1-9]\d{0,9}$/

/**
 * The precondition in the headers of a write. A tag that is not a version, such as the `ETag` of a status, or a weak one, never matches
 * (RFC 9110, 13.1.1). The answer is 412, not 400, because a client may send back any tag that it was given. No proposal has version 0.
 */
export function preconditionOf(ifMatch: string | undefined, ifNoneMatch: string | undefined): Precondition {
  const match = parseIfMatch(ifMatch)
  const noneMatch = parseIfNoneMatch(ifNoneMatch)
  if (match && noneMatch) {
    throw invalid([
      { path: 'header.if-none-match', message: 'must not be sent together with `If-Match`: send only one of them' },
    ])
  }
  if (noneMatch) {
    if (noneMatch.any) return { demand: 'absent' }
    throw invalid([
      { path: 'header.if-none-match', message: 'must be *, which means that the proposal does not exist yet' },
    ])
  }
  if (!match) return { demand: 'nothing' }
  if (match.any) return { demand: 'present' }
  const strong = match.tags.filter((tag) => !tag.weak && versionTag.test(tag.value))
  return { demand: 'version', versions: strong.map((tag) => Number(tag.value)) }
}

/** For the OpenAPI document, at each write. */
export const whoSpeaks =
  'A key that is bound to a party speaks for that party only; so does an access token, whose party its issuer’s configuration says, and one that speaks for no party records nothing (403 `not-your-party`). `assertedBy` is its party: it is filled in if it is absent, but an event without evidence must name it, and another party is 403 `not-your-party`. An act that names its actor must be an act of that party; each type of event says whose act it is, and any of several acting parties may record their act, with evidence. `corrected` and `retracted` may name only events that this key recorded or its party asserted (otherwise 403 `not-your-event`: record `contested`), unless the key has the scope `correct`. A key that is bound to no party may record anything.'

/** For the OpenAPI document, at each write. */
export const whoSigns =
  'A caller can sign what it records: `signature` in the event (see the schema `Signature`) is checked, kept in the line and checked by every auditor, so that nobody else can have said it. Its public key has to be registered for the caller (otherwise 403 `not-your-signing-key`), a signature that does not fit is 400 `bad-signature`, one for another log is 409 `signed-for-another-log`, and a caller can require signatures (403 `signature-required`). A dry run needs none: whoever gets a signed event can record it.'

/** The members of a request in addition to its body, for every way of sending it. */
interface Terms extends Pick<RecordRequest, 'precondition' | 'traceparent'> {
  readonly idempotencyKey: string | null
}

/**
 * The caller's request to record an event. If the caller's key is bound to a party and the event names no asserting party, that party
 * asserts it, and the line says so. A signature has to hold. Whether the caller may record it at all is decided where the proposal is known (recorder/judge.ts).
 */
export function requestOf(caller: Caller, sent: EventBodyWithProposal, terms: Terms): RecordRequest {
  const { recordedBy, party = null, speaksForNobody, scopes, signing } = caller
  const { idempotencyKey, precondition } = boundBySignature(caller, sent, terms)
  const request = {
    body: sent,
    speaker: { recordedBy, party, speaksForNobody, correctsAnything: scopes.has('correct') },
    signing,
    keyDigest: idempotencyKey === null ? null : digestOfKey(recordedBy, idempotencyKey),
    precondition,
    traceparent: terms.traceparent,
  }
  if (party === null || sent.assertedBy !== undefined) return request
  return { ...request, body: { ...sent, assertedBy: party }, sent }
}
