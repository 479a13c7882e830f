/** Writes elements as XML. */
import type { Sliced } from '@commitments/domain'
import Builder from 'fast-xml-builder'

/** Attributes begin with `@`, text is `#text`, everything else are children, in the order in which they are written. Undefined is left out. */
export interface Element {
  readonly [name: string]: string | undefined | Element | readonly Element[]
}

const builder = new Builder({
  ignoreAttributes: false,
  attributeNamePrefix: '@',
  suppressEmptyNode: true,
  // Otherwise the library leaves out the value "true" of an attribute.
  suppressBooleanAttributes: false,
})

/** One element as text, in slices. What XML cannot hold is replaced by U+FFFD, in texts and in attributes. */
export function* writing(name: string, element: Element): Sliced<string> {
  if (!isLong(element)) return builder.build({ [name]: readable(element) })
  const entries = Object.entries(element)
  const alone = builder.build({ [name]: readable(Object.fromEntries(entries.filter(isAttribute))) })
  const parts = [`${alone.slice(0, -'/>'.length)}>`]
  for (const [member, value] of entries.filter((entry) => !isAttribute(entry)))
    parts.push(yield* writingMember(member, value))
  return `${parts.join('')}</${name}>`
}

function isAttribute([member]: [string, unknown]): boolean {
  return member.startsWith('@')
}

/** Elements that are written in one slice, and how many elements and attributes in them make one long. */
const elementsASlice = 25
const longFrom = 250

function* writingMember(name: string, value: Element[string]): Sliced<string> {
  if (!Array.isArray(value)) {
    if (typeof value === 'object') return yield* writing(name, value as Element)
    return builder.build(readable({ [name]: value }))
  }
  const parts: string[] = []
  for (let from = 0; from < value.length; from += elementsASlice) {
    const some = (value as readonly Element[]).slice(from, from + elementsASlice)
    if (some.some(isLong)) for (const one of some) parts.push(yield* writing(name, one))
    else parts.push(builder.build({ [name]: some.map(readable) }))
    yield
  }
  return parts.join('')
}

function isLong(element: Element): boolean {
  return sizeOf(element, longFrom) >= longFrom
}

/** How many members there are in an element and in those below it, counted up to `most`. */
function sizeOf(element: Element, most: number): number {
  let size = 0
  for (const value of Object.values(element)) {
    size += 1
    if (typeof value !== 'object') continue
    for (const one of Array.isArray(value) ? (value as readonly Element[]) : [value as Element]) {
      if (size >= most) return size
      size += sizeOf(one, most - size)
    }
  }
  return size
}

/** Characters that XML 1.0 does not allow (2.2), and what is not Unicode text. Our log allows all but U+0000 and half surrogates. */
const unwritable = new RegExp(
  String.raw`[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF]|[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]`,
  'g',
)

/** Whether a text has characters that XML cannot hold. */
export function isUnwritable(text: string): boolean {
  return text.search(unwritable) >= 0
}

function readable(element: Element): Element {
  const entries = Object.entries(element).flatMap(([name, value]) => {
    if (value === undefined) return []
    if (typeof value !== 'string')
      return [[name, Array.isArray(value) ? value.map(readable) : readable(value as Element)]]
    return [[name, name.startsWith('@') ? attributeText(value) : elementText(value)]]
  })
  return Object.fromEntries(entries) as Element
}

/** A parser makes line feeds of carriage returns, so we do it. */
function elementText(text: string): string {
  return text.replace(/\r\n?/g, '\n').replace(unwritable, '\uFFFD')
}

/** A parser makes spaces of line ends and tabs in attributes, so we do it. */
function attributeText(text: string): string {
  return text.replace(/[\t\n\r]/g, ' ').replace(unwritable, '\uFFFD')
}
