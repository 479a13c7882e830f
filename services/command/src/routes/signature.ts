import { hash } from 'node:crypto'
import type { EventBodyWithProposal } from '@commitments/domain'
import { type Caller, invalid, problem } from '@commitments/http-kit'
import { signatureHolds, statementOf } from '@commitments/transparency'
import type { Precondition } from '../recorder/requests.ts'

/** What a request has beside its body that a signature binds as well. */
interface Bound {
  readonly idempotencyKey: string | null
  readonly precondition: Precondition
}

/** Characters of a statement that a problem shows; of a longer one, its digest says whether two are the same. */
const mostShown = 4_000

/**
 * Checks the signature of a request, and gives what it binds: its `once` is the idempotency key, and its `version` the version that the event
 * can get. Without a signature, what was given.
 *
 * @throws Problem: 400 `invalid`, 400 `bad-signature`
 */
export function boundBySignature(caller: Caller, body: EventBodyWithProposal, given: Bound): Bound {
  const { signature } = body
  if (signature === undefined) return given
  const { recordedBy, party } = caller
  const faults = []
  if (party !== undefined && body.assertedBy === undefined) {
    const message = `must be given in a signed event, because nothing is added to what is signed; this caller speaks for ${party}`
    faults.push({ path: 'assertedBy', message })
  }
  if (given.idempotencyKey !== null && given.idempotencyKey !== signature.once) {
    const message = 'must be the same text as the idempotency key of the request, or the request must have none'
    faults.push({ path: 'signature.once', message })
  }
  const precondition = preconditionOf(signature.version, given.precondition)
  if (precondition === null) {
    const message = 'must be the version after the one that the request expects (If-Match, If-None-Match, ifVersion)'
    faults.push({ path: 'signature.version', message })
  }
  if (faults.length > 0) throw invalid(faults)
  const text = statementOf({ ...body, recordedBy }) as string
  if (!signatureHolds({ key: signature.key, text, value: signature.value })) throw badSignature(text)
  return { idempotencyKey: signature.once, precondition: precondition ?? given.precondition }
}

/** Null if the two can never hold together. */
function preconditionOf(version: number | undefined, given: Precondition): Precondition | null {
  if (version === undefined) return given
  const before = version - 1
  const own: Precondition = before === 0 ? { demand: 'absent' } : { demand: 'version', versions: [before] }
  if (given.demand === 'nothing') return own
  if (given.demand === 'version') return given.versions.includes(before) ? own : null
  return (given.demand === 'absent') === (before === 0) ? own : null
}

/** With the text that the signature was held against, so that a caller can compare it with the one that it signed. */
function badSignature(text: string) {
  const detail =
    'The `signature` is not one by its `key` on what this request says. `signed` is the text that it was held against: the signature has to be over its UTF-8 bytes.'
  const digest = { signedSha256: hash('sha256', text) }
  return problem('bad-signature', detail, text.length <= mostShown ? { signed: text, ...digest } : digest)
}
