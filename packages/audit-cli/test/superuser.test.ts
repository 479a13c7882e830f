import { readFileSync } from 'node:fs'
import t from 'tap'
import { type Fault, faults, ofLedger } from './superuser/faults.ts'
import { holdFaults } from './superuser/hold-faults.ts'

t.setTimeout(900_000)

holdFaults(ofLedger)

t.test('the table in decision 19 is what this test holds', async (t) => {
  const page = readFileSync(new URL('../../../docs/decisions/0019-ready-or-alarm.md', import.meta.url), 'utf8')
  const rows = page.split('\n').filter((line) => /^\| .* \| (?:stops|goes on) \|$/.test(line))
  t.strictSame(rows, faults.map(rowOf))
})

function rowOf({ changed, verify, remembered, readiness, drift, replay, recording }: Fault): string {
  const cells = [
    namesOf(verify),
    remembered === undefined ? 'the same' : namesOf(remembered),
    namesOf(readiness),
    namesOf(drift),
    replay === null ? '–' : 'seen',
  ]
  return `| ${changed} | ${cells.join(' | ')} | ${recording} |`
}

function namesOf(expected: Fault['verify']): string {
  const names = Object.keys(expected).map((name) => (name === 'could-not-be-checked' ? 'not valid' : `\`${name}\``))
  return names.join(', ') || '–'
}
