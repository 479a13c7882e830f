import { type Caller, invalid, parseIfMatch, parseIfNoneMatch, problem } from '@commitments/http-kit'
import type { Precondition } from '../recorder/requests.ts'

/** A stream's version, as the strong tag of a proposal that is written to. */
const versionTag = /^(?:0|[1-9]\d{0,9})$/

/**
 * The precondition in a write's headers. A tag that is no version, or a weak one, never matches (RFC 9110, 13.1.1): the answer is 412,
 * not 400, since a client may send back whatever tag it was given.
 */
export function preconditionOf(ifMatch: string | undefined, ifNoneMatch: string | undefined): Precondition {
  const match = parseIfMatch(ifMatch)
  const noneMatch = parseIfNoneMatch(ifNoneMatch)
  if (match && noneMatch) {
    throw invalid([
      { path: 'header.if-none-match', message: 'If-Match and If-None-Match exclude each other: send one of them' },
    ])
  }
  if (noneMatch) {
    if (noneMatch.any) return { demand: 'absent' }
    throw invalid([{ path: 'header.if-none-match', message: 'only * is accepted: the proposal must not exist' }])
  }
  if (!match) return { demand: 'nothing' }
  if (match.any) return { demand: 'present' }
  const strong = match.tags.filter((tag) => !tag.weak && versionTag.test(tag.value))
  return { demand: 'version', versions: strong.map((tag) => Number(tag.value)) }
}

/** A key that is bound to a party asserts for that party only. @throws 403 `not-your-party` */
export function assertOwnParty(caller: Caller, assertedBy: string | undefined): void {
  if (caller.party === undefined || assertedBy === undefined || assertedBy === caller.party) return
  throw problem('not-your-party', `This key speaks for ${caller.party}, and the event is asserted by ${assertedBy}.`, {
    party: caller.party,
  })
}
