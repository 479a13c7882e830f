import { ParseOption, XmlDocument, XmlParseError } from 'libxml2-wasm'
import { agencies } from './agencies.ts'
import { codeListFindings } from './code-list-layer.ts'
import { activityOf, type Finding, type FindingAt, identifierOf } from './finding.ts'
import { type LineOf, linesOf } from './lines.ts'
import { ruleFindings } from './rule-layer.ts'
import type { Ruleset } from './ruleset.ts'
import { schemaFindings } from './schema-layer.ts'
import { isRoot, readStandardRules } from './standard.ts'

interface Checked {
  /** Activities (or organisations) in the file. */
  readonly activities: number
  /** By line. */
  readonly findings: readonly Finding[]
}

/** The Registry refuses a larger file; the guidance asks for less. */
const refusedFrom = 60_000_000
const largeFrom = 40_000_000

/** Readers look for the opening tag in the first characters of a file. */
const rootWithin = 6_000

let standard: Ruleset | null = null

/** Checks a document of IATI 2.03 in three layers: schema, code lists, rules. Any file, not only ours; nothing is fetched. */
export function checkFile(bytes: Uint8Array, now: Date): Checked {
  const early: Finding[] = [...sizeFindings(bytes)]
  const document = parsed(bytes)
  if (!(document instanceof XmlDocument)) return { activities: 0, findings: [...early, document] }
  try {
    if (document.dtd !== null) return { activities: 0, findings: [...early, ofFile('error', doctype)] }
    const activities = document.find('/iati-activity | /*/iati-activity | /*/iati-organisation')
    const lineOf = linesOf(bytes)
    const findingAt: FindingAt = (node, found) => ({
      ...found,
      activity: identifierOf(activityOf(node)),
      line: lineOf(node),
    })
    standard ??= readStandardRules() as Ruleset
    const found = [
      ...early,
      ...rootFindings(document),
      ...codeListFindings(document, findingAt),
      ...ruleFindings(document, standard, { now, findingAt, agencies }),
      ...repeatedIdentifiers(document, findingAt, lineOf),
      ...schemaFindings(document),
    ]
    return { activities: activities.length, findings: found.toSorted((a, b) => a.line - b.line) }
  } finally {
    document.dispose()
  }
}

const doctype =
  'The file has a document type (<!DOCTYPE …>), which IATI does not use. It is refused, because it can make a reader fetch or expand anything. Remove it.'

function parsed(bytes: Uint8Array): XmlDocument | Finding {
  const { XML_PARSE_NONET, XML_PARSE_NO_XXE, XML_PARSE_BIG_LINES, XML_PARSE_COMPACT } = ParseOption
  try {
    const option = XML_PARSE_NONET | XML_PARSE_NO_XXE | XML_PARSE_BIG_LINES | XML_PARSE_COMPACT
    return XmlDocument.fromBuffer(bytes, { option })
  } catch (error) {
    if (!(error instanceof XmlParseError)) throw error
    const [first] = error.details
    const message = `This is not XML: ${(first?.message ?? error.message).trim()}`
    return { ...ofFile('error', message), line: first?.line ?? 0 }
  }
}

function* sizeFindings({ length }: Uint8Array): Generator<Finding> {
  if (length >= refusedFrom)
    yield ofFile('error', `The file has ${length} bytes. The IATI Registry refuses ${refusedFrom} and more.`)
  else if (length >= largeFrom)
    yield ofFile('warning', `The file has ${length} bytes. IATI advises to stay below ${largeFrom}: divide it.`)
}

function* rootFindings(document: XmlDocument): Generator<Finding> {
  const { root } = document
  if (!isRoot(root.name)) {
    yield ofFile('error', `The root is <${root.name}>, and not <iati-activities> or <iati-organisations>.`)
    return
  }
  const version = root.attr('version')?.value ?? '2.03'
  if (version !== '2.03') yield ofFile('error', `The file is of version ${version}. This check knows version 2.03.`)
  const before = document.find('/comment() | /processing-instruction()')
  const length = before.reduce((sum, node) => sum + node.content.length, 0)
  if (length > rootWithin)
    yield ofFile('warning', `The opening tag comes after ${rootWithin} characters. Readers of IATI look for it before.`)
}

/** An activity belongs into one file, and once: readers take any of several. */
function* repeatedIdentifiers(document: XmlDocument, findingAt: FindingAt, lineOf: LineOf): Generator<Finding> {
  const seen = new Map<string, number>()
  for (const node of document.find('/*/iati-activity/iati-identifier')) {
    const identifier = identifierOf(activityOf(node))
    if (identifier === null) continue
    const before = seen.get(identifier)
    if (before === undefined) {
      seen.set(identifier, lineOf(node))
      continue
    }
    const message = `The same identifier is that of the activity in line ${before}.`
    yield findingAt(node, { layer: 'file', severity: 'error', rule: null, message })
  }
}

function ofFile(severity: Finding['severity'], message: string): Finding {
  return { layer: 'file', severity, rule: null, activity: null, line: 0, message }
}
