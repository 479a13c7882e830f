/** What docs/running/watching.md and the files beside it say of metrics and alerts is what the services serve. */
import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createLogger } from '@commitments/http-kit'
import { issuerEntry, issuersFile, startIssuer, temporaryFolder } from '@commitments/test-kit'
import { newKey, startProjection } from '@commitments/test-kit/services'
import { witnessKey } from '@commitments/transparency'
import type { FastifyInstance } from 'fastify'
import t, { type Test } from 'tap'
import { buildRelayApp } from '../services/relay/src/app.ts'
import { initialState } from '../services/relay/src/relay.ts'
import { openApps } from './support/apps.ts'

t.setTimeout(180_000)

const folder = join(import.meta.dirname, '../docs/running')
const page = textOf('watching.md')
const rules = textOf('prometheus-rules.yml')
const ofProcess = /^(process|nodejs)_/

function textOf(file: string): string {
  return readFileSync(join(folder, file), 'utf8')
}

async function namesAt(app: FastifyInstance): Promise<string[]> {
  const { body } = await app.inject({ url: '/metrics' })
  return [...body.matchAll(/^# TYPE (\S+) (\S+)$/gm)].flatMap(([, name = '', type]) =>
    type === 'histogram' ? [name, `${name}_bucket`, `${name}_count`, `${name}_sum`] : [name],
  )
}

/** Every metric that a service can serve: with issuers, a policy of witnesses, and on a standby. */
async function served(t: Test): Promise<ReadonlySet<string>> {
  const issuer = await startIssuer(t)
  const policy = join(temporaryFolder(t), 'policy')
  writeFileSync(policy, `witness w1 ${witnessKey('w1.example', newKey())} http://127.0.0.1:1\nquorum w1\n`)
  const environment = { OIDC_ISSUERS_FILE: issuersFile(t, [issuerEntry(issuer)]), WITNESS_POLICY_FILE: policy }
  const { database, command, projection } = await openApps(t, { environment })
  const reading = await startProjection(t, database, { environment: { PROJECTION_MODE: 'read' } })
  const relay = await buildRelayApp(initialState(), createLogger({ name: 'relay', level: 'silent' }))
  t.after(() => relay.close())
  return new Set((await Promise.all([command, projection, reading.app, relay].map(namesAt))).flat())
}

/** The names of metrics in an expression of PromQL: what is neither a function, a label, a keyword nor a text. */
function metricsOf(expression: string): string[] {
  const bare = expression
    .replace(/"[^"]*"|'[^']*'/g, '')
    .replace(/\{[^}]*\}/g, '')
    .replace(/\[[^\]]*\]/g, '')
  return (bare.replace(/\b(by|without|on)\s*\([^)]*\)/g, '').match(/[a-z_][a-z0-9_]*(?!\w|\s*\()/g) ?? []).filter(
    (word) => !['or', 'and', 'unless', 'up', 'by'].includes(word) && word.includes('_'),
  )
}

const inRules = [...rules.matchAll(/expr: (?:>-\n)?((?:.+|\n {12,}.+)+?)(?=\n {8}\w)/g)].map(([, text = '']) => text)
const dashboard = JSON.parse(textOf('grafana.json')) as {
  readonly panels: readonly { readonly title: string; readonly targets?: readonly { readonly expr: string }[] }[]
}

t.test(
  'each metric of the services is in the table, each one of the table is served, and each one of an alert and of the dashboard',
  async (t) => {
    const known = await served(t)
    const base = [...known].filter((name) => !ofProcess.test(name) && !/_(bucket|count|sum)$/.test(name))
    const [, section = ''] = page.split('## Metrics')
    const rows = section.split('\n## ')[0]?.match(/^\| `.*$/gm) ?? []
    const named = rows.flatMap((row) => [...(row.split('|')[1] ?? '').matchAll(/`([^`]+)`/g)].map(([, name]) => name))
    t.ok(base.length > 30, String(base.length))
    t.same(named.map(String).toSorted(), base.toSorted())
    const panels = dashboard.panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr))
    t.ok(inRules.length > 20 && panels.length > 20)
    for (const expression of [...inRules, ...panels]) {
      const names = metricsOf(expression)
      t.ok(names.length > 0 || /\bup\{/.test(expression), expression)
      for (const name of names) t.ok(known.has(name), `${name} in ${expression}`)
    }
  },
)

t.test('a name that nothing serves is found', async (t) => {
  t.same(metricsOf('sum by (job) (rate(not_there_total{a="b_c"}[5m])) > 0.1'), ['not_there_total'])
})

t.test('each alert has a row that says what to do', async (t) => {
  const alerts = [...rules.matchAll(/- alert: (\w+)\n[\s\S]*?severity: (\w+)/g)]
  t.ok(alerts.length > 20)
  for (const [, name, severity] of alerts) {
    const row = page.split('\n').find((line) => line.startsWith('| `') && line.includes(`\`${name}\``))
    t.match(row?.split(' | ')[0], `(${severity})`, `${name}`)
    t.ok((row?.split(' | ')[2]?.length ?? 0) > 20, `${name}`)
  }
  const named = [...page.matchAll(/`(Commitments\w+)`/g)].map(([, name]) => name)
  t.same(new Set(named), new Set(alerts.map(([, name]) => name)))
})

const promtool = spawnSync('promtool', ['--version']).status === 0

t.test('the rules hold by the tests beside them', { skip: promtool ? false : 'needs promtool' }, async (t) => {
  for (const args of [
    ['check', 'rules', 'prometheus-rules.yml'],
    ['test', 'rules', 'prometheus-rules.test.yml'],
  ]) {
    const { status, stdout, stderr } = spawnSync('promtool', args, { cwd: folder, encoding: 'utf8' })
    t.equal(status, 0, `${stdout}${stderr}`)
  }
})
