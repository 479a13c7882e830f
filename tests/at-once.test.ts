/** Many callers at once, through both doors of a ledger with two command services. */
import { agreed, example, processKey, proposed } from '@commitments/test-kit'
import { startCommand, startServices } from '@commitments/test-kit/services'
import { Client } from 'pg'
import t, { type Test } from 'tap'

t.setTimeout(120_000)

const environment = { API_KEYS: `process:record+read+audit+admin:${processKey}` }

async function twoDoors(t: Test) {
  const services = await startServices(t, { environment })
  const other = await startCommand(t, services.database, { environment })
  const urls = [await services.command.listen(), await other.listen()]
  const post = (index: number, proposalId: string, body: object, headers: Record<string, string> = {}) =>
    fetch(new URL(`/v1/proposals/${proposalId}/events`, urls[index % 2]), {
      method: 'POST',
      headers: { authorization: `Bearer ${processKey}`, 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    })
  return { ...services, post }
}

t.test('one Idempotency-Key from fifty callers at once has one effect, and each gets the same event', async (t) => {
  const { database, post } = await twoDoors(t)
  const headers = { 'idempotency-key': '"once"' }
  const answers = await Promise.all(Array.from({ length: 50 }, (_, index) => post(index, 'lab', proposed(), headers)))
  for (const { status } of answers) t.ok(status === 201 || status === 200, `${status}`)
  const bodies = await Promise.all(answers.map((answer) => answer.text()))
  t.equal(new Set(bodies).size, 1, 'all were answered with the same bytes')
  t.equal((await post(0, 'lab', agreed(), headers)).status, 422, 'the key with another body')
  t.equal(await eventsOf(database), 1)
  const later = await startCommand(t, database, { environment })
  const again = await later.app.inject({
    method: 'POST',
    url: '/v1/proposals/lab/events',
    headers: { authorization: `Bearer ${processKey}`, ...headers },
    payload: proposed(),
  })
  t.equal(again.body, bodies[0], 'a service that has just started answers the same')
})

t.test('of fifty callers with one If-Match exactly one records; the others are 412', async (t) => {
  const { database, post } = await twoDoors(t)
  t.equal((await post(0, 'lab', proposed())).status, 201)
  const headers = { 'if-match': '"1"' }
  const answers = await Promise.all(
    Array.from({ length: 50 }, (_, index) => post(index, 'lab', example('assessed'), headers)),
  )
  t.equal(answers.filter(({ status }) => status === 201).length, 1)
  t.equal(answers.filter(({ status }) => status === 412).length, 49)
  t.equal(await eventsOf(database), 2)
})

t.test('a transaction that stays open in another database of the server delays no reader', async (t) => {
  const { database, post, projection } = await twoDoors(t)
  const elsewhere = new Client({ connectionString: new URL('/postgres', database.url).href })
  await elsewhere.connect()
  t.after(() => elsewhere.end())
  await elsewhere.query(
    'BEGIN; CREATE TEMPORARY TABLE left_open (nothing boolean); INSERT INTO left_open VALUES (true)',
  )
  for (let index = 0; index < 5; index += 1) {
    const answer = await post(index, `p${index}`, proposed())
    const { position } = (await answer.json()) as { position: number }
    await projection.applied(position)
    const read = await projection.get(`/v1/proposals/p${index}?atLeast=${position}`)
    t.equal(read.statusCode, 200)
  }
})

async function eventsOf(database: Awaited<ReturnType<typeof twoDoors>>['database']): Promise<number | undefined> {
  const { rows } = await database.pool().query<{ count: number }>('SELECT count(*) FROM events')
  return rows[0]?.count
}
