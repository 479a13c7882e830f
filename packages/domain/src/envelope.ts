import { z } from 'zod'
import { When } from './dates.ts'
import { Confidence, Evidence } from './evidence.ts'
import { boundedList, limits, PartyId, plainText } from './schema.ts'
import { Signature } from './signature.ts'
import { LongLanguageMap } from './texts.ts'

/** The members that a caller gives with every event, beside `type` and `data` (docs/architecture.md, The line). */
export const envelope = {
  occurredOn: When.nullable(),
  assertedBy: PartyId.optional(),
  confidence: Confidence.optional(),
  evidence: boundedList(Evidence, { of: 'pieces of evidence', max: limits.evidence }).optional(),
  note: LongLanguageMap.optional(),
  correlationId: plainText(limits.reference).optional(),
  causationId: plainText(limits.reference).optional(),
  signature: Signature.optional(),
} as const

type Envelope = z.infer<z.ZodObject<typeof envelope>>

/** A request to record an event of one type: the members that the caller chooses. */
export interface Body<Type extends string, Data> extends Envelope {
  readonly type: Type
  readonly data: Data
}

/** The same with its proposal: the input of `decide`. */
export interface BodyOfProposal<Type extends string, Data> extends Body<Type, Data> {
  readonly proposalId: string
}

/** An event in the log. */
export interface Recorded<Type extends string, Data> extends BodyOfProposal<Type, Data> {
  /** Its place in the log, from 1, without gaps. */
  readonly position: number
  /** When it was recorded: the database's clock, microseconds, UTC. It never falls along positions. */
  readonly recordedAt: string
  readonly eventId: string
  /** 128 random bits: prevents a short text from being guessed from its leaf in the transparency log. Absent once it is erased. */
  readonly nonce?: string | undefined
  /** Its place in its proposal's stream, from 1. */
  readonly version: number
  readonly schemaVersion: number
  readonly recordedBy: string
  readonly traceparent?: string | undefined
  /** Present if its texts were erased: `by` is the id of the event `erased` that says so. */
  readonly erased?: { readonly by: string } | undefined
  /** Only of an erased event: the leaf hash of its line as it was recorded, in base 64. */
  readonly leafHash?: string | undefined
}
