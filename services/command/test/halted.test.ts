import { setHalt } from '@commitments/event-store'
import { eventually, proposed } from '@commitments/test-kit'
import t from 'tap'
import { openCommandApp } from './app-fixture.ts'

t.setTimeout(60_000)

t.test('a halted log takes no writes: 503 with the reason, for readiness too, until the halt is removed', async (t) => {
  const { app, post, database } = await openCommandApp(t)
  t.equal((await post('lab', proposed())).statusCode, 201)
  await setHalt(database.pool(), 'signer', 'The log ends at position 1, but the tree has 9 leaves of it.')
  const refused = await post('lab-2', proposed())
  t.equal(refused.statusCode, 503)
  t.equal(refused.headers['retry-after'], '300', 'a person has to decide')
  t.match(refused.json(), {
    code: 'log-went-back',
    detail: /takes no writes until its operator has decided\. The log ends at position 1, .* Nothing was recorded/,
  })
  const ready = () => app.inject({ method: 'GET', url: '/health/ready' })
  await eventually(async () => {
    if ((await ready()).statusCode !== 503) throw new Error('ready')
  })
  t.match((await ready()).body, /the tree has 9 leaves of it/)
  const names = (await ready()).json().checks.map(({ name }: { name: string }) => name)
  t.same(names, [...new Set(names)], 'each check once')
  t.match((await post('lab-2', proposed(), { query: { dryRun: 'true' } })).json(), {
    status: 503,
    code: 'log-went-back',
  })
  await setHalt(database.pool(), 'signer', null)
  t.equal((await post('lab-2', proposed())).statusCode, 201)
})
