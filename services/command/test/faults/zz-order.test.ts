import { agreed, funded, proposed } from '@commitments/test-kit'
import t from 'tap'
import { openCommandApp } from '../app-fixture.ts'

t.test('lines of one proposal keep their order while the queue is full', async (t) => {
  const { bulk, post } = await openCommandApp(t, { limits: { queue: { events: 3, bytes: 1_000_000 } } })
  const funding = Array.from({ length: 300 }, (_, index) => funded({ line: `line-${index}` }))
  const lines = [proposed(), agreed(), ...funding].map((body, index) => ({ proposalId: 'lab', ifVersion: index, ...body }))
  const others = Array.from({ length: 300 }, (_, index) => ({ proposalId: `p${index}`, ...proposed() }))
  const [a, b] = await Promise.all([bulk(lines), bulk(others), ...Array.from({length: 50}, (_, i) => post(`q${i}`, proposed()))])
  t.match(a.body, /"recorded":302/)
  t.match(b.body, /"recorded":300/)
  console.error(a.body.trim().split('\n').at(-1), b.body.trim().split('\n').at(-1))
})
