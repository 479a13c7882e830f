import { type RefusalCode, refusals } from '@commitments/domain'
import { agreed, type Decided, delivered, funded, given, proposed, refused } from '@commitments/test-kit/domain'
import t from 'tap'

/** The shortest way to each code. The compiler asks for a case where a code is added. */
const ways: Record<RefusalCode, () => Decided> = {
  'unknown-proposal': () => given().when(agreed()),
  'already-proposed': () => given(proposed()).when(proposed()),
  'unknown-parent': () => given().when(proposed({ parent: 'programme' })),
  'unknown-related-proposal': () => {
    const agenda = { items: [{ item: 1, title: { en: 'Laboratory' }, leadsTo: ['other'] }] }
    return given().when(proposed({ kind: 'forum', agenda }))
  },
  'in-the-future': () => given(proposed()).when(agreed({}, { occurredOn: '2030' })),
  ended: () => given(proposed()).altered({ ending: 'declined' }).when(agreed()),
  closed: () => given(proposed()).altered({ stage: 'closed' }).when(agreed()),
  suspended: () => given(proposed()).altered({ suspended: true }).when(agreed()),
  'not-a-party': () => given(proposed()).when(agreed({ parties: ['most-vn', 'other'] })),
  'already-agreed': () => given(proposed(), agreed()).when(agreed()),
  'too-few-parties': () => given(proposed()).when(agreed({ parties: ['most-vn'] })),
  'missing-instrument': () => {
    const { instrument: _none, ...data } = agreed().data
    return given(proposed({ kind: 'oda-loan-project' })).when({ ...agreed(), data })
  },
  'missing-objectives': () => given(proposed({ kind: 'oda-loan-project' })).when(agreed({ terms: {} })),
  'ends-before-start': () => given(proposed({ planned: { end: '2025' } })).when(agreed({ terms: { start: '2026' } })),
  'takes-no-funding': () => given(proposed({ kind: 'treaty' }), agreed()).when(funded()),
  'not-agreed': () => given(proposed()).when(funded()),
  'line-exists': () => given(proposed(), agreed(), funded()).when(funded()),
  'unknown-pledge': () => given(proposed(), agreed()).when(funded({ pledge: 'pledge-1' })),
  'not-funded': () => given(proposed(), agreed()).when(delivered()),
  'already-delivered': () => given(proposed(), agreed(), funded(), delivered()).when(delivered()),
  'only-implementer-accepted': () => given(proposed(), agreed(), funded()).when(delivered({ acceptedBy: ['lab'] })),
  'needs-evidence': () => {
    return given(proposed({ kind: 'forum' })).when(delivered({}, { evidence: [], assertedBy: 'most-vn' }))
  },
}

t.test('every code of the catalogue is reached, and says what would be accepted', async (t) => {
  t.same(Object.keys(ways).toSorted(), Object.keys(refusals).toSorted())
  for (const [code, way] of Object.entries(ways)) way().expect(t, refused(code as RefusalCode))
})

t.test('every code is in kebab-case and explained to the client in whole sentences', async (t) => {
  for (const [code, { title, when, client }] of Object.entries(refusals)) {
    t.match(code, /^[a-z]+(-[a-z]+)*$/)
    t.match(title, /^[A-Z].*[^.]$/, code)
    t.match(when, /\.$|…$/, code)
    t.match(client, /\.$/, code)
  }
})
