import { z } from 'zod'
import { languageFault, maxTagLength } from './languages.ts'
import { wasGiven } from './parse-errors.ts'
import { isReadable, limits, onErasure, readableText } from './schema.ts'

/** A text for people: from language (BCP 47) to text. Kept as received, in the order received. */
export type LanguageMap = Readonly<Record<string, string>>

/** A short text for people: a name, a title, a place. */
export const LanguageMap = languageMap(limits.shortText)
  .meta({
    id: 'LanguageMap',
    ...languageMapDocument('A text for people', limits.shortText),
    examples: [{ en: 'VKIST, phase 2', vi: 'VKIST giai đoạn 2', ko: 'VKIST 2단계 사업' }],
  })
  .register(onErasure, { becomes: 'mark' })

/** A longer text for people: a summary, objectives, a note. */
export const LongLanguageMap = languageMap(limits.longText)
  .meta({
    id: 'LongLanguageMap',
    ...languageMapDocument('A longer text for people', limits.longText),
    examples: [{ en: 'Makes VKIST a core centre for industrial research.' }],
  })
  .register(onErasure, { becomes: 'mark' })

/** A text with additional or newer languages: no language is lost. */
export function withLanguages(text: LanguageMap | null, more: LanguageMap | undefined): LanguageMap | null {
  return more === undefined ? text : { ...text, ...more }
}

/** Not a `z.record`: that drops a member named `__proto__` silently, and calls two schemas for each language, five times for each event. */
function languageMap(maxLength: number): z.ZodType<LanguageMap> {
  const schema = z.unknown().check((payload) => {
    for (const { path, message } of languageMapFaults(payload.value, maxLength)) {
      payload.issues.push({ code: 'custom', message, path, input: payload.value })
    }
  })
  return schema as unknown as z.ZodType<LanguageMap>
}

/** The same check as JSON Schema. */
function languageMapDocument(what: string, maxLength: number) {
  return {
    description: `${what}, by language (BCP 47, canonical form). At least one language; at most ${maxLength} characters each.`,
    type: 'object',
    propertyNames: { type: 'string', maxLength: maxTagLength },
    additionalProperties: { type: 'string', minLength: 1, maxLength },
    minProperties: 1,
    maxProperties: limits.languages,
  }
}

const mapError = 'must be an object from language to text, such as {"en": "…", "vi": "…"}'

interface Fault {
  readonly path: string[]
  readonly message: string
}

const noFaults: readonly Fault[] = []

function languageMapFaults(value: unknown, maxLength: number): readonly Fault[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return [{ path: [], message: `${mapError}${wasGiven(value)}` }]
  }
  const entries = Object.entries(value)
  if (entries.length === 0) return [{ path: [], message: 'must have a text in at least one language' }]
  if (entries.length > limits.languages)
    return [{ path: [], message: `must have at most ${limits.languages} languages` }]
  if (entries.every(([tag, text]) => languageFault(tag) === undefined && isText(text, maxLength))) return noFaults
  return entries.flatMap(([tag, text]) => entryFaults(tag, text, maxLength))
}

function entryFaults(tag: string, text: unknown, maxLength: number): Fault[] {
  const faults: Fault[] = []
  const fault = languageFault(tag)
  if (fault) faults.push({ path: [tag.slice(0, maxTagLength)], message: `must be named by a language, which ${fault}` })
  if (!isText(text, maxLength)) {
    faults.push({ path: [tag.slice(0, maxTagLength)], message: `${readableText(maxLength)}${wasGiven(text)}` })
  }
  return faults
}

function isText(text: unknown, maxLength: number): boolean {
  return typeof text === 'string' && isReadable(text, maxLength)
}
