/** The official files of IATI 2.03, which lie beside the sources. */
import { readdirSync, readFileSync } from 'node:fs'
import { XmlBufferInputProvider, XmlDocument, XsdValidator, xmlRegisterInputProvider } from 'libxml2-wasm'

const read = (path: string) => readFileSync(new URL(`../standard/${path}`, import.meta.url))

/** The address under which the schemas find the files that they include: in memory, so that nothing else is ever read. */
const base = 'https://iatistandard.invalid/'

const schemaOf = {
  'iati-activities': 'iati-activities-schema.xsd',
  'iati-activity': 'iati-activities-schema.xsd',
  'iati-organisations': 'iati-organisations-schema.xsd',
} as const

type Root = keyof typeof schemaOf

export function isRoot(name: string): name is Root {
  return Object.hasOwn(schemaOf, name)
}

const validators = new Map<string, XsdValidator>()

/** The validator for documents with this root. Made once for a process. */
export function validatorOf(root: Root): XsdValidator {
  const file = schemaOf[root]
  const known = validators.get(file)
  if (known !== undefined) return known
  if (validators.size === 0) {
    const included = ['iati-common.xsd', 'xml.xsd'].map((name) => [`${base}${name}`, read(`schemas/${name}`)] as const)
    xmlRegisterInputProvider(new XmlBufferInputProvider(Object.fromEntries(included)))
  }
  const schema = XmlDocument.fromBuffer(read(`schemas/${file}`), { url: `${base}${file}` })
  const validator = XsdValidator.fromDoc(schema)
  schema.dispose()
  validators.set(file, validator)
  return validator
}

/** A code list: what a code is called, and whether it may be written. */
export interface CodeList {
  readonly name: string
  /** Whether the list claims to name all codes that there are. */
  readonly complete: boolean
  readonly codes: ReadonlyMap<string, { readonly name: string; readonly active: boolean }>
}

const lists = new Map<string, CodeList>()

/** The list of this name. */
export function codeList(name: string): CodeList {
  const known = lists.get(name)
  if (known !== undefined) return known
  const document = XmlDocument.fromBuffer(read(`codelists/${name}.xml`))
  try {
    const items = document.find('//codelist-item').map((item) => {
      const status = item.get('@status')?.content ?? 'active'
      const code = item.get('code')?.content ?? ''
      return [code, { name: item.get('name/narrative')?.content ?? '', active: status === 'active' }] as const
    })
    const complete = document.get('/codelist/@complete')?.content !== '0'
    const list = { name, complete, codes: new Map(items) }
    lists.set(name, list)
    return list
  } finally {
    document.dispose()
  }
}

/** The names of all lists that are here. */
export function codeListNames(): string[] {
  return readdirSync(new URL('../standard/codelists/', import.meta.url))
    .filter((name) => name.endsWith('.xml') && name !== 'mapping.xml')
    .map((name) => name.slice(0, -'.xml'.length))
    .toSorted()
}

/** Where a list holds: a path, and a condition on the element that bears the code. */
export interface Mapping {
  readonly path: string
  readonly condition: string | null
  readonly list: string
}

/** What `mapping.xml` says. */
export function readMappings(): Mapping[] {
  const document = XmlDocument.fromBuffer(read('codelists/mapping.xml'))
  try {
    return document.find('//mapping').map((mapping) => ({
      path: mapping.get('path')?.content ?? '',
      condition: mapping.get('condition')?.content ?? null,
      list: mapping.get('codelist/@ref')?.content ?? '',
    }))
  } finally {
    document.dispose()
  }
}

/** The business rules, as the IATI Secretariat publishes them. */
export function readStandardRules(): unknown {
  return JSON.parse(read('rulesets/standard.json').toString('utf8'))
}
