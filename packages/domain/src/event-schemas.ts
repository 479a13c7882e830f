import { z } from 'zod'
import { actsText } from './acts.ts'
import type { EventDefinition } from './define-event.ts'
import { envelope } from './envelope.ts'
import { erased, HashText } from './erased.ts'
import {
  type EventBody as Body,
  type EventBodyWithProposal,
  eventTypes,
  type RecordedEvent as Recorded,
} from './event-types.ts'
import { acts } from './kinds.ts'
import { meantByType } from './meant.ts'
import { type Parsed, type ParseError, parseErrors, wasGiven } from './parse-errors.ts'
import { eventDefinitions } from './registry.ts'
import { accepts, limits, object, ProposalId } from './schema.ts'

export type EventBody = Body
export type RecordedEvent = Recorded
export type { EventBodyWithProposal, ParseError }

/** A parsed line of a bulk request. */
export interface BulkRequest {
  readonly body: EventBodyWithProposal
  readonly idempotencyKey?: string | undefined
  /** The version that the proposal must have; 0: it must not exist. */
  readonly ifVersion?: number | undefined
}

const { occurredOn, assertedBy, confidence, evidence, note, correlationId, causationId, signature } = envelope
const keyError = accepts(`must be 1 to ${limits.idempotencyKey} printable ASCII characters`)
const versionError = accepts(
  'must be a whole number: the version that the proposal must have, or 0 if it must not exist',
)

/** The members of a bulk line in addition to those of a body. */
const lineMembers = {
  proposalId: ProposalId,
  idempotencyKey: z
    .string({ error: keyError })
    .regex(/^[ -~]{1,255}$/, { error: keyError })
    .optional()
    .meta({ description: 'A text that the caller chose for this event: sent again, the event is not recorded twice.' }),
  ifVersion: z.int({ error: versionError }).min(0, { error: versionError }).optional().meta({
    description: 'The event is recorded only if this is the version of the proposal; 0 means that it does not exist.',
  }),
}

const recordedExample = {
  position: 17,
  recordedAt: '2026-11-22T08:00:00.000123Z',
  eventId: '01935000-0000-7000-8000-000000000017',
  nonce: 'pVd0h2b7T0mC1yq3Wm9r5A',
  proposalId: 'vkist-phase-2',
  version: 2,
  schemaVersion: 1,
  recordedBy: 'key:most-registry',
}

const definitions: readonly EventDefinition[] = eventDefinitions
const bodyRules = new Map(definitions.map((definition) => [definition.type, bodyRulesOf(definition)]))
const lineRules = new Map(definitions.map((definition) => [definition.type, lineRulesOf(definition)]))

/** One event without its proposal: the body of a write. */
export const EventBody = unionOf<EventBody>(schemasOf(bodyRules)).meta({
  id: 'EventBody',
  description: 'One event to record. `type` decides what `data` holds.',
})

/** The same with its proposal: a line of a bulk request. */
export const BulkLine = unionOf<EventBodyWithProposal & Omit<BulkRequest, 'body'>>(schemasOf(lineRules)).meta({
  id: 'BulkLine',
  description: 'One line of a bulk request: an event with its proposal, and optionally a key and an expected version.',
})

/** One event in the log. */
export const RecordedEvent = unionOf<RecordedEvent>(
  [...definitions, erased as EventDefinition].map(recordedSchema),
).meta({
  id: 'RecordedEvent',
  description:
    'One event as it was recorded, and as every reader gets it. Its `type` decides what `data` holds; a reader passes over types that a later release added. Absent members were not given. Where there is `erased`, its texts were erased for ever.',
})

/** Parses the body of a write. Every error is named, each with what would be accepted. */
export function parseEventBody(value: unknown): Parsed<{ readonly body: EventBody }> {
  const parsed = parseByType(bodyRules, value)
  return parsed.ok ? { ok: true, body: parsed.data as EventBody } : parsed
}

/** Parses a line of a bulk request. Every error is named, each with what would be accepted. */
export function parseBulkLine(value: unknown): Parsed<BulkRequest> {
  const parsed = parseByType(lineRules, value)
  if (!parsed.ok) return parsed
  const { idempotencyKey, ifVersion, ...body } = parsed.data as EventBodyWithProposal & Omit<BulkRequest, 'body'>
  return { ok: true, body: body as EventBodyWithProposal, idempotencyKey, ifVersion }
}

/** The requirements for an event of one type. */
interface Rules {
  readonly schema: z.ZodType
  readonly sourced: boolean
  /** The schema without the rule about sources, compiled: three times as fast, and made when the first such event comes. */
  readonly members: () => z.ZodType
}

function rules({ sourced }: EventDefinition, members: z.ZodObject, words: z.core.GlobalMeta): Rules {
  let compiled: z.ZodType | undefined
  return {
    schema: (sourced ? withSource(members) : members).meta(words),
    sourced,
    members: () => (compiled ??= z.compile(members)),
  }
}

function schemasOf(all: ReadonlyMap<string, Rules>): z.ZodType[] {
  return [...all.values()].map(({ schema }) => schema)
}

/** Faster than the union, and an unknown type gets its own message. */
function parseByType(known: ReadonlyMap<string, Rules>, value: unknown): Parsed<{ readonly data: unknown }> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return {
      ok: false,
      errors: [{ path: '', message: `must be an object with type, occurredOn and data${wasGiven(value)}` }],
    }
  }
  const type = 'type' in value ? value.type : undefined
  const found = typeof type === 'string' ? known.get(type) : undefined
  if (!found) return { ok: false, errors: [{ path: 'type', message: noType(type) }] }
  const result = found.members().safeParse(value)
  if (result.success && (!found.sourced || hasSource(value))) return { ok: true, data: result.data }
  return { ok: false, errors: parseErrors(found.schema, value) }
}

/** The hint comes first, because a reader of forty types looks for it. */
function noType(type: unknown): string {
  const accepted = `must be one of ${eventTypes.join(', ')}${wasGiven(type)}`
  if (type === undefined) return `is missing; it ${accepted}`
  const meant = meantByType(type)
  return meant === undefined ? accepted : `is not a type of event: did you mean ${meant}? It ${accepted}`
}

function bodyRulesOf(definition: EventDefinition): Rules {
  return rules(definition, object(bodyMembers(definition)), {
    id: componentName(definition),
    description: `${definition.words.en.description} ${actsText(definition.acts)}`,
    examples: examplesOf(definition),
  })
}

function lineRulesOf(definition: EventDefinition): Rules {
  return rules(definition, object({ ...lineMembers, ...bodyMembers(definition) }), {
    id: `${componentName(definition)}Line`,
    description: `${definition.words.en.description} A line of a bulk request. ${actsText(definition.acts)}`,
    examples: examplesOf(definition, { proposalId: 'vkist-phase-2', idempotencyKey: 'import-1' }),
  })
}

function recordedSchema(definition: EventDefinition): z.ZodType {
  return object(recordedMembers(definition)).meta({
    id: `Recorded${componentName(definition)}`,
    description: `${definition.words.en.description} As recorded.`,
    examples: examplesOf(definition, recordedExample),
  })
}

/** Examples of whole events, made from the examples of their data. */
function examplesOf({ type, data }: EventDefinition, members: object = {}): unknown[] {
  const examples = (data.meta()?.examples ?? []) as unknown[]
  return examples.map((example) => ({ ...members, type, occurredOn: '2024-07', assertedBy: 'most-vn', data: example }))
}

/** A body for each type of event, by type: first the usual course of a proposal, then the others in the order of the registry. */
export const exampleBodies: Readonly<Record<string, { readonly summary: string; readonly value: unknown }>> =
  Object.fromEntries(
    definitions
      .toSorted((a, b) => rank(a.type) - rank(b.type))
      .flatMap((definition) => {
        const [value] = examplesOf(definition)
        return value === undefined ? [] : [[definition.type, { summary: definition.words.en.label, value }]]
      }),
  )

function rank(type: string): number {
  const place = (acts as readonly string[]).indexOf(type)
  return place === -1 ? acts.length : place
}

function bodyMembers({ type, data }: EventDefinition) {
  const members = { occurredOn, data, evidence, assertedBy, confidence, note, correlationId, causationId, signature }
  return { type: z.literal(type), ...members }
}

function recordedMembers({ type, data }: EventDefinition) {
  return {
    position: z.int().min(1),
    erased: object({
      by: z.guid().max(36).meta({ description: 'The id of the event `erased` that says who decided on it, and why.' }),
    })
      .optional()
      .meta({ description: 'Present if its texts were erased: each is `█` now.' }),
    leafHash: HashText.optional().meta({
      description:
        'Only of an erased event: its leaf in the tree, the hash of its line as it was recorded. The line as it is now is bound by the event `erased`.',
    }),
    recordedAt: z.iso.datetime({ precision: 6 }).max(27),
    eventId: z.guid().max(36),
    nonce: z.base64url().length(22).optional().meta({ description: 'Of every event that is not erased.' }),
    proposalId: ProposalId,
    version: z.int().min(1),
    type: z.literal(type),
    schemaVersion: z.int().min(1).max(999),
    occurredOn,
    recordedBy: z.string().min(1).max(limits.reference).meta({
      description:
        'The caller that recorded it: `key:` and the name of its key, or `oidc:<issuer>:<name>` if it came with an access token. Where there is no `signature`, this is the word of the service.',
    }),
    assertedBy,
    confidence,
    evidence,
    note,
    data,
    correlationId,
    causationId,
    traceparent: z.string().max(55).optional(),
    signature,
  }
}

/** Every event, unless its definition says otherwise, has evidence or an asserting party. */
export function withSource(schema: z.ZodType): z.ZodType {
  return schema.refine(hasSource, {
    error: 'must have at least one piece of evidence, or an assertedBy',
    path: ['evidence'],
    // Even if other members are wrong, so that all errors are named at once.
    when: () => true,
  })
}

/** Of what is no object, other errors are reported. */
function hasSource(body: unknown): boolean {
  if (typeof body !== 'object' || body === null) return true
  const { evidence, assertedBy }: { evidence?: unknown; assertedBy?: unknown } = body
  return assertedBy !== undefined || (evidence !== undefined && !(Array.isArray(evidence) && evidence.length === 0))
}

function componentName({ type }: EventDefinition): string {
  return type.replaceAll(/(?:^|-)([a-z])/g, (_match, letter: string) => letter.toUpperCase())
}

function unionOf<Value>(options: readonly z.ZodType[]): z.ZodType<Value> {
  const typed = options as unknown as [z.core.$ZodTypeDiscriminable, ...z.core.$ZodTypeDiscriminable[]]
  return z.discriminatedUnion('type', typed) as unknown as z.ZodType<Value>
}
