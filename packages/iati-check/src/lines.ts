/** The lines of the elements of a file: the parser knows none beyond 65,535. */
import { XmlElement, type XmlNode } from 'libxml2-wasm'
import { activityOf } from './finding.ts'

/** What the parser says for this line and for all that follow. */
const lastKnown = 65_535

/** The line of a node, from 1. An attribute or a text has the line of its element. */
export type LineOf = (node: XmlNode) => number

export function linesOf(bytes: Uint8Array): LineOf {
  let tags: Tags | null = null
  return (node) => {
    const element = node instanceof XmlElement ? node : node.parent
    if (element === null || element.line < lastKnown) return element?.line ?? 0
    const activity = activityOf(element)
    if (activity === null) return element.line
    tags ??= readTags(bytes)
    const before = activity.eval(`count(preceding-sibling::${activity.name})`)
    const within = activity.find('descendant-or-self::*').findIndex((one) => one.isSameNode(element))
    return tags.lines[(tags.activities[before as number] ?? Number.NaN) + within] ?? element.line
  }
}

interface Tags {
  /** The line of each opening tag. */
  readonly lines: readonly number[]
  /** The numbers of the tags that open an activity or organisation. */
  readonly activities: readonly number[]
}

/** Opening tags, and what may contain the text of one. In attributes, `>` is allowed. */
const tokens = /<!--[\s\S]*?-->|<!\[CDATA\[[\s\S]*?\]\]>|<\?[\s\S]*?\?>|<([^/!?\s>]+)(?:"[^"]*"|'[^']*'|[^>"'])*>/g

function readTags(bytes: Uint8Array): Tags {
  // One character for each byte: names and line feeds are ASCII in every encoding that matters here.
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')
  const [lines, activities]: [number[], number[]] = [[], []]
  let [line, lineFeed] = [1, nextLineFeed(text, 0)]
  for (const { index, 1: name } of text.matchAll(tokens)) {
    if (name === undefined) continue
    for (; lineFeed < index; lineFeed = nextLineFeed(text, lineFeed + 1)) line += 1
    if (/^iati-(?:activity|organisation)\/?$/.test(name)) activities.push(lines.length)
    lines.push(line)
  }
  return { lines, activities }
}

function nextLineFeed(text: string, from: number): number {
  const at = text.indexOf('\n', from)
  return at < 0 ? text.length : at
}
