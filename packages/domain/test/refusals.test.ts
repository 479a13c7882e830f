import {
  bounds,
  type EventBody,
  foldStream,
  type Proposal,
  type RefusalCode,
  refusals,
  roomForBytes,
} from '@commitments/domain'
import {
  agreed,
  type Decided,
  decided,
  delivered,
  example,
  exampleZone,
  funded,
  given,
  otherProposal,
  proposed,
  recorded,
  refused,
} from '@commitments/test-kit/domain'
import t from 'tap'

const open = () => given(proposed(), agreed(), funded())
const usd = (value: string) => ({ amount: { value, currency: 'USD' } })
const linked = () => given(proposed()).beside(otherProposal('other', proposed())).and(example('linked'))

/** Proposals, each of which is part of the next. */
function chain(length: number): Proposal[] {
  return Array.from({ length: length + 1 }, (_, at) => {
    const above = at < length ? { parent: `level-${at + 2}` } : {}
    return foldStream([recorded(proposed(above), { proposalId: `level-${at + 1}` })], exampleZone) as Proposal
  })
}

/** The shortest way to each code. If a code is added, the compiler requires a case. */
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
  'already-consented': () => given(proposed(), example('consented')).when(example('consented')),
  'changes-nothing': () => given(proposed()).when({ ...example('updated'), data: {} }),
  'already-planned': () => {
    return given(proposed({ planned: { end: '2026' } })).when(example('updated', { planned: { end: '2027' } }))
  },
  'same-date': () => given(proposed()).when(example('rescheduled', { to: null })),
  'already-suspended': () => given(proposed(), example('suspended')).when(example('suspended')),
  'not-suspended': () => given(proposed()).when(example('resumed')),
  'money-undecided': () => {
    const { remaining: _none, ...data } = example('ended').data
    return open().when({ ...example('ended'), data })
  },
  'not-ended': () => given(proposed()).when(example('reopened')),
  superseded: () => given(proposed(), example('ended', { ending: 'superseded' })).when(example('reopened')),
  'not-delivered': () => given(proposed()).when(example('closed')),
  'money-not-settled': () => open().and(delivered()).when(example('closed')),
  'milestone-open': () =>
    open()
      .and(example('milestone-planned', { obligatory: true }))
      .when(delivered()),
  'unknown-line': () => given(proposed(), agreed()).when(example('disbursed')),
  'unknown-tranche': () => open().when(example('disbursed', { tranche: 'first' })),
  'unknown-transaction': () => open().when(example('refunded')),
  'transaction-exists': () => open().and(example('disbursed')).when(example('disbursed')),
  'other-provider': () => given(proposed(), example('pledged')).when(example('pledged', { provider: 'most-vn' })),
  'other-currency': () => open().when(example('disbursed', { amount: { value: '1', currency: 'KRW' } })),
  'withdrawn-currency': () =>
    given(proposed()).when(example('pledged', { amount: { value: '1', currency: 'DEM' } }, { occurredOn: '2010' })),
  'other-line': () => {
    return open()
      .and(funded({ line: 'more' }), example('tranche-planned', { line: 'more' }))
      .when(example('tranche-planned'))
  },
  'over-committed': () => open().when(example('disbursed', usd('2000001'))),
  'over-decommitted': () => open().when(example('decommitted', usd('2000001'))),
  'over-planned': () => open().when(example('tranche-planned', usd('2000001'))),
  'over-refunded': () =>
    open()
      .and(example('disbursed'))
      .when(example('refunded', usd('1000001'))),
  'already-started': () => open().and(example('started')).when(example('started')),
  'milestone-exists': () => given(proposed(), example('milestone-planned')).when(example('milestone-planned')),
  'unknown-milestone': () => given(proposed()).when(example('milestone-reached')),
  'no-risk-flagged': () => given(proposed()).when(example('risk-cleared')),
  'not-a-session': () => given(proposed()).when(example('agenda-set')),
  'unknown-agenda-item': () => given(proposed({ kind: 'forum' })).when(example('agenda-item-resolved')),
  'last-party': () => {
    const alone = proposed({ parties: [{ party: 'most-vn', roles: ['proposer'] }] })
    return given(alone).when(example('party-left', { party: 'most-vn' }))
  },
  'last-funder': () => open().when(example('party-left', { party: 'msit-kr' })),
  'linked-to-itself': () => given(proposed()).when(example('linked', { other: 'joint-laboratory' })),
  'already-linked': () => linked().when(example('linked')),
  'parent-cycle': () => {
    const child = otherProposal('other', proposed({ parent: 'joint-laboratory' }))
    return given(proposed())
      .beside(child)
      .when(example('linked', { relation: 'child' }))
  },
  'second-parent': () => {
    return given()
      .beside(otherProposal('programme', proposed()), otherProposal('other', proposed()))
      .and(proposed({ parent: 'programme' }))
      .when(example('linked', { relation: 'child' }))
  },
  'link-cycle': () => {
    const link = { relation: 'precedes', other: 'joint-laboratory', occurredOn: null, version: 1 } as const
    return given(proposed())
      .beside({ ...otherProposal('other', proposed()), links: [link] })
      .when(example('linked', { relation: 'precedes' }))
  },
  'links-too-long': () => {
    const chain = Array.from({ length: bounds.chain + 1 }, (_, at) => ({
      ...otherProposal(at === 0 ? 'other' : `next-${at}`, proposed()),
      links: [{ relation: 'precedes' as const, other: `next-${at + 1}`, occurredOn: null, version: 1 }],
    }))
    return given(proposed())
      .beside(...chain)
      .when(example('linked', { relation: 'precedes' }))
  },
  'not-linked': () => given(proposed()).when(example('unlinked')),
  'earlier-confirmation': () => {
    return given(proposed(), example('confirmed')).when(example('confirmed', { asOf: '2026-11-19' }))
  },
  'unknown-version': () => given(proposed()).when(example('contested', { event: 2 })),
  'not-contested': () => given(proposed()).when(example('contest-resolved')),
  'correction-dated': () => given(proposed()).when(example('corrected', {}, { occurredOn: '2024' })),
  'not-correctable': () => {
    const corrections = [{ event: 2, occurredOn: '2023' }]
    return given(proposed(), example('corrected')).when(example('corrected', { corrections }))
  },
  'erasure-stands': () => {
    const data = {
      events: [{ version: 1, position: 1, leafHash: 'n4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is0V1sFbDwCgg=' }],
      reason: { en: 'A mistake' },
      decidedBy: { en: 'The office' },
      proposedBy: 'key:a',
    }
    const record: EventBody = { type: 'erased', occurredOn: null, data }
    return given(proposed())
      .unjudged(record)
      .when(example('retracted', { events: [2] }))
  },
  'correction-invalid': () => {
    return given(proposed()).when(example('corrected', { corrections: [{ event: 1, data: {} }] }))
  },
  'breaks-events': () => open().when(example('retracted')),
  'too-many-events': () => given(proposed()).altered({ version: bounds.events }).when(example('confirmed')),
  'proposal-too-large': () => decided(roomForBytes('confirmed', bounds.bytes, 1)),
  'too-many-parties': () => {
    const parties = Array.from({ length: bounds.parties }, (_, at) => ({ party: `p${at}`, roles: ['host' as const] }))
    return given(proposed()).altered({ parties }).when(example('party-joined'))
  },
  'too-many-links': () => {
    const { proposal } = linked()
    const links = Array.from({ length: bounds.links }, () => proposal?.links[0] as Proposal['links'][number])
    return linked()
      .altered({ links })
      .when(example('linked', { relation: 'sibling' }))
  },
  'too-many-entries': () => {
    const [line] = open().proposal?.lines ?? []
    const lines = Array.from({ length: bounds.list }, () => line as Proposal['lines'][number])
    return open()
      .altered({ lines })
      .when(funded({ line: 'one-more' }))
  },
  'parents-too-deep': () =>
    given()
      .beside(...chain(bounds.depth))
      .when(proposed({ parent: 'level-1' })),
  'first-event-retracted': () => given(proposed()).when(example('retracted', { events: [1] })),
}

t.test('every code of the catalogue is reached, and its message says what would be accepted', async (t) => {
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
