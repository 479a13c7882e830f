/** Writes elements as XML. */
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

/** One element as text. What XML cannot hold is replaced by U+FFFD, in texts and in attributes. */
export function written(name: string, element: Element): string {
  return builder.build({ [name]: readable(element) })
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
