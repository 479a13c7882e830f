/** Configuration from environment variables: parsed once, frozen, all errors reported at once. */
import { z } from 'zod'

/** The configuration cannot be used. The message lists every error, one on each line, and never a secret. */
export class ConfigError extends Error {
  readonly mistakes: readonly string[]

  constructor(mistakes: readonly string[]) {
    super(`The configuration cannot be used:\n${mistakes.map((mistake) => `  - ${mistake}`).join('\n')}`)
    this.name = 'ConfigError'
    this.mistakes = mistakes
  }
}

export type Environment = Readonly<Record<string, string | undefined>>

/**
 * Reads the variables that the schema names. An empty variable counts as absent (compose files create such).
 *
 * @throws ConfigError with all errors at once, without the values, which may be secrets.
 */
export function parseConfig<Shape extends z.ZodRawShape>(
  schema: z.ZodObject<Shape>,
  environment: Environment,
): Readonly<z.output<z.ZodObject<Shape>>> {
  const given = Object.fromEntries(
    Object.keys(schema.shape).flatMap((name) => {
      const value = environment[name]?.trim()
      return value === undefined || value === '' ? [] : [[name, value]]
    }),
  )
  const parsed = schema.safeParse(given)
  if (!parsed.success) throw new ConfigError(parsed.error.issues.map(describe))
  return Object.freeze(parsed.data)
}

function describe(issue: z.core.$ZodIssue): string {
  const place = issue.path.join('.')
  if (place === '') return issue.message
  // http-kit's own checks of keys name the variable themselves.
  return issue.message.startsWith(`${place}:`) ? issue.message : `${place}: ${issue.message}`
}

/** A whole number in decimal digits between the bounds (inclusive). */
export function wholeNumber(minimum: number, maximum: number) {
  const message = `a whole number from ${minimum} to ${maximum}`
  return z
    .string()
    .regex(/^\d{1,15}$/, message)
    .transform(Number)
    .refine((value) => value >= minimum && value <= maximum, message)
}

/** One of some words. */
export function oneOf<const Words extends readonly [string, ...string[]]>(words: Words) {
  return z.enum(words, `must be ${words.slice(0, -1).join(', ')} or ${words.at(-1)}`)
}

/** A port, with its default; 0 means any free one. */
export function port(fallback: number) {
  return wholeNumber(0, 65_535).default(fallback)
}

/**
 * Reads several parts of the configuration and reports the errors of all of them at once.
 *
 * @example const { config, keys } = readTogether({ config: () => readConfig(environment), keys: () => loadApiKeys(environment) })
 *
 * @throws ConfigError with every error, each once
 */
export function readTogether<Parts extends object>(readers: { [Part in keyof Parts]: () => Parts[Part] }): Parts {
  const mistakes = new Set<string>()
  const parts: Partial<Parts> = {}
  for (const name of Object.keys(readers) as (keyof Parts)[]) {
    try {
      parts[name] = readers[name]()
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error
      for (const mistake of error.mistakes) mistakes.add(mistake)
    }
  }
  if (mistakes.size > 0) throw new ConfigError([...mistakes])
  return parts as Parts
}
