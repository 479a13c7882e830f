import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import t from 'tap'

const root = join(import.meta.dirname, '..')
const official = 'packages/iati-check/test/official/examples'

function check(...files: string[]) {
  return spawnSync(process.execPath, ['scripts/iati-check.ts', ...files], { cwd: root, encoding: 'utf8' })
}

t.test(
  'iati-check names file, line, layer and activity of each finding, and its exit status says whether there are errors',
  async (t) => {
    const { status, stdout } = check(`${official}/activity-standard-example-annotated.xml`)
    t.equal(status, 1)
    t.match(stdout, /annotated\.xml:\d+: error \(rule 3\.4\.2\) in AA-AAA-123456789-ABC123: /)
    t.match(stdout, /annotated\.xml: NOT valid; 1 activities, \d+ errors, \d+ warnings\n$/)
    const good = check(`${official}/organisation-standard-example-annotated.xml`)
    t.equal(good.status, good.stdout.includes('NOT valid') ? 1 : 0)
  },
)

t.test('iati-check says what it needs, and which file it cannot read', async (t) => {
  t.match(check(), { status: 2, stderr: /Give one file/ })
  t.match(check('nowhere.xml'), { status: 2, stderr: /nowhere\.xml cannot be read/ })
})

t.test('what a file of others says reaches the terminal without its control characters', async (t) => {
  const folder = t.testdir({
    'bad.xml':
      '<iati-activities version="2.03"><iati-activity><iati-identifier>\u009B31m</iati-identifier></iati-activity></iati-activities>',
  })
  const { status, stdout } = check(join(folder, 'bad.xml'))
  t.equal(status, 1)
  t.notMatch(stdout, '\u009B')
})
