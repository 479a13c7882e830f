import { acceptRestore } from '@commitments/event-store'
import { agreed, eventually, proposed } from '@commitments/test-kit'
import t from 'tap'
import { openCommandApp } from './app-fixture.ts'

t.test('a running service notices an accepted restore: its answers have the new Log-Id', async (t) => {
  const { post, database } = await openCommandApp(t)
  const before = (await post('lab', proposed())).headers['log-id']
  const { logId } = await acceptRestore(database.pool(), 'a test')
  t.not(logId, before)
  let written = 0
  await eventually(async () => {
    written += 1
    return (await post(`lab-${written}`, proposed())).headers['log-id'] === logId
  })
  t.equal((await post('lab', agreed())).statusCode, 201, 'what is in the log is still there')
})
