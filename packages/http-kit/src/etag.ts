/** Entity tags and the conditions on them (RFC 9110, 8.8.3 and 13.1). */
import { invalid } from './problem.ts'

export interface EntityTag {
  weak: boolean
  /** What stands between the quotes. */
  value: string
}

export type Condition = { any: true } | { any: false; tags: readonly EntityTag[] }

/** Writes a tag: `entityTag('3')` is `"3"`. The value must not hold quotes, spaces or control characters. */
export function entityTag(value: string, { weak = false } = {}): string {
  return `${weak ? 'W/' : ''}"${value}"`
}

/** The condition in an `If-Match` header, or null where there is none. A header that is not one: 400 `invalid`. */
export function parseIfMatch(header: string | undefined): Condition | null {
  return parseCondition('if-match', header)
}

/** The condition in an `If-None-Match` header, or null where there is none. A header that is not one: 400 `invalid`. */
export function parseIfNoneMatch(header: string | undefined): Condition | null {
  return parseCondition('if-none-match', header)
}

/**
 * Whether `If-Match` holds for what is there now (`null`: nothing). Strong comparison: a weak tag on either side never
 * matches. No header always holds.
 */
export function holdsIfMatch(condition: Condition | null, current: string | null): boolean {
  if (condition === null) return true
  if (condition.any) return current !== null
  return condition.tags.some((tag) => !tag.weak && entityTag(tag.value) === current)
}

/** Whether `If-None-Match` holds for what is there now. Weak comparison; where it does not hold, a GET is 304. */
export function holdsIfNoneMatch(condition: Condition | null, current: string | null): boolean {
  if (condition === null || current === null) return true
  if (condition.any) return false
  const strong = current.startsWith('W/') ? current.slice(2) : current
  return !condition.tags.some((tag) => entityTag(tag.value) === strong)
}

function parseCondition(name: string, header: string | undefined): Condition | null {
  if (header === undefined) return null
  const text = header.trim()
  if (text === '*') return { any: true }
  const tags = readTags(text)
  if (tags !== null) return { any: false, tags }
  const message = `must be * or a list of entity tags in double quotes, such as "3"`
  throw invalid([{ path: `header.${name}`, message }])
}

function readTags(text: string): EntityTag[] | null {
  // One tag of the list, with the comma after it or the end; empty elements are allowed (RFC 9110, 5.6.1.2).
  const next = /[ \t]*(?:(W\/)?"([\x21\x23-\x7e\x80-\xff]*)")?[ \t]*(?:,|$)/y
  const tags: EntityTag[] = []
  while (next.lastIndex < text.length) {
    const found = next.exec(text)
    if (found === null) return null
    if (found[2] !== undefined) tags.push({ weak: found[1] !== undefined, value: found[2] })
  }
  return tags.length > 0 ? tags : null
}
