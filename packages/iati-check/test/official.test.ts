import { readFileSync } from 'node:fs'
import { XmlDocument } from 'libxml2-wasm'
import t from 'tap'
import { checkFile } from '../src/check-file.ts'
import type { Finding, Found } from '../src/finding.ts'
import { ruleFindings } from '../src/rule-layer.ts'
import type { Ruleset } from '../src/ruleset.ts'
import { codeList, codeListNames, readMappings, readStandardRules } from '../src/standard.ts'

const now = new Date('2026-11-29T00:00:00Z')
const setting = {
  now,
  agencies: [],
  findingAt: (_: unknown, found: Found): Finding => ({ ...found, activity: null, line: 0 }),
}
const official = (path: string) => readFileSync(new URL(`official/${path}`, import.meta.url))

t.test('the interpreter of the rules agrees with every official test vector', async (t) => {
  const rows = official('meta-tests/expected.tsv').toString('utf8').trim().split('\n').slice(1)
  t.equal(rows.length, 83)
  for (const row of rows) {
    const [ruleset = '', file = '', expected = ''] = row.split('\t')
    const rules = JSON.parse(official(`meta-tests/${ruleset}`).toString('utf8')) as Ruleset
    const document = XmlDocument.fromBuffer(official(`meta-tests/${file}`))
    const findings = [...ruleFindings(document, rules, setting)]
    document.dispose()
    t.equal(findings.length === 0 ? 'valid' : 'invalid', expected, `${ruleset} with ${file}`)
  }
})

t.test('the official examples are valid by the schema', async (t) => {
  for (const name of ['activity', 'organisation']) {
    const { findings, activities } = checkFile(official(`examples/${name}-standard-example-annotated.xml`), now)
    t.ok(activities > 0)
    t.same(
      findings.filter(({ layer }) => layer === 'schema' || layer === 'file'),
      [],
      name,
    )
  }
})

t.test('the annotated example fails the code lists and the rules that it is known to fail', async (t) => {
  const { findings } = checkFile(official('examples/activity-standard-example-annotated.xml'), now)
  const errors = findings.filter(({ severity }) => severity === 'error')
  const of = (layer: string) => new Set(errors.filter((one) => one.layer === layer).map(({ rule }) => String(rule)))
  t.same([...of('rule')].toSorted(), ['3.4.2', '3.6.2', '6.13.1', '6.6.2', '8.11.1'])
  t.ok(errors.some(({ message }) => message.includes('"000000"')))
  t.ok(errors.some(({ message }) => message.includes('"616"')))
})

t.test('every list that an attribute is checked against is here', async (t) => {
  const here = codeListNames()
  for (const { list } of readMappings()) t.ok(here.includes(list), list)
  t.equal(readMappings().length, 124)
  t.equal(codeList('Sector').codes.get('11110')?.active, true)
  t.equal([...codeList('Sector').codes.values()].filter(({ active }) => !active).length, 30)
})

t.test('every rule of the standard is one that the interpreter knows', async (t) => {
  const document = XmlDocument.fromBuffer(official('examples/activity-standard-example-annotated.xml'))
  const rules = readStandardRules() as Ruleset
  t.doesNotThrow(() => [...ruleFindings(document, rules, setting)])
  document.dispose()
})
