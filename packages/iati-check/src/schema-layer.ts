/** Layer one: the XML schema. */
import { type XmlDocument, type XmlElement, XmlValidateError } from 'libxml2-wasm'
import { type Finding, identifierOf } from './finding.ts'
import { isRoot, validatorOf } from './standard.ts'

/**
 * The validator stops at the first error of structure of an element, and says nothing about what comes after it. So each activity is
 * validated for itself; an element that is not expected where it stands is taken out, and the rest is validated again. At most so often for
 * one activity.
 */
const againAtMost = 50

/** What the schema says about the document. It takes invalid elements out of the document, so it is the last layer to look at it. */
export function* schemaFindings(document: XmlDocument): Generator<Finding> {
  const { root } = document
  if (!isRoot(root.name)) return
  const validator = validatorOf(root.name)
  const validate = (element: XmlElement) => errorsOf(() => validator.validate(element))
  if (root.name === 'iati-activity') {
    yield* ofActivity(document, root, validate)
    return
  }
  for (const activity of document.find('/*/iati-activity | /*/iati-organisation'))
    yield* ofActivity(document, activity as XmlElement, validate)
  // What is left concerns the root: its attributes, and what does not belong into it.
  for (const activity of document.find('/*/iati-activity[position() > 1] | /*/iati-organisation[position() > 1]'))
    activity.remove()
  const first = document.get('/*/iati-activity | /*/iati-organisation')
  const firstLine = first?.line ?? Number.POSITIVE_INFINITY
  for (const error of errorsOf(() => validator.validate(document))) {
    if (error.path.includes('/iati-activity') || error.path.includes('/iati-organisation/')) continue
    if (first !== null && error.line === firstLine && error.path === '') continue
    yield { layer: 'schema', severity: 'error', rule: null, activity: null, line: error.line, message: error.message }
  }
}

interface SchemaError {
  readonly message: string
  readonly line: number
  /** Of the element that it concerns; empty if it is not known. */
  readonly path: string
}

function* ofActivity(
  document: XmlDocument,
  activity: XmlElement,
  validate: (element: XmlElement) => readonly SchemaError[],
): Generator<Finding> {
  const identifier = identifierOf(activity)
  const said = new Set<string>()
  for (let time = 0; time < againAtMost; time += 1) {
    const errors = validate(activity)
    for (const { message, line } of errors) {
      const key = `${line} ${message}`
      if (said.has(key)) continue
      said.add(key)
      yield { layer: 'schema', severity: 'error', rule: null, activity: identifier, line, message }
    }
    const strays = errors.filter(({ message, path }) => isStray(message) && path !== '')
    const nodes = strays.map(({ path }) => document.get(path)).filter((node) => node !== null)
    if (nodes.length === 0) return
    for (const node of nodes) if (!node.isSameNode(activity)) node.remove()
    if (nodes.some((node) => node.isSameNode(activity))) return
  }
}

/** Whether an element may be taken out so that what follows it is looked at. */
function isStray(message: string): boolean {
  return message.includes('This element is not expected')
}

function errorsOf(validate: () => void): readonly SchemaError[] {
  try {
    validate()
    return []
  } catch (error) {
    if (!(error instanceof XmlValidateError)) throw error
    return error.details.map(({ message, line, xpath }) => ({ message: message.trim(), line, path: xpath ?? '' }))
  }
}
