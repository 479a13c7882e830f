/** Layer three: the business rules, by what they mean. */
import { type XmlDocument, type XmlNode, XmlXPath } from 'libxml2-wasm'
import { addUpTo, isBetween } from './exact.ts'
import type { Finding, FindingAt } from './finding.ts'
import { instant, longerThanYear } from './instants.ts'
import { type RuleCase, type Rules, type Ruleset, withValue } from './ruleset.ts'

/** What the rules need to know beside the document. */
interface RuleSetting {
  readonly now: Date
  readonly findingAt: FindingAt
  /** Beginnings of organisation identifiers that are known to be approved (rule 1.14.8). */
  readonly agencies: readonly string[]
}

/** What these rules say about the document. */
export function* ruleFindings(document: XmlDocument, ruleset: Ruleset, setting: RuleSetting): Generator<Finding> {
  for (const [context, rules] of Object.entries(ruleset))
    for (const node of document.find(compiled(context))) yield* ofRules(node, rules, setting)
}

function* ofRules(node: XmlNode, rules: Rules, setting: RuleSetting): Generator<Finding> {
  for (const [name, { cases }] of Object.entries(rules)) {
    for (const one of cases) {
      if (name === 'loop') yield* ofLoop(node, one, setting)
      else yield* ofCase(node, name, one, setting)
    }
  }
}

/** The values of the loop: of an attribute `vocabulary` that is absent, 1. */
function* ofLoop(node: XmlNode, { foreach = '', do: rules = {} }: RuleCase, setting: RuleSetting): Generator<Finding> {
  const bearers = foreach.endsWith('/@vocabulary') ? foreach.slice(0, -'/@vocabulary'.length) : null
  const values =
    bearers === null
      ? textsOf(node, [foreach])
      : nodesOf(node, bearers).map((bearer) => bearer.get('@vocabulary')?.content ?? '1')
  for (const value of new Set(values)) {
    const inner = Object.entries(rules).map(
      ([name, { cases }]) => [name, { cases: cases.map((one) => withValue(one, value)) }] as const,
    )
    yield* ofRules(node, Object.fromEntries(inner), setting)
  }
}

function* ofCase(node: XmlNode, name: string, one: RuleCase, setting: RuleSetting): Generator<Finding> {
  const check = checks[name]
  if (check === undefined) throw new Error(`There is no rule ${name}.`)
  if (one.condition !== undefined && !holds(node, one.condition)) return
  const at = check(node, one, setting)
  if (at === null) return
  const { id = name, severity = 'error', message = `The rule ${name} does not hold.` } = one.ruleInfo ?? {}
  yield setting.findingAt(at, { layer: 'rule', severity, rule: id, message })
}

/** Returns the node at which a rule does not hold; null if it holds. */
type Check = (node: XmlNode, one: RuleCase, setting: RuleSetting) => XmlNode | null

const everyOf = (node: XmlNode, paths: readonly string[] = [], isRight: (text: string) => boolean) =>
  paths.flatMap((path) => nodesOf(node, path)).find((found) => !isRight(found.content)) ?? null

const checks: Readonly<Record<string, Check>> = {
  atleast_one: (node, { paths = [] }) => (paths.some((path) => nodesOf(node, path).length > 0) ? null : node),
  no_more_than_one: (node, { paths = [] }) => paths.flatMap((path) => nodesOf(node, path))[1] ?? null,
  dependent(node, { paths = [] }) {
    const there = paths.filter((path) => nodesOf(node, path).length > 0)
    return there.length === 0 || there.length === paths.length ? null : node
  },
  only_one_of(node, { excluded = [], paths = [] }) {
    const found = paths.flatMap((path) => nodesOf(node, path))
    if (excluded.some((path) => nodesOf(node, path).length > 0)) return found[0] ?? null
    return found.length === 1 ? null : node
  },
  one_or_all: (node, { one = '', all = '' }) =>
    nodesOf(node, one).length > 0 ? null : (nodesOf(node, withoutIt[all] ?? `.//*[not(${all})]`)[0] ?? null),
  sum: sumOf,
  strict_sum: sumOf,
  range: (node, { paths, min = -Infinity, max = Infinity }) =>
    everyOf(node, paths, (text) => isBetween(text, min, max)),
  unique(node, { paths = [] }) {
    const seen = new Set<string>()
    return (
      paths.flatMap((path) => nodesOf(node, path)).find(({ content }) => seen.size === seen.add(content).size) ?? null
    )
  },
  no_spaces: (node, { paths }) => everyOf(node, paths, (text) => text === text.trim()),
  regex_matches: (node, { paths, regex = '' }) => everyOf(node, paths, (text) => new RegExp(regex).test(text)),
  regex_no_matches: (node, { paths, regex = '' }) => everyOf(node, paths, (text) => !new RegExp(regex).test(text)),
  // `start` is what an older dialect of the rules says for `prefix`.
  startswith(node, { paths, start, prefix = start === undefined ? [] : [start], separator = '' }, { agencies }) {
    const [known, end] = prefix[0] === 'ORG-ID-PREFIX' ? [agencies, '-'] : [textsOf(node, prefix), separator]
    return everyOf(node, paths, (text) => known.some((start) => text.startsWith(`${start}${end}`)))
  },
  if_then: (node, one) =>
    holds(node, one.if ?? '') && !holds(node, one.then ?? '') ? (firstOf(node, one.paths) ?? node) : null,
  date_now: (node, { date = '' }, { now }) => everyOf(node, [date], (text) => !(instant(text) > now.getTime())),
  date_order(node, { less = '', more = '' }, { now }) {
    const latest = more === 'NOW' ? [now.getTime()] : textsOf(node, [more]).map(instant)
    return everyOf(node, [less], (text) => latest.every((limit) => !(instant(text) > limit)))
  },
  time_limit(node, { start = '', end = '' }) {
    const ends = textsOf(node, [end]).map(instant)
    return everyOf(node, [start], (text) => ends.every((last) => !longerThanYear(instant(text), last)))
  },
  between_dates(node, { date = '', start = '', end = '' }) {
    const [from, to] = [instant(textsOf(node, [start])[0] ?? ''), instant(textsOf(node, [end])[0] ?? '')]
    return everyOf(node, [date], (text) => !(instant(text) < from) && !(instant(text) > to))
  },
}

function sumOf(node: XmlNode, { paths = [], sum = 0 }: RuleCase): XmlNode | null {
  return addUpTo(textsOf(node, paths), sum) ? null : (firstOf(node, paths) ?? node)
}

/** What lacks the thing that all must have where the activity does not have it. */
const withoutIt: Readonly<Record<string, string>> = {
  lang: './/narrative[not(@xml:lang)]',
  sector: 'transaction[not(sector)]',
  currency:
    './/*[self::value or self::forecast or self::loan-status][not(@currency)][not(ancestor-or-self::*/@default-currency)]',
}

function firstOf(node: XmlNode, paths: readonly string[] = []): XmlNode | undefined {
  return paths.flatMap((path) => nodesOf(node, path))[0]
}

function textsOf(node: XmlNode, paths: readonly string[]): string[] {
  return paths.flatMap((path) => nodesOf(node, path)).map(({ content }) => content)
}

function nodesOf(node: XmlNode, path: string): XmlNode[] {
  return path === '' ? [] : node.find(compiled(path))
}

/** As XPath takes a value for true. */
function holds(node: XmlNode, expression: string): boolean {
  const value = node.eval(compiled(`boolean(${expression})`))
  return value === true
}

/** Most paths are those of the rules. Those of loops hold values of the document, so they are bounded. */
const paths = new Map<string, XmlXPath>()
const pathsAtMost = 2_000

function compiled(path: string): XmlXPath {
  const known = paths.get(path)
  if (known !== undefined) return known
  if (paths.size >= pathsAtMost) {
    for (const one of paths.values()) one.dispose()
    paths.clear()
  }
  const made = XmlXPath.compile(path)
  paths.set(path, made)
  return made
}
