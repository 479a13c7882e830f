import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import t from 'tap'
import { longest } from '../scripts/test/longest.ts'
import { reportRun } from '../scripts/test/report.ts'

async function report(...lines: string[]) {
  const said: string[] = []
  const counts = await reportRun(Readable.from([`TAP version 14\n${lines.join('\n')}\n`]), (line) => said.push(line))
  return { ...counts, said: said.join('\n') }
}

t.test('assertions are counted, but not the results that close their subtests', async (t) => {
  const inner = [
    '    # Subtest: inner',
    '        ok 1 - a',
    '        ok 2 - b',
    '        1..2',
    '    ok 1 - inner',
    '    1..1',
  ]
  const counts = await report('# Subtest: file', ...inner, 'ok 1 - file', '1..1')
  t.match(counts, { passed: 2, failed: 0, said: /ok file/ })
})

t.test('a failed assertion counts once, however deep, and is reported with its full name', async (t) => {
  const inner = [
    '    # Subtest: inner',
    '        ok 1 - a',
    '        not ok 2 - b',
    '        1..2',
    '    not ok 1 - inner',
    '    1..1',
  ]
  const counts = await report('# Subtest: file', ...inner, 'not ok 1 - file', '1..1')
  t.match(counts, { passed: 1, failed: 1, said: /file > inner > b/ })
})

t.test('a file that crashes after its last assertion counts as one failure', async (t) => {
  const counts = await report('# Subtest: file', '    ok 1 - a', '    1..1', 'not ok 1 - file', '1..1')
  t.match(counts, { passed: 1, failed: 1, said: /NOT OK file/ })
})

t.test('a skipped test is neither passed nor failed, and its reason is shown', async (t) => {
  const counts = await report(
    '# Subtest: file',
    '    ok 1 - a # SKIP why',
    '    ok 2 - b',
    '    1..2',
    'ok 1 - file',
    '1..1',
  )
  t.match(counts, { passed: 1, failed: 0, said: /file > a: why/ })
})

t.test('a remark of a test, such as its seed, is shown with its failure', async (t) => {
  const lines = (ok: string) => [
    '# Subtest: file',
    '    # seed 7',
    `    ${ok} 1 - a`,
    '    1..1',
    `${ok} 1 - file`,
    '1..1',
  ]
  t.match((await report(...lines('not ok'))).said, /# seed 7/)
  t.notMatch((await report(...lines('ok'))).said, /# seed 7/)
})

t.test('the files that start first, because they take longest, all exist', async (t) => {
  for (const file of longest) t.ok(existsSync(join(import.meta.dirname, '..', file)), file)
})
