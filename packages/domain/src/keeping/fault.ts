/** Which member of a wish is at fault where an event that it leads to is refused. */
import { definitionOf } from '../event-types.ts'
import type { ParseError } from '../parse-errors.ts'
import type { Wish } from './wish.ts'

/** A refusal by the rules of the field, or of who may speak. */
interface Refusal {
  readonly code: string
  readonly [extra: string]: unknown
}

/** An event that was refused, and what of the wish it is from. */
interface OfWish {
  /** The members that lead to it. */
  readonly paths: readonly string[]
  /** Those that give its date and its evidence. */
  readonly source: { readonly occurredOn: string; readonly evidence: string }
  readonly body: { readonly type: string }
}

/**
 * The members of a wish at fault: what its event says besides its content (the date, the evidence, who asserts it), or the members that lead to
 * the event. None, if the caller itself may not record.
 */
export function faultsOf(refusal: Refusal, { paths, source, body: { type } }: OfWish, wish: Wish): ParseError[] {
  const { code, member } = refusal
  const refused = `(${type}) that is refused (${code})`
  if (member === 'occurredOn') return [{ path: source.occurredOn, message: `is the date of an event ${refused}` }]
  if (code === 'needs-evidence' || member === 'evidence.publishedOn') {
    return [{ path: source.evidence, message: `is the evidence of an event ${refused}` }]
  }
  if (code === 'signature-required') return []
  if (code === 'not-your-party' && !isAboutActors(refusal, type, wish)) {
    return refusal['party'] === undefined ? [] : [{ path: 'assertedBy', message: `is who asserts an event ${refused}` }]
  }
  return paths.map((path) => ({ path, message: `leads to an event ${refused}` }))
}

/** Whether a caller may not speak for those who act, as the content names them; and not for who asserts it, or at all. */
function isAboutActors({ party }: Refusal, type: string, { assertedBy }: Wish): boolean {
  const asserts = party !== undefined && (assertedBy === undefined || assertedBy === party)
  return asserts && definitionOf(type)?.acts !== 'a-party'
}
