/** Layer two: every code is on its list, and not withdrawn. */
import { type XmlDocument, type XmlNode, XmlXPath } from 'libxml2-wasm'
import type { Finding, FindingAt } from './finding.ts'
import { type CodeList, codeList, type Mapping, readMappings } from './standard.ts'

interface Place {
  readonly path: XmlXPath
  readonly list: string
}

let places: readonly Place[] | null = null

/** What the code lists say about the document. */
export function* codeListFindings(document: XmlDocument, findingAt: FindingAt): Generator<Finding> {
  places ??= readMappings().map((mapping) => ({ path: XmlXPath.compile(pathOf(mapping)), list: mapping.list }))
  for (const { path, list } of places) {
    for (const node of document.find(path)) {
      const message = faultOf(node, codeList(list))
      if (message !== null) yield findingAt(node, { layer: 'code-list', severity: 'error', rule: list, message })
    }
  }
}

/** A condition of `mapping.xml` is one on the element that bears the code. */
function pathOf({ path, condition }: Mapping): string {
  if (condition === null) return path
  const end = path.lastIndexOf('/')
  return `${path.slice(0, end)}[${condition}]${path.slice(end)}`
}

function faultOf(node: XmlNode, { name, codes, complete }: CodeList): string | null {
  const code = node.content.trim()
  const known = codes.get(code)
  if (known?.active) return null
  const shown = JSON.stringify(code.length > 100 ? `${code.slice(0, 100)}…` : code)
  if (known !== undefined) return `The code ${shown} (${known.name}) of the list ${name} is withdrawn.`
  const hint = complete ? '' : ' The list does not claim to be exhaustive.'
  return `The code ${shown} is not on the list ${name}.${hint}`
}
