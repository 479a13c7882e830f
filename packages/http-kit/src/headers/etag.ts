/** Entity tags and the conditions on them (RFC 9110, 8.8.3 and 13.1). */
import { invalid } from '../problems/problem.ts'
import { type Coding, codedTag, plainTag } from './content-coding.ts'

export interface EntityTag {
  weak: boolean
  /** The text between the quotes. */
  value: string
}

export type Condition = { any: true } | { any: false; tags: readonly EntityTag[] }

/** Writes a tag: `entityTag('3')` is `"3"`. The value must not contain quotes, spaces or control characters. */
export function entityTag(value: string, { weak = false } = {}): string {
  return `${weak ? 'W/' : ''}"${value}"`
}

/** The condition in an `If-Match` header, or null if there is none. An invalid header is 400 `invalid`. */
export function parseIfMatch(header: string | undefined): Condition | null {
  return parseCondition('if-match', header)
}

/** The condition in an `If-None-Match` header, or null if there is none. An invalid header is 400 `invalid`. */
export function parseIfNoneMatch(header: string | undefined): Condition | null {
  return parseCondition('if-none-match', header)
}

/**
 * The condition in an `If-None-Match` header of a read, or null if there is none that can be understood: the caller then gets the whole
 * answer, which is always correct. The tag of a compressed form stands for the uncompressed answer.
 */
export function readIfNoneMatch(header: string | undefined): Condition | null {
  const condition = header === undefined ? null : readCondition(header)
  if (condition === null || condition.any) return condition
  return { any: false, tags: condition.tags.map(({ weak, value }) => ({ weak, value: plainTag(value) })) }
}

/**
 * The tag of a 304, so that the caller's cache finds the form that it keeps: the tag that the caller would get now if it was among those
 * sent, otherwise the first one that was sent for the same answer.
 */
export function tagOfKept(header: string | undefined, current: string, coding: Coding | null): string {
  if (header === current) return current
  const condition = header === undefined ? null : readCondition(header)
  if (condition === null || condition.any) return current
  const sent = condition.tags
    .filter(({ value }) => entityTag(plainTag(value)) === current)
    .map(({ value }) => entityTag(value))
  const wanted = coding === null ? current : codedTag(current, coding)
  return sent.includes(wanted) ? wanted : (sent[0] ?? current)
}

/** Whether `If-None-Match` holds for the current tag. The comparison is weak; if it does not hold, a GET is 304. */
export function holdsIfNoneMatch(condition: Condition | null, current: string | null): boolean {
  if (condition === null || current === null) return true
  if (condition.any) return false
  const strong = current.startsWith('W/') ? current.slice(2) : current
  return !condition.tags.some((tag) => entityTag(tag.value) === strong)
}

function parseCondition(name: string, header: string | undefined): Condition | null {
  if (header === undefined) return null
  const condition = readCondition(header)
  if (condition !== null) return condition
  const message = `must be * or a list of entity tags in double quotes, such as "3"`
  throw invalid([{ path: `header.${name}`, message }])
}

function readCondition(header: string): Condition | null {
  const text = header.trim()
  if (text === '*') return { any: true }
  const tags = readTags(text)
  return tags === null ? null : { any: false, tags }
}

const comma = 0x2c
const quote = 0x22

/** The tags of a list; empty elements are allowed (RFC 9110, 5.6.1.2). One pass over the text, whatever it contains. */
function readTags(text: string): EntityTag[] | null {
  const tags: EntityTag[] = []
  let at = 0
  while (at < text.length) {
    at = skipBlanks(text, at)
    const weak = text.startsWith('W/"', at)
    if (weak) at += 2
    if (text.charCodeAt(at) === quote) {
      const end = text.indexOf('"', at + 1)
      if (end === -1 || !isTagText(text, at + 1, end)) return null
      tags.push({ weak, value: text.slice(at + 1, end) })
      at = skipBlanks(text, end + 1)
    }
    if (at < text.length && text.charCodeAt(at) !== comma) return null
    at += 1
  }
  return tags.length > 0 ? tags : null
}

function skipBlanks(text: string, from: number): number {
  let at = from
  while (text[at] === ' ' || text[at] === '\t') at += 1
  return at
}

/** Visible characters, and bytes above ASCII, which are obsolete there but still allowed. */
function isTagText(text: string, start: number, end: number): boolean {
  for (let at = start; at < end; at += 1) {
    const unit = text.charCodeAt(at)
    if (unit < 0x21 || unit === 0x7f || unit > 0xff) return false
  }
  return true
}
