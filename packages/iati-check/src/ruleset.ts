/** The language of the rules (IATI/IATI-Rulesets, SPEC.rst), as far as it occurs in `standard.json` and its test vectors. */

interface RuleInfo {
  readonly id: string
  readonly severity: 'error' | 'warning'
  readonly message: string
}

/** One case of a rule. Which members it has depends on the rule. */
export interface RuleCase {
  readonly condition?: string
  readonly paths?: readonly string[]
  readonly less?: string
  readonly more?: string
  readonly regex?: string
  readonly sum?: number
  readonly excluded?: readonly string[]
  readonly date?: string
  readonly start?: string
  readonly end?: string
  readonly one?: string
  readonly all?: string
  readonly if?: string
  readonly then?: string
  readonly prefix?: readonly string[]
  readonly separator?: string
  readonly min?: number
  readonly max?: number
  readonly foreach?: string
  readonly do?: Rules
  readonly ruleInfo?: RuleInfo
}

/** From the name of a rule to its cases. */
export type Rules = Readonly<Record<string, { readonly cases: readonly RuleCase[] }>>

/** From a context (an XPath) to the rules for each of its nodes. */
export type Ruleset = Readonly<Record<string, Rules>>

/**
 * A case for one value of its loop. The value takes the place of `$1` in every member: `subs` of `standard.json` forgets the condition of
 * rule 2.1.2, which would then never hold. An absent vocabulary means vocabulary 1.
 */
export function withValue(one: RuleCase, value: string): RuleCase {
  const quoted = value.replaceAll("'", '')
  const put = (text: string) =>
    (quoted === '1' ? text.replaceAll("@vocabulary = '$1'", "@vocabulary = '1' or not(@vocabulary)") : text).replaceAll(
      '$1',
      quoted,
    )
  return Object.fromEntries(
    Object.entries(one).map(([name, member]: [string, unknown]) => [
      name,
      name === 'ruleInfo' ? member : typeof member === 'string' ? put(member) : listWith(member, put),
    ]),
  )
}

function listWith(member: unknown, put: (text: string) => string): unknown {
  return Array.isArray(member) ? member.map((text: unknown) => (typeof text === 'string' ? put(text) : text)) : member
}
