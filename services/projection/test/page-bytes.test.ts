/** Pages end at some megabytes, however large the proposals are. */
import { proposed } from '@commitments/test-kit'
import t, { type Test } from 'tap'
import { openLedger, startService, type TestService } from './support.ts'

const many = 120
const text = 'đ'.repeat(9_900)

/** Each has some 30,000 characters of text, 60 KB as bytes. */
function fat(index: number) {
  return proposed({ title: { en: `Number ${index}` }, summary: { en: text, vi: text, ko: text } })
}

const service = await open()

async function open(): Promise<TestService> {
  const ledger = await openLedger(t)
  const started = await startService(t, ledger)
  await started.applied(await ledger.recordAll(Array.from({ length: many }, (_, index) => [`p-${index}`, fat(index)])))
  return started
}

const most = 6 * 1024 * 1024

async function walk(t: Pick<Test, 'equal' | 'ok'>, first: string): Promise<string[]> {
  const ids: string[] = []
  for (let url = first; url !== ''; ) {
    const answer = await service.get(url)
    t.equal(answer.statusCode, 200)
    t.ok(answer.rawPayload.length < most, `${answer.rawPayload.length} bytes`)
    const { proposals, next } = answer.json<{ proposals: { proposalId: string }[]; next: string | null }>()
    ids.push(...proposals.map(({ proposalId }) => proposalId))
    url = next === null ? '' : `/v1/proposals?cursor=${next}&limit=500`
  }
  return ids
}

for (const list of [
  'sort=proposalId',
  'sort=-updated',
  'sort=title',
  'knownAtPosition=120',
  'asOf=2026-11-27&sort=-updated',
]) {
  t.test(`a page of a list ends at some megabytes, and next continues: ${list}`, async (t) => {
    const ids = await walk(t, `/v1/proposals?limit=500&${list}`)
    t.equal(ids.length, many)
    t.equal(new Set(ids).size, many, 'each once')
  })
}

for (const list of ['sort=title', 'knownAtPosition=120']) {
  t.test(`CSV has every row once, although it is read in portions of bytes: ${list}`, async (t) => {
    const answer = await service.get(`/v1/proposals?${list}`, { accept: 'text/csv' })
    const ids = answer.body
      .split('\r\n')
      .slice(1, -1)
      .map((line) => line.split(',')[0])
    t.equal(ids.length, many)
    t.equal(new Set(ids).size, many)
  })
}

t.test('a page of the feed, and of a history, ends at some megabytes', async (t) => {
  for (const accept of ['application/json', 'application/cloudevents-batch+json']) {
    const answer = await service.get('/v1/events?limit=1000', { accept })
    t.equal(answer.statusCode, 200)
    t.ok(answer.rawPayload.length < most, `${accept}: ${answer.rawPayload.length} bytes`)
    t.match(String(answer.headers.link), 'after=')
  }
})

t.end()
