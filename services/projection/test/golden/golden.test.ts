import t from 'tap'
import { makeGolden, readGolden } from './samples.ts'

t.test('the same events give the same rows and statuses unless the rules have another version', async (t) => {
  const made = makeGolden()
  const before = readGolden()
  const advice =
    'the rules changed: raise readModelVersion in src/projections/rules.ts, then run node services/projection/test/golden/generate.ts'
  t.same(Object.keys(before.portfolio), Object.keys(made.portfolio))
  t.same(made.examples, before.examples, advice)
  t.same(made.portfolio, before.portfolio, advice)
  t.equal(made.readModelVersion, before.readModelVersion, 'read-model.json is of other rules: generate it anew')
})
