/**
 * Reads JSON that will be kept as bytes. What `JSON.parse` would silently repair or lose is refused: a name twice in one object, U+0000
 * (Postgres cannot store it), half of a surrogate pair (UTF-8 cannot), bytes that are not UTF-8.
 *
 * One pass over the text counts members (one colon outside of strings each) and depth; the parsed value has fewer members only if a name
 * was there twice. So the usual request costs `JSON.parse`, this pass and a walk over the value.
 */
import { isUtf8 } from 'node:buffer'
import { visit } from 'jsonc-parser'
import { type Problem, problem } from '../problems/problem.ts'
import { firstFault } from '../process/not-json.ts'
import { withoutMark } from './lines.ts'

/** Deeper than any schema of ours, and far from the end of the stack for every later recursion. */
const deepest = 64

/** What the JSON text is to the caller: a whole body, or one line of a body, whose number is already known. */
type Subject = 'body' | 'line'

/**
 * The value of a JSON text in UTF-8; a byte order mark before it is skipped.
 *
 * @throws Problem `malformed`, with `line` and `column` (for a line: `column`), or the `path` of the error if it is known.
 */
export function parseJson(bytes: Buffer, subject: Subject = 'body'): unknown {
  const content = withoutMark(bytes)
  if (content.length === 0) throw malformed(`The ${subject} is empty; send a JSON document.`)
  if (!isUtf8(content)) throw malformed(`The ${subject} is not UTF-8.`)
  return parseJsonText(content.toString('utf8'), subject)
}

function parseJsonText(text: string, subject: Subject): unknown {
  const survey = surveyJson(text)
  if (survey.depth > deepest) throw malformed(`The document is nested deeper than ${deepest} levels.`)
  const value = parseOrRefuse(text, subject)
  const walk: Walk = { members: 0, checkText: survey.escapes, fault: null }
  walkValue(value, walk)
  if (walk.fault !== null) throw unusableText(walk.fault)
  if (walk.members !== survey.colons) throw repeatedName(text, subject)
  return value
}

interface Survey {
  /** Outside of strings: one for each member of an object. */
  colons: number
  depth: number
  /** Whether there is a `\u`; without one there is neither U+0000 nor half a surrogate pair. */
  escapes: boolean
}

const quote = 0x22
const backslash = 0x5c

function surveyJson(text: string): Survey {
  let colons = 0
  let level = 0
  let depth = 0
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index)
    if (unit === quote) index = endOfString(text, index)
    else if (unit === 0x3a) colons += 1
    else if (unit === 0x7b || unit === 0x5b) {
      level += 1
      if (level > depth) depth = level
    } else if (unit === 0x7d || unit === 0x5d) level -= 1
  }
  return { colons, depth, escapes: text.includes('\\u') }
}

/** Index of the closing quote, or the end of the text. `indexOf` runs over the inside of strings at machine speed. */
function endOfString(text: string, start: number): number {
  let end = text.indexOf('"', start + 1)
  while (end !== -1 && isEscaped(text, end)) end = text.indexOf('"', end + 1)
  return end === -1 ? text.length : end
}

function isEscaped(text: string, index: number): boolean {
  let before = index - 1
  while (text.charCodeAt(before) === backslash) before -= 1
  return (index - before) % 2 === 0
}

type Path = (string | number)[]

interface Walk {
  members: number
  readonly checkText: boolean
  /** The place of the first unusable text; the path is built on the way back up. */
  fault: { path: Path; what: string } | null
}

function walkValue(value: unknown, walk: Walk): void {
  if (typeof value === 'string') {
    if (walk.checkText) checkText(value, walk)
  } else if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index += 1) walkPart(index, value[index], walk)
  } else if (value !== null && typeof value === 'object') {
    for (const name in value) {
      walk.members += 1
      if (walk.checkText) checkText(name, walk)
      walkPart(name, (value as Record<string, unknown>)[name], walk)
    }
  }
}

function walkPart(key: string | number, part: unknown, walk: Walk): void {
  if (walk.fault !== null || part === null || (typeof part !== 'object' && !walk.checkText)) return
  walkValue(part, walk)
  addToPath(walk, key)
}

function addToPath({ fault }: Walk, key: string | number): void {
  fault?.path.unshift(key)
}

function checkText(text: string, walk: Walk): void {
  if (walk.fault !== null) return
  if (text.includes('\0')) walk.fault = { path: [], what: 'the character U+0000' }
  else if (!text.isWellFormed()) walk.fault = { path: [], what: 'half of a surrogate pair' }
}

function parseOrRefuse(text: string, subject: Subject): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw notJson(text, subject)
  }
}

interface Place {
  readonly line: number
  readonly column: number
}

function notJson(text: string, subject: Subject): Problem {
  const fault = firstFault(text)
  const whole = subject === 'line' ? ' Each line must be one whole event and end with a line feed.' : ''
  if (fault === null) return malformed(`The ${subject} is not JSON.${whole} ${usualMistakes}`)
  const { words, members } = placeOf(placeAt(fault.offset, fault.line, fault.column, subject), subject)
  return malformed(`The ${subject} is not JSON: reading stopped at ${words}.${whole} ${usualMistakes}`, members)
}

const usualMistakes = 'Names and texts are in double quotes; there is no comment, and no comma after the last member.'

/** A carriage return begins a new line for a reader of JSON, but not for one of an import. */
function placeAt(offset: number, line: number, column: number, subject: Subject): Place {
  return { line: line + 1, column: (subject === 'line' ? offset : column) + 1 }
}

/** Within one line only the column is useful: a "line 1" beside the number of the line would be confused with it. */
function placeOf({ line, column }: Place, subject: Subject): { words: string; members: Record<string, number> } {
  if (subject === 'line') return { words: `column ${column}`, members: { column } }
  return { words: `line ${line}, column ${column}`, members: { line, column } }
}

function unusableText({ path, what }: { path: Path; what: string }): Problem {
  const where = path.join('.')
  const place = where === '' ? 'The document' : `The value at \`${where}\``
  return malformed(`${place} contains ${what}, which cannot be stored.`, { path: where })
}

function repeatedName(text: string, subject: Subject): Problem {
  const seen: Set<string>[] = []
  let found: (Place & { name: string }) | null = null
  visit(text, {
    onObjectBegin: () => void seen.push(new Set()),
    onObjectEnd: () => void seen.pop(),
    onObjectProperty: (name, offset, _length, line, column) => {
      const names = seen.at(-1)
      if (found === null && names?.has(name)) found = { name, ...placeAt(offset, line, column, subject) }
      names?.add(name)
    },
  })
  const { name, ...place } = (found as (Place & { name: string }) | null) ?? { name: '', line: 1, column: 1 }
  const { words, members } = placeOf(place, subject)
  return malformed(`The name \`${name}\` occurs twice in one object (${words}).`, members)
}

function malformed(detail: string, extra: Record<string, unknown> = {}): Problem {
  return problem('malformed', detail, extra)
}
