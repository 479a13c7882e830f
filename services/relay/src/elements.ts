/**
 * The elements of a JSON array of objects, each as the text that stands in the array. Parsing and writing again could change a number or
 * the order of members; who checks an event against the log needs its bytes.
 *
 * @throws SyntaxError if the text is not such an array
 */
export function elementsOf(array: string): string[] {
  const elements: string[] = []
  let depth = 0
  let begin = 0
  for (let at = 0; at < array.length; at++) {
    const char = array[at]
    if (char === '"') at = endOfString(array, at)
    else if (char === '{' || char === '[') {
      depth += 1
      if (depth === 2) begin = at
    } else if (char === '}' || char === ']') {
      if (depth === 2) elements.push(array.slice(begin, at + 1))
      depth -= 1
    }
  }
  if (depth !== 0 || !array.startsWith('[')) throw new SyntaxError('The text is not an array of JSON objects.')
  return elements
}

/** The place of the quotation mark that ends the string. */
function endOfString(text: string, begin: number): number {
  let at = begin + 1
  while (at < text.length && text[at] !== '"') at += text[at] === '\\' ? 2 : 1
  return at
}
