import type { XmlNode } from 'libxml2-wasm'
import { XmlElement } from 'libxml2-wasm'

/** Where something was found: in the file as a whole, or in one of the three layers. */
type Layer = 'file' | 'schema' | 'code-list' | 'rule'

export interface Finding {
  readonly layer: Layer
  /** An error makes the file invalid. */
  readonly severity: 'error' | 'warning'
  /** The id of the rule, the name of the code list, or null. */
  readonly rule: string | null
  /** The identifier of the activity (or organisation); null for what concerns the file. */
  readonly activity: string | null
  /** From 1; 0 if no line can be named. */
  readonly line: number
  readonly message: string
}

const wholes = new Set(['iati-activity', 'iati-organisation'])

/** The activity (or organisation) that a node belongs to; null for what lies outside. */
export function activityOf(node: XmlNode): XmlElement | null {
  for (let at: XmlNode | null = node; at !== null; at = at.parent)
    if (at instanceof XmlElement && wholes.has(at.name)) return at
  return null
}

/** Its identifier; null if it has none. */
export function identifierOf(activity: XmlNode | null): string | null {
  const identifier = activity?.get('iati-identifier | organisation-identifier')?.content.trim() ?? ''
  return identifier === '' ? null : identifier
}

/** A finding without its place. */
export type Found = Pick<Finding, 'layer' | 'severity' | 'rule' | 'message'>

/** A finding at a node. */
export type FindingAt = (node: XmlNode, found: Found) => Finding
