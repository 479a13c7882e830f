import { agreed, funded, proposed } from '@commitments/test-kit/domain'
import t from 'tap'
import { collect, openServices } from './services.ts'

t.test('a list is iterated over all its pages, and yields every proposal once', async (t) => {
  const services = await openServices(t)
  const asked: string[] = []
  const client = services.client({
    fetch: (input, init) => {
      asked.push(input instanceof Request ? input.url : String(input))
      return fetch(input, init)
    },
  })
  const ids = Array.from({ length: 7 }, (_, index) => `lab-${index}`)
  await client.recordAtomically(ids.map((proposalId) => ({ proposalId, ...proposed() })))
  await client.recordEvent('lab-3', agreed())
  const last = await client.recordEvent('lab-5', agreed())
  await client.waitFor(last)
  asked.length = 0
  const all = await collect(client.listProposals({}, { pageSize: 3, atLeast: last }))
  t.same(
    all.map(({ proposalId }) => proposalId),
    ids,
  )
  t.equal(asked.length, 3)
  const some = client.listProposals(
    { stage: ['agreed', 'funded'], kind: ['joint-research'], sort: '-proposalId' },
    { pageSize: 1 },
  )
  t.same(
    (await collect(some)).map(({ proposalId }) => proposalId),
    ['lab-5', 'lab-3'],
  )
  t.same(await collect(client.listProposals({ stage: ['closed'] })), [])
})

t.test('a reader that has enough leaves the other pages unread', async (t) => {
  const client = (await openServices(t)).client()
  await client.recordAtomically(['a', 'b', 'c'].map((proposalId) => ({ proposalId, ...proposed() })))
  await client.waitFor(3)
  for await (const { proposalId } of client.listProposals({}, { pageSize: 1 })) {
    t.equal(proposalId, 'a')
    break
  }
})

t.test('a history continues after a version', async (t) => {
  const client = (await openServices(t)).client()
  await client.recordAtomically([proposed(), agreed(), funded()].map((body) => ({ proposalId: 'lab', ...body })))
  const versions = (await collect(client.history('lab', { after: 1, pageSize: 1 }))).map(({ event }) => event.version)
  t.same(versions, [2, 3])
  await t.rejects(collect(client.history('nowhere')), { code: 'unknown-proposal' })
})
