import { readFile } from 'node:fs/promises'
import { openDatabase } from '@commitments/test-kit'
import t from 'tap'
import { describeSchema } from '../../../scripts/schema/describe-schema.ts'
import { describeTables } from '../../../scripts/schema/describe-tables.ts'
import { describeDigests, editedSince } from '../../../scripts/schema/migration-digests.ts'

const advice = 'run npm run generate'
const database = await openDatabase(t)

t.test('schema.sql is the result of the migrations', async (t) => {
  t.equal(await committed('migrations/schema.sql'), await describeSchema(database.pool(), database.ledger), advice)
})

t.test('the table types are those of the schema', async (t) => {
  t.equal(
    await committed('packages/event-store/src/tables.ts'),
    await describeTables(database.pool(), database.ledger),
    advice,
  )
})

t.test('no migration was edited since it landed, and every one is listed', async (t) => {
  t.equal(await committed('migrations/SHA256SUMS'), await describeDigests(), advice)
})

t.test('an edited migration is named, and a new one is not mistaken for an edit', (t) => {
  t.same(editedSince('aa  0001_a.sql\nbb  0002_b.sql\n', 'aa  0001_a.sql\ncc  0002_b.sql\n'), ['0002_b.sql'])
  t.same(editedSince('aa  0001_a.sql\nbb  0002_b.sql\n', 'aa  0001_a.sql\n'), ['0002_b.sql'])
  t.same(editedSince('aa  0001_a.sql\n', 'aa  0001_a.sql\nbb  0002_b.sql\n'), [])
  t.same(editedSince('', 'aa  0001_a.sql\n'), [])
  t.end()
})

t.end()

function committed(path: string): Promise<string> {
  return readFile(new URL(`../../../${path}`, import.meta.url), 'utf8')
}
