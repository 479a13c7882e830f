import { agreed, example, funded, proposed } from '@commitments/test-kit/domain'
import t from 'tap'
import { collect, openServices } from './services.ts'

const dated = (occurredOn: string) => ({ occurredOn, evidence: [{ title: 'Report', supports: 'Says so.' }] })

t.test('status, list and portfolio are available for any moment', async (t) => {
  const client = (await openServices(t)).client()
  const first = await client.recordEvent('lab', proposed({}, dated('2020-01-01')))
  const last = await client.recordEvent('lab', agreed({}, dated('2021-01-01')))
  await client.recordEvent('centre', proposed({}, dated('2022-01-01')))
  await client.waitFor(3)
  const stageAt = async (moment: object) => (await client.getProposal('lab', moment)).value.stage
  t.equal(await stageAt({ asOf: '2020-06-01' }), 'proposed')
  t.equal(await stageAt({ knownAtPosition: first.position }), 'proposed')
  t.equal(await stageAt({ knownAt: last.event.recordedAt }), 'agreed')
  t.match((await client.portfolio({ asOf: '2021-06-01' })).value, { total: 1, byStage: { agreed: 1 } })
  const listed = await collect(client.listProposals({ knownAtPosition: 3, asOf: '2022-06-01' }, { pageSize: 1 }))
  t.same(
    listed.map(({ proposalId, stage }) => [proposalId, stage]),
    [
      ['centre', 'proposed'],
      ['lab', 'agreed'],
    ],
  )
  const { etag } = await client.portfolio({ knownAtPosition: 2 })
  t.match(await client.portfolio({ knownAtPosition: 2, ifNoneMatch: etag }), { value: null })
  await t.rejects(client.getProposal('lab', { asOf: '2019-12-31' }), { code: 'unknown-proposal' })
  await t.rejects(client.portfolio({ asOf: '2019-12-31' }), { code: 'before-beginning' })
  await t.rejects(collect(client.listProposals({ knownAtPosition: 0 })), { code: 'before-beginning' })
})

t.test('changes of a proposal come in the order in which we learnt them, over all pages', async (t) => {
  const client = (await openServices(t)).client()
  const bodies = [proposed(), agreed(), funded(), example('retracted', { events: [3] })]
  await client.recordAtomically(bodies.map((body) => ({ proposalId: 'lab', ...body })))
  const changes = await collect(client.proposalChanges('lab', { pageSize: 2 }))
  t.same(
    changes.filter(({ field }) => field === 'stage').map(({ value, version }) => [value, version]),
    [
      ['proposed', 1],
      ['agreed', 2],
      ['funded', 3],
      ['agreed', 4],
    ],
  )
  const versions = changes.map(({ version }) => version)
  t.same(
    versions,
    versions.toSorted((a, b) => a - b),
  )
  const later = await collect(client.proposalChanges('lab', { after: 3 }))
  t.ok(later.length > 0 && later.every(({ version }) => version === 4))
  await t.rejects(collect(client.proposalChanges('nowhere')), { code: 'unknown-proposal' })
})

t.test('polling resumes after the last position', async (t) => {
  const client = (await openServices(t)).client()
  const ids = ['a', 'b', 'c']
  await client.recordAtomically(ids.map((proposalId) => ({ proposalId, ...proposed() })))
  const poll = async (...given: Parameters<typeof client.changedSince>) => {
    const changes = client.changedSince(...given)
    const changed: string[] = []
    for (;;) {
      const { done, value } = await changes.next()
      if (done) return { changed, next: value }
      changed.push(value.proposalId)
    }
  }
  const first = await poll(0, { pageSize: 2, atLeast: 3 })
  t.same(first.changed, ids)
  t.equal(first.next.position, 3)
  t.same((await poll(first.next)).changed, [])
  const recorded = await client.recordEvent('b', agreed())
  t.same((await poll(first.next, { atLeast: recorded })).changed, ['b'])
  await t.rejects(poll(99), { code: 'beyond-head' })
  await t.rejects(poll({ position: 3, logId: 'another' }), { name: 'LogChanged' })
})

t.test('the list of event types needs no key, and is fetched once', async (t) => {
  const client = (await openServices(t)).client()
  const { value, etag } = await client.eventTypes()
  t.ok(value.eventTypes.some(({ type }) => type === 'proposed'))
  t.match(await client.eventTypes({ ifNoneMatch: etag }), { value: null, etag })
})
