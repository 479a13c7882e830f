/**
 * What remains of an event whose texts are erased, by rules that hold for every type: each text for people becomes {@link erasedText}, and
 * addresses and digests of documents are left out, as are the note, the caller's own references and signature, and the nonce, from which a
 * short text could be guessed. Codes, ids, dates, numbers and amounts stay. So it is still an event of its type, by its schema and for the
 * fold, which has the effect that it had, except for the texts.
 */
import { z } from 'zod'
import { envelope } from './envelope.ts'
import { definitionOf, type EventBodyWithProposal, type RecordedEvent } from './event-types.ts'
import { onErasure } from './schema.ts'

/** In place of each erased text: the same in every language. */
export const erasedText = '█'

/** In place of a text that takes fewer bytes than that: so that no line becomes longer than its event may be. */
const erasedShortText = '-'

/** The type of the event with this version of the same proposal: the content of a correction depends on it. */
export type TypeOfVersion = (version: number) => string | undefined

/** The line of an event after its texts are erased. */
interface Erasing {
  /** The id of the event `erased` that says so. */
  readonly by: string
  /** The leaf hash of its line as it was recorded, in base 64. */
  readonly leafHash: string
  readonly typeOf: TypeOfVersion
}

/** The new line of an event, without its end. It begins with what the log needs of it: `{"position":17,"erased":{…},"leafHash":"…"`. */
export function eraseLine(event: RecordedEvent, { by, leafHash, typeOf }: Erasing): string {
  const { evidence, data } = withoutTexts(event, typeOf)
  return JSON.stringify({
    position: event.position,
    erased: { by },
    leafHash,
    recordedAt: event.recordedAt,
    eventId: event.eventId,
    proposalId: event.proposalId,
    version: event.version,
    type: event.type,
    schemaVersion: event.schemaVersion,
    occurredOn: event.occurredOn,
    recordedBy: event.recordedBy,
    assertedBy: event.assertedBy,
    confidence: event.confidence,
    evidence,
    data,
    traceparent: event.traceparent,
  })
}

/**
 * A body, as far as it can be compared with that of an erased event: without its texts, and of a correction without the right data, which the
 * type of another event is needed for.
 */
export function erasedBody(body: EventBodyWithProposal): EventBodyWithProposal {
  const { note: _note, correlationId: _correlation, causationId: _causation, signature: _signature, ...kept } = body
  const { evidence, data } = withoutTexts(body, null)
  return { ...kept, data, ...(evidence === undefined ? {} : { evidence }) } as EventBodyWithProposal
}

function withoutTexts(
  { type, data, evidence }: Pick<RecordedEvent, 'type' | 'data' | 'evidence'>,
  typeOf: TypeOfVersion | null,
) {
  return {
    data: type === 'corrected' ? erasedCorrections(data as CorrectedData, typeOf) : erasedData(type, data),
    evidence: erased(envelope.evidence, evidence),
  }
}

type CorrectedData = Extract<RecordedEvent, { type: 'corrected' }>['data']

/** A correction has the data of another type of event. */
function erasedCorrections(data: CorrectedData, typeOf: TypeOfVersion | null): unknown {
  const { corrections, ...others } = erasedData('corrected', data) as CorrectedData
  const right = corrections.map((correction) => {
    const { data: wanted, ...rest } = correction
    if (wanted === undefined || typeOf === null) return rest
    return { ...correction, data: erasedData(typeOf(correction.event) ?? '', wanted) }
  })
  return { ...others, corrections: right }
}

/** @throws TypeError for a type that is not known here: nothing of such an event may be thought erased. */
function erasedData(type: string, data: unknown): unknown {
  const definition = definitionOf(type)
  if (!definition) throw new TypeError(`Not an event type: ${type}`)
  return erased(definition.data, data)
}

const left = Symbol('left out')

/** A value of a schema without its texts. */
function erased(schema: z.ZodType, value: unknown): unknown {
  const rule = onErasure.get(schema)
  if (value === undefined || value === null) return value
  if (rule?.becomes === 'nothing') return left
  if (rule?.becomes === 'mark') return marked(value)
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodNullable) return erased(typed(schema.unwrap()), value)
  if (schema instanceof z.ZodArray)
    return (value as readonly unknown[]).map((item) => erased(typed(schema.element), item))
  if (schema instanceof z.ZodObject) return members(schema.shape, value)
  return value
}

/** Zod's own types name the parts of a schema by what all its editions have in common. */
function typed(schema: z.core.$ZodType): z.ZodType {
  return schema as z.ZodType
}

/** In the order of the value, which is that of its line. */
function members(shape: z.core.$ZodShape, value: object): object {
  const kept = Object.entries(value).flatMap(([name, member]) => {
    const schema = shape[name]
    const remains = schema === undefined ? left : erased(typed(schema), member)
    return remains === left ? [] : [[name, remains] as const]
  })
  return Object.fromEntries(kept)
}

/** A text, or a map from language to text: the languages stay. */
function marked(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return markOf(String(value))
  return Object.fromEntries(Object.entries(value).map(([language, text]) => [language, markOf(String(text))]))
}

function markOf(text: string): string {
  return bytesOf(text) < bytesOf(erasedText) ? erasedShortText : erasedText
}

const utf8 = new TextEncoder()

function bytesOf(text: string): number {
  return utf8.encode(text).length
}
