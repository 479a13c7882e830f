import { z } from 'zod'
import { type Actor, actsText } from './acts.ts'
import { type Acceptance, type EventDefinition, groups } from './define-event.ts'
import { envelope } from './envelope.ts'
import type { EventType } from './event-types.ts'
import { eventDefinitions } from './registry.ts'
import { object, oneOf } from './schema.ts'
import { codesText } from './words/codes-text.ts'
import { acceptanceWords, actorWords, groupWords } from './words/event-types.ts'
import { codesOf, type Words } from './words/words.ts'

const WordsOfLanguage = object({
  label: z.string().meta({ description: 'A short name, for tags and table headings.' }),
  description: z.string().meta({ description: 'What happened, in one or two plain sentences.' }),
})

function wordsIn(language: string) {
  return WordsOfLanguage.meta({ description: `In ${language}.` })
}

/** The registry's data about one type of event, for programs and people: see {@link describeEventTypes}. */
export const EventTypeDescription = object({
  type: z.string().meta({ description: 'The `type` of such events.' }),
  group: oneOf(groups).meta({ description: codesText('What it is about.', groupWords) }),
  schemaVersion: z
    .int()
    .min(1)
    .meta({ description: 'The version of the schema with which such events are recorded now.' }),
  words: object({ en: wordsIn('English'), vi: wordsIn('Vietnamese'), ko: wordsIn('Korean') }).meta({
    description: 'What it is called and means.',
  }),
  from: object({
    text: z.string().meta({ description: 'The states in which it is possible, for people.' }),
    accepts: oneOf(codesOf(acceptanceWords)).meta({
      description: codesText('What the proposal must be.', acceptanceWords),
    }),
  }).meta({ description: 'When it is possible.' }),
  acts: object({
    by: oneOf(codesOf(actorWords)).meta({ description: codesText('Whose act it is.', actorWords) }),
    text: z.string().meta({ description: 'The rule for a key that is bound to a party, for people.' }),
  }).meta({ description: 'Who may record it.' }),
  sourced: z.boolean().meta({ description: 'Whether it needs `evidence` or `assertedBy`.' }),
  dataSchema: z.record(z.string(), z.unknown()).meta({ description: 'JSON Schema (2020-12) of `data`.' }),
}).meta({
  id: 'EventType',
  description: 'A type of event: its words, the states in which it is possible, and its data.',
})

export interface EventTypeDescription {
  readonly type: EventType
  readonly group: EventDefinition['group']
  readonly schemaVersion: number
  readonly words: Words
  readonly from: { readonly text: string; readonly accepts: Acceptance }
  readonly acts: { readonly by: Actor; readonly text: string }
  /** Whether it needs `evidence` or `assertedBy`. */
  readonly sourced: boolean
  readonly dataSchema: Readonly<Record<string, unknown>>
}

/** Every type of event as plain JSON, in alphabetical order. It is built at each call (milliseconds), so callers that serve it cache it. */
export function describeEventTypes(): readonly EventTypeDescription[] {
  return eventDefinitions.map(({ type, group, schemaVersion, words, from, acts, accepts, sourced, data }) => ({
    type,
    group,
    schemaVersion,
    words,
    from: { text: from, accepts },
    acts: { by: typeof acts === 'string' ? acts : 'named', text: actsText(acts) },
    sourced,
    dataSchema: schemaOf(data),
  }))
}

/** JSON Schema (2020-12) of the members that the caller of any event gives beside `type` and `data`. */
export function describeEnvelope(): Readonly<Record<string, unknown>> {
  return { ...z.toJSONSchema(object(envelope)) }
}

/** The schema itself is at the root, where a reader looks first; schemas that it refers to stay under `$defs`. */
function schemaOf(data: z.ZodType): Readonly<Record<string, unknown>> {
  const { $schema, $ref, $defs = {} } = z.toJSONSchema(data)
  const name = $ref?.slice($ref.lastIndexOf('/') + 1) ?? ''
  const { [name]: root, ...others } = $defs
  return { $schema, ...root, ...(Object.keys(others).length > 0 ? { $defs: others } : {}) }
}
