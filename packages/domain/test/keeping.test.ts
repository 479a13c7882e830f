/** The rules by which a wish becomes events (docs/keep-in-step.md). */
import { readFileSync } from 'node:fs'
import {
  type Author,
  comparedState,
  domainVocabulary,
  drained,
  type EventBody,
  type EventPlan,
  eventTypes,
  foldStream,
  type NoPlan,
  ProposalState,
  parseWish,
  plannedEvents,
  planning,
  type Wish,
  Wished,
} from '@commitments/domain'
import {
  agreed,
  delivered,
  example,
  exampleNow,
  exampleZone,
  funded,
  otherProposal,
  proposed,
  recorded,
} from '@commitments/test-kit/domain'
import t, { type Test } from 'tap'

const others = [otherProposal('other', proposed()), otherProposal('programme', proposed({ kind: 'programme' }))]
const reason = { en: 'Land was cleared a year late.' }

/** `recordedBy` if it is not the author of the wish. */
type Sent = EventBody & { readonly recordedBy?: string }

type Members = Record<string, unknown>

function wish(wished: Members, more: Members = {}): Wish {
  return { occurredOn: null, assertedBy: 'most-vn', wished, ...more }
}

const author: Author = { recordedBy: 'key:example', assertedBy: 'most-vn', hasSeen: false }

function planOf(bodies: readonly Sent[], given: Wish, more: Partial<Author> = {}): EventPlan | NoPlan {
  const parsed = parseWish(given)
  if (!parsed.ok) return { outcome: 'invalid', errors: parsed.errors }
  const history = bodies.map((body, index) => recorded(body, { version: index + 1 }))
  const world = {
    futureBegins: '2026-11-24',
    now: exampleNow,
    timeZone: exampleZone,
    find: (id: string) => others.find(({ proposalId }) => proposalId === id) ?? null,
    history: () => history,
  }
  const begun = { proposal: foldStream(history, exampleZone), history }
  return drained(
    planning('joint-laboratory', begun, { wish: parsed.body, author: { ...author, ...more } }, world, 500_000),
  )
}

function events(t: Test, plan: EventPlan | NoPlan): [string, unknown][] {
  t.equal(plan.outcome, 'planned', JSON.stringify(plan))
  return plan.outcome === 'planned' ? plan.events.map(({ body }) => [body.type, body.data]) : []
}

function left(t: Test, plan: EventPlan | NoPlan): unknown[] {
  t.same(events(t, plan), [], 'nothing is planned')
  return leftBeside(plan)
}

function leftBeside(plan: EventPlan | NoPlan): unknown[] {
  return plan.outcome === 'planned'
    ? plan.notPlanned.map(({ path, why, present, wished }) => [path, why, present, wished])
    : []
}

t.test('every type of event and every member of the state decides what a wish does with it', async (t) => {
  t.same(Object.keys(plannedEvents).toSorted(), eventTypes.toSorted())
  t.same(Object.keys(comparedState).toSorted(), Object.keys(ProposalState.shape).toSorted())
  const compared = new Set(
    Object.values(comparedState)
      .filter((how) => typeof how !== 'string')
      .flat(),
  )
  t.same([...compared].toSorted(), Object.keys(Wished.shape).toSorted(), 'each member of a wish is compared')
  const planned = new Set(
    Object.values(plannedEvents)
      .filter((how) => typeof how !== 'string')
      .flat(),
  )
  t.same([...planned].toSorted(), Object.keys(Wished.shape).toSorted(), 'each member of a wish has its event')
})

t.test('what is absent is left alone: an empty wish plans nothing', async (t) => {
  t.same(left(t, planOf([proposed(), agreed(), funded()], wish({}))), [])
})

t.test('an empty list of things with an id changes nothing; an empty list of fields means none', async (t) => {
  const none = { parties: [], links: [], pledges: [], lines: [], tranches: [], transactions: [], milestones: [] }
  const before = [proposed({ fields: ['quantum'] }), agreed(), funded(), example('milestone-planned')]
  t.same(left(t, planOf(before, wish(none))), [])
  t.same(events(t, planOf(before, wish({ fields: [] }))), [['updated', { fields: [] }]])
})

t.test('a proposal that does not exist is created, with everything that the wish says of it', async (t) => {
  const { title, kind, parties } = proposed().data
  const plan = planOf(
    [],
    wish({
      title,
      kind,
      parties,
      parent: 'programme',
      planned: { start: '2026', end: '2028' },
      proposed: { occurredOn: '2024-03' },
      agreed: { ...agreed().data, occurredOn: '2024-06-22' },
      lines: [{ ...funded().data, occurredOn: '2024-09' }],
      transactions: [{ ...example('disbursed').data, occurredOn: '2025' }],
      milestones: [{ milestone: 'opening', title: { en: 'Opening' }, due: '2027-06' }],
    }),
  )
  t.same(
    events(t, plan).map(([type]) => type),
    ['proposed', 'agreed', 'funded', 'disbursed', 'milestone-planned'],
  )
  if (plan.outcome === 'planned')
    t.match(plan.events[0]?.body, { occurredOn: '2024-03', data: { parent: 'programme' } })
  t.match(planOf([], wish({ title })), {
    outcome: 'refused',
    paths: ['wished.kind', 'wished.parties'],
    refusal: { code: 'unknown-proposal' },
  })
})

t.test('all changes of the description are one event', async (t) => {
  const plan = planOf(
    [proposed()],
    wish({
      title: { en: 'Joint laboratory', vi: 'Khác' },
      summary: { en: 'S' },
      fields: ['quantum'],
      planned: { start: '2026' },
    }),
  )
  t.same(events(t, plan), [
    ['updated', { title: { vi: 'Khác' }, summary: { en: 'S' }, fields: ['quantum'], planned: { start: '2026' } }],
  ])
  if (plan.outcome === 'planned') {
    t.same(plan.events[0]?.paths, ['wished.title', 'wished.summary', 'wished.fields', 'wished.planned.start'])
  }
})

t.test('a known planned date changes only with a reason, and null means that none is planned any longer', async (t) => {
  const before = [proposed({ planned: { start: '2026', end: '2027' } })]
  t.same(left(t, planOf(before, wish({ planned: { end: '2028' } }))), [
    ['wished.planned.end', 'needs-reason', '2027', '2028'],
  ])
  t.same(events(t, planOf(before, wish({ planned: { end: '2028' } }, { reason }))), [
    ['rescheduled', { which: 'end', to: '2028', reason }],
  ])
  t.same(events(t, planOf(before, wish({ planned: { end: null } }, { reason }))), [
    ['rescheduled', { which: 'end', to: null, reason }],
  ])
})

t.test('dates that move past each other are rescheduled in the order in which each is possible', async (t) => {
  const before = [proposed({ planned: { start: '2026', end: '2027' } })]
  t.same(
    events(t, planOf(before, wish({ planned: { start: '2029', end: '2030' } }, { reason }))).map(([, data]) => data),
    [
      { which: 'end', to: '2030', reason },
      { which: 'start', to: '2029', reason },
    ],
  )
})

t.test('a planned date that differs from the one agreed upon follows the agreement, and is kept in step', async (t) => {
  const given = wish({
    planned: { start: '2027' },
    agreed: { ...agreed().data, terms: { ...agreed().data.terms, start: '2026' } },
  })
  t.same(
    events(t, planOf([proposed()], given)).map(([type]) => type),
    ['agreed'],
  )
  t.same(leftBeside(planOf([proposed()], given)), [['wished.planned.start', 'needs-reason', '2026', '2027']])
  const plan = planOf([proposed()], { ...given, reason })
  t.same(events(t, plan).slice(1), [['rescheduled', { which: 'start', to: '2027', reason }]])
  const after = plan.outcome === 'planned' ? plan.events.map(({ body }) => body) : []
  t.same(events(t, planOf([proposed(), ...after], { ...given, reason })), [])
})

t.test('an agreement that is possible only with the planned dates of the wish waits for them', async (t) => {
  const before = [proposed({ planned: { start: '2030' } })]
  const terms = { objectives: { en: 'A laboratory' }, end: '2027' }
  const given = wish({ planned: { start: '2025', end: '2027' }, agreed: { ...agreed().data, terms } }, { reason })
  t.same(
    events(t, planOf(before, given)).map(([type]) => type),
    ['rescheduled', 'agreed'],
  )
})

t.test('what something later holds is said again, and not refused, when the proposal has ended since', async (t) => {
  const before = [
    proposed({}, { occurredOn: '2025' }),
    example('updated', { fields: ['biotechnology'] }, { occurredOn: null }),
  ]
  const ended = { ending: 'cancelled', by: ['most-vn'], remaining: 'keep' }
  const given = wish({ fields: ['quantum'], ended }, { occurredOn: '2025', reason })
  const first = planOf(before, given)
  t.same(
    events(t, first).map(([type]) => type),
    ['ended'],
  )
  const later = [['wished.fields', 'later-holds', ['biotechnology'], ['quantum']]]
  t.same(leftBeside(first), later)
  const after = first.outcome === 'planned' ? first.events.map(({ body }) => body) : []
  const again = planOf([...before, ...after], given)
  t.same(events(t, again), [])
  t.same(left(t, again), later)
})

t.test('what already holds on the day of the wish, and not later, is said and not refused', async (t) => {
  const requestedFunding = [{ provider: 'msit-kr', amount: { value: '5', currency: 'USD' } }]
  const before = [
    proposed({}, { occurredOn: '2024-10-01' }),
    example('updated', { requestedFunding }, { occurredOn: null, assertedBy: 'most-vn' }),
  ]
  const plan = planOf(before, wish({ requestedFunding: [] }, { occurredOn: '2025', reason }))
  t.same(events(t, plan), [])
  t.same(left(t, plan), [['wished.requestedFunding', 'later-holds', requestedFunding, []]])
})

t.test(
  'a past happening with another date, amount or party is not planned, and says what the record has',
  async (t) => {
    const before = [proposed(), agreed(), funded(), example('disbursed')]
    const { data } = funded()
    t.same(
      left(
        t,
        planOf(
          before,
          wish(
            {
              kind: 'forum',
              agreed: { form: 'treaty', parties: ['most-vn', 'lab'], occurredOn: '2024-07' },
              lines: [{ ...data, amount: { value: '9', currency: 'USD' }, occurredOn: '2023' }],
              transactions: [{ ...example('disbursed').data, amount: { value: '7', currency: 'USD' } }],
            },
            { reason },
          ),
        ),
      ),
      [
        ['wished.kind', 'recorded-otherwise', 'joint-research', 'forum'],
        ['wished.agreed.form', 'recorded-otherwise', 'agreement', 'treaty'],
        ['wished.agreed.parties', 'recorded-otherwise', ['most-vn', 'msit-kr'], ['most-vn', 'lab']],
        ['wished.agreed.occurredOn', 'recorded-otherwise', '2024-06-22', '2024-07'],
        ['wished.lines.0.amount', 'recorded-otherwise', data.amount, { value: '9', currency: 'USD' }],
        ['wished.lines.0.occurredOn', 'recorded-otherwise', '2024-09', '2023'],
        [
          'wished.transactions.0.amount',
          'recorded-otherwise',
          { value: '1000000', currency: 'USD' },
          { value: '7', currency: 'USD' },
        ],
      ],
    )
  },
)

t.test('an amount is the same in other words: 2000000.00 is 2000000', async (t) => {
  const before = [proposed(), agreed(), funded()]
  const amount = { value: '2000000.00', currency: 'USD' }
  t.same(left(t, planOf(before, wish({ lines: [{ ...funded().data, amount }] }))), [])
})

t.test('other terms than the agreed ones, and another place, are left to an amendment', async (t) => {
  const before = [proposed({ planned: { place: { en: 'Hanoi' } } }), agreed()]
  t.same(
    left(
      t,
      planOf(
        before,
        wish({
          agreed: { form: 'agreement', parties: ['msit-kr', 'most-vn'], terms: { objectives: { en: 'Other' } } },
          planned: { place: { en: 'Hoa Lac' } },
        }),
      ),
    ),
    [
      ['wished.planned.place.en', 'needs-amendment', 'Hanoi', 'Hoa Lac'],
      ['wished.agreed.terms.objectives.en', 'needs-amendment', 'A laboratory for new materials', 'Other'],
    ],
  )
})

t.test('a pledge of another amount is a new announcement only if its date is certainly later', async (t) => {
  const before = [proposed(), example('pledged', {}, { occurredOn: '2025-03' })]
  const pledge = { pledge: 'kr-pledge', provider: 'msit-kr', amount: { value: '5000000', currency: 'USD' } }
  const { amount } = pledge
  for (const occurredOn of [undefined, null, '2025', '2025-03', '2024']) {
    const plan = planOf(before, wish({ pledges: [{ ...pledge, occurredOn }] }))
    t.match(left(t, plan)[0], ['wished.pledges.0.amount', 'recorded-otherwise'], String(occurredOn))
  }
  t.same(events(t, planOf(before, wish({ pledges: [{ ...pledge, occurredOn: '2025-04' }] }))), [
    ['pledged', { pledge: 'kr-pledge', provider: 'msit-kr', amount }],
  ])
})

t.test(
  'what was taken off a line or given back is a sum: more of it is a further event, less of it is not planned',
  async (t) => {
    const before = [proposed(), agreed(), funded(), example('disbursed'), example('decommitted'), example('refunded')]
    const line = funded().data
    const transaction = example('disbursed').data
    const usd = (value: string) => ({ value, currency: 'USD' })
    t.same(
      events(
        t,
        planOf(
          before,
          wish(
            {
              lines: [{ ...line, decommitted: usd('600000') }],
              transactions: [{ ...transaction, refunded: usd('300000') }],
            },
            { reason },
          ),
        ),
      ),
      [
        ['refunded', { transaction: 'payment-1', amount: usd('50000'), reason }],
        ['decommitted', { line: 'kr-grant', amount: usd('100000'), reason }],
      ],
    )
    t.same(left(t, planOf(before, wish({ lines: [{ ...line, decommitted: usd('400000') }] }, { reason }))), [
      ['wished.lines.0.decommitted', 'recorded-otherwise', usd('500000'), usd('400000')],
    ])
  },
)

t.test('a party that is not named stays; one that left needs a reason; a name and roles are added', async (t) => {
  const parties = [
    { party: 'msit-kr', roles: ['implementer'], name: { ko: '과학기술정보통신부' } },
    { party: 'lab', left: true },
  ]
  t.same(events(t, planOf([proposed()], wish({ parties }, { reason }))), [
    ['party-joined', { party: 'msit-kr', name: { ko: '과학기술정보통신부' }, roles: ['implementer'] }],
    ['party-left', { party: 'lab', reason }],
  ])
  const country = [{ party: 'msit-kr', roles: ['funder'], country: 'VN' }]
  t.same(left(t, planOf([proposed()], wish({ parties: country }))), [
    ['wished.parties.0.country', 'recorded-otherwise', 'KR', 'VN'],
  ])
})

t.test('a name that an organisation got in all proposals is not taken back', async (t) => {
  const before = [proposed(), example('party-renamed')]
  const parties = [{ party: 'msit-kr', roles: ['funder'], name: { en: 'Ministry of Science and ICT' } }]
  t.same(left(t, planOf(before, wish({ parties }))), [
    ['wished.parties.0.name.en', 'changed-since', 'Ministry of Science', 'Ministry of Science and ICT'],
  ])
  const third = [{ party: 'msit-kr', roles: ['funder'], name: { en: 'MSIT' } }]
  t.same(left(t, planOf(before, wish({ parties: third }))), [
    ['wished.parties.0.name.en', 'recorded-otherwise', 'Ministry of Science', 'MSIT'],
  ])
})

/** The path and the reason of each difference that is left. */
function whys(t: Test, plan: EventPlan | NoPlan): unknown[] {
  return left(t, plan).map((one) => (one as unknown[]).slice(0, 2))
}

function by(who: string, body: EventBody): Sent {
  return { ...body, recordedBy: who }
}

/** A correction of the first event, or of another one. */
function correction(data: object, event = 1): EventBody {
  return example('corrected', { corrections: [{ event, data }] } as never, { occurredOn: null })
}

function retraction(...events: number[]): EventBody {
  return example('retracted', { events }, { occurredOn: null })
}

t.test('what was corrected is not taken back by a register that has not noticed', async (t) => {
  const first = proposed({ summary: { en: 'S' }, fields: ['quantum'], planned: { start: '2026', end: '2027' } })
  const { title, parties } = first.data
  const right = {
    ...first.data,
    title: { en: 'Right' },
    summary: { en: 'Right' },
    fields: [],
    planned: { start: '2027' },
    parties: parties.map((one) => ({ ...one, roles: ['proposer'] })),
  }
  const wished = { title, summary: { en: 'S' }, fields: ['quantum'], planned: { start: '2026', end: '2027' }, parties }
  const plan = planOf([first, correction(right)], wish(wished, { reason }))
  const found = new Set(whys(t, plan).map((one) => JSON.stringify(one)))
  for (const path of ['title.en', 'title.vi', 'summary.en', 'fields', 'planned.start', 'planned.end']) {
    t.ok(found.has(JSON.stringify([`wished.${path}`, 'changed-since'])), path)
  }
  t.ok(
    [...found].some((one) => /^\["wished.parties.1.roles.0","changed-since"\]/.test(one)),
    [...found].join(),
  )
})

t.test('what was retracted is never recorded again by a wish, unless it happened certainly later', async (t) => {
  const before = [
    proposed(),
    agreed(),
    funded(),
    example('pledged', {}, { occurredOn: '2025-03' }),
    example('disbursed'),
    example('started'),
    example('milestone-planned'),
    retraction(2, 3, 4, 5, 6, 7),
  ]
  const { occurredOn } = agreed()
  const wished = {
    agreed: { ...agreed().data, occurredOn },
    lines: [funded().data],
    pledges: [{ ...example('pledged').data, occurredOn: '2025-03' }],
    transactions: [example('disbursed').data],
    started: {},
    milestones: [{ milestone: example('milestone-planned').data.milestone, title: { en: 'X' } }],
  }
  const paths = ['agreed', 'pledges.0', 'lines.0', 'transactions.0', 'milestones.0', 'started']
  const all = paths.map((path) => [`wished.${path}`, 'changed-since'])
  t.same(whys(t, planOf(before, wish(wished))), all)
  t.same(whys(t, planOf(before, wish(wished, { reason, occurredOn: '2026-11-01' }))), all, 'a reason is no proof')
  const seen = planOf(before, wish({ agreed: wished.agreed, lines: wished.lines }, { reason }), { hasSeen: true })
  t.same(whys(t, seen), [all[0], all[2]], 'nor is the version that was read')
  for (const date of [null, '2023', occurredOn])
    t.same(whys(t, planOf(before, wish({ agreed: { ...agreed().data, occurredOn: date } }))), [all[0]], String(date))
  const later = planOf(before, wish({ agreed: { ...agreed().data, occurredOn: '2026-02' } }))
  t.same(
    events(t, later).map(([type]) => type),
    ['agreed'],
  )
})

t.test('a sum of which a part was retracted is not recorded again', async (t) => {
  const before = [proposed(), agreed(), funded(), example('disbursed'), example('decommitted'), example('refunded')]
  const history = [...before, retraction(5, 6)]
  const usd = (value: string) => ({ value, currency: 'USD' })
  const lines = [{ ...funded().data, decommitted: usd('600000') }]
  const transactions = [{ ...example('disbursed').data, refunded: usd('250000') }]
  t.same(whys(t, planOf(history, wish({ lines, transactions }, { reason }))), [
    ['wished.lines.0.decommitted', 'changed-since'],
    ['wished.transactions.0.refunded', 'changed-since'],
  ])
})

t.test('an end that was undone is not recorded again with the same date', async (t) => {
  const ended = example('ended', {}, { occurredOn: '2025-06' })
  const history = [proposed(), ended, example('reopened', {}, { occurredOn: '2025-09' })]
  const { reason: _, ...data } = ended.data
  const again = (occurredOn: string | null) => planOf(history, wish({ ended: { ...data, occurredOn } }, { reason }))
  for (const date of [null, '2025', '2025-06'])
    t.same(whys(t, again(date)), [['wished.ended', 'changed-since']], String(date))
  t.same(
    events(t, again('2026-05')).map(([type]) => type),
    ['ended'],
  )
})

t.test('what somebody else changed since is not taken back, whatever the reason and the date', async (t) => {
  const first = proposed({
    summary: { en: 'S' },
    fields: ['quantum'],
    planned: { start: '2026', end: '2027', place: { en: 'Hanoi' } },
    requestedFunding: [{ provider: 'msit-kr', amount: { value: '5', currency: 'USD' } }],
    parent: 'programme',
  })
  const tranche = { tranche: 'first', line: 'kr-grant', amount: { value: '1000000', currency: 'USD' }, when: '2027' }
  const milestone = { milestone: 'opening', title: { en: 'Opening' }, due: '2026-06' }
  const link = { relation: 'precedes', other: 'other' } as const
  const other = (body: EventBody) => by('key:other', body)
  const history = [
    first,
    agreed({ terms: { objectives: { en: 'A laboratory for new materials' } } }),
    funded(),
    example('tranche-planned', tranche),
    example('milestone-planned', milestone),
    example('linked', link),
    example('suspended'),
    other(example('resumed')),
    other(
      example('updated', {
        title: { en: 'T' },
        summary: { en: 'T' },
        fields: [],
        requestedFunding: [],
      }),
    ),
    other(example('rescheduled', { which: 'start', to: '2027' })),
    other(example('rescheduled', { which: 'opening', to: null })),
    other(example('tranche-planned', { ...tranche, amount: { value: '900000', currency: 'USD' }, when: null })),
    other(example('unlinked', link)),
    other(example('unlinked', { relation: 'child', other: 'programme' })),
    other(example('party-left', { party: 'lab' })),
  ].map((body) => ({ ...body, occurredOn: null }))
  const { title, summary, fields, parties, planned, requestedFunding, parent } = first.data
  const wished = {
    title: { en: title['en'] },
    summary,
    parties,
    fields,
    parent,
    links: [link],
    planned,
    requestedFunding,
    tranches: [tranche],
    milestones: [milestone],
    suspended: true,
  }
  const paths = [
    'title.en',
    'summary.en',
    'parties.2',
    'fields',
    'parent',
    'links.0',
    'planned.start',
    'requestedFunding',
    'tranches.0.amount',
    'tranches.0.when',
    'milestones.0.due',
    'suspended',
  ]
  const all = paths.map((path) => [`wished.${path}`, 'changed-since'])
  t.same(whys(t, planOf(history, wish(wished))), all)
  t.same(whys(t, planOf(history, wish(wished, { reason, occurredOn: '2026-11-22' }))), all)
  t.same(whys(t, planOf(history, wish(wished), { hasSeen: true })), all, 'the version alone gives no reason')
  const seen = events(t, planOf(history, wish(wished, { reason }), { hasSeen: true })).map(([type]) => type)
  t.same(
    [...new Set(seen)].toSorted(),
    ['linked', 'party-joined', 'rescheduled', 'suspended', 'tranche-planned', 'updated'],
    'who has seen it, and gives a reason, says that it became so again',
  )
  t.ok(planOf(history, wish({ title: { en: 'New' } })).outcome === 'planned', 'a new value is no return')
})

t.test('a party or a link that came back is not removed again by a register that has not noticed', async (t) => {
  const link = { relation: 'precedes', other: 'other' } as const
  const history = [
    proposed(),
    example('linked', link),
    example('unlinked', link),
    example('party-left', { party: 'lab' }),
    by('key:other', example('linked', link)),
    by('key:other', example('party-joined', { party: 'lab', roles: ['implementer'] })),
  ].map((body) => ({ ...body, occurredOn: null }))
  const wished = { parties: [{ party: 'lab', left: true }], links: [{ ...link, unlinked: true }] }
  t.same(whys(t, planOf(history, wish(wished, { reason }))), [
    ['wished.parties.0', 'changed-since'],
    ['wished.links.0', 'changed-since'],
  ])
  const once = [proposed(), by('key:other', example('linked', link))]
  const first = planOf(once, wish({ links: wished.links }))
  t.same(
    events(t, first).map(([type]) => type),
    ['unlinked'],
    'a link that was never there was never unlinked',
  )
})

t.test('a register takes back its own changes, and says by its key and its party who it is', async (t) => {
  const history = [proposed(), example('updated', { title: { en: 'T' } }, { occurredOn: null, assertedBy: 'most-vn' })]
  const back = wish({ title: { en: 'Joint laboratory' } })
  t.same(events(t, planOf(history, back)), [['updated', { title: { en: 'Joint laboratory' } }]])
  for (const more of [{ recordedBy: 'key:second' }, { assertedBy: 'msit-kr' }, { assertedBy: undefined }])
    t.same(whys(t, planOf(history, back, more)), [['wished.title.en', 'changed-since']], JSON.stringify(more))
})

t.test('beside what is over, the rest of a wish is planned', async (t) => {
  const first = proposed({ title: { en: 'Wrong' } })
  const history = [first, correction({ ...first.data, title: { en: 'Right' } })]
  const plan = planOf(history, wish({ title: { en: 'Wrong', fr: 'Laboratoire' } }))
  t.same(events(t, plan), [['updated', { title: { fr: 'Laboratoire' } }]])
  const forum = proposed({ kind: 'forum' })
  const item = { item: 1, title: { en: 'Old' } }
  const agenda = [
    forum,
    example('agenda-set', { declaredCount: 2, items: [item] }),
    by('key:other', example('agenda-set', { declaredCount: 3, items: [{ ...item, title: { en: 'New' } }] })),
  ].map((body) => ({ ...body, occurredOn: null }))
  const items = [
    { item: 1, title: { en: 'Old', vi: 'Cũ' } },
    { item: 2, title: { en: 'Second' } },
  ]
  const more = planOf(agenda, wish({ agenda: { declaredCount: 2, items } }))
  t.same(events(t, more), [['agenda-set', { items: [{ item: 1, title: { vi: 'Cũ' } }, items[1]] }]])
  if (more.outcome === 'planned')
    t.same(
      more.notPlanned.map(({ path, why }) => [path, why]),
      [
        ['wished.agenda.declaredCount', 'changed-since'],
        ['wished.agenda.items.0.title.en', 'changed-since'],
      ],
    )
})

t.test(
  'a known date or amount of a tranche, and of a request, changes only with a reason, which its event keeps',
  async (t) => {
    const usd = (value: string) => ({ value, currency: 'USD' })
    const tranche = { tranche: 'first', line: 'kr-grant', amount: usd('500000'), when: '2027-01' }
    const requestedFunding = [{ provider: 'msit-kr', amount: usd('5') }]
    const history = [proposed({ requestedFunding }), agreed(), funded(), example('tranche-planned', tranche)]
    const changes: [object, string][] = [
      [{ amount: usd('1') }, 'amount'],
      [{ amount: usd('0') }, 'amount'],
      [{ when: '2028-01' }, 'when'],
      [{ when: null }, 'when'],
    ]
    for (const [change, member] of changes) {
      const wished = { tranches: [{ ...tranche, ...change }] }
      t.same(whys(t, planOf(history, wish(wished))), [[`wished.tranches.0.${member}`, 'needs-reason']])
      const plan = planOf(history, wish(wished, { reason }))
      t.same(events(t, plan), [['tranche-planned', { ...tranche, ...change }]])
      if (plan.outcome === 'planned') t.same(plan.events[0]?.body.note, reason)
    }
    const requests = [{ provider: 'msit-kr', amount: usd('6') }]
    t.same(whys(t, planOf(history, wish({ requestedFunding: requests }))), [
      ['wished.requestedFunding', 'needs-reason'],
    ])
    t.same(
      events(t, planOf(history, wish({ requestedFunding: [...requestedFunding, ...requests] }))).map(([type]) => type),
      ['updated'],
      'a further request changes no known one',
    )
    const undated = [...history.slice(0, 3), example('tranche-planned', { ...tranche, when: null })]
    t.same(events(t, planOf(undated, wish({ tranches: [tranche] }))), [['tranche-planned', tranche]])
    const note = { en: 'From the register.' }
    const noted = planOf(history, wish({ tranches: [{ ...tranche, when: null }] }, { reason, note }))
    if (noted.outcome === 'planned') t.same(noted.events[0]?.body.note, note, 'a note of the wish stays')
  },
)

t.test('another parent is unlinked first; parent null means none', async (t) => {
  const before = [proposed({ parent: 'other' })]
  t.same(events(t, planOf(before, wish({ parent: 'programme' }))), [
    ['unlinked', { relation: 'child', other: 'other' }],
    ['linked', { relation: 'child', other: 'programme' }],
  ])
  t.same(events(t, planOf(before, wish({ parent: null }))), [['unlinked', { relation: 'child', other: 'other' }]])
  t.same(left(t, planOf(before, wish({ parent: 'other' }))), [])
  t.match(planOf(before, wish({ parent: 'nowhere' })), { outcome: 'refused', paths: ['wished.parent'] })
})

t.test('a milestone is planned, met and delivered on in one wish, each in its turn', async (t) => {
  const milestone = { milestone: 'opening', title: { en: 'Opening' }, obligatory: true, reached: { outcome: 'met' } }
  const plan = planOf(
    [proposed(), agreed(), funded()],
    wish(
      { milestones: [milestone], delivered: { acceptedBy: ['most-vn'], occurredOn: '2026-10' } },
      { evidence: [{ title: 'Export', supports: 'Says so.' }] },
    ),
  )
  t.same(
    events(t, plan).map(([type]) => type),
    ['milestone-planned', 'milestone-reached', 'delivered'],
  )
})

t.test('a settled proposal is closed, and a session gets its agenda', async (t) => {
  const treaty = [proposed({ kind: 'treaty' }), agreed(), delivered()]
  t.same(events(t, planOf(treaty, wish({ closed: { occurredOn: '2026-10' } }))), [['closed', {}]])
  const agenda = { declaredCount: 2, items: [{ item: 1, title: { en: 'The laboratory' } }] }
  const forum = proposed({ kind: 'forum' })
  t.same(events(t, planOf([forum], wish({ agenda }))), [['agenda-set', agenda]])
  t.same(left(t, planOf([forum, example('agenda-set', agenda)], wish({ agenda }))), [])
})

t.test('an event that a later one would outweigh is not planned', async (t) => {
  const before = [proposed(), example('updated', { title: { en: 'New' } }, { occurredOn: '2026-01' })]
  t.same(left(t, planOf(before, wish({ title: { en: 'Old' } }, { occurredOn: '2025-01' }))), [
    ['wished.title', 'later-holds', { en: 'New', vi: 'Phòng thí nghiệm chung', ko: '공동 연구실' }, { en: 'Old' }],
  ])
})

t.test('a refusal names the members of the wish that it is about', async (t) => {
  t.match(planOf([proposed()], wish({ lines: [funded().data] })), {
    outcome: 'refused',
    paths: ['wished.lines.0'],
    refusal: { code: 'not-agreed' },
  })
  t.match(planOf([], wish({ ...proposed().data, requestedFunding: [{ provider: 'nobody' }] })), {
    outcome: 'invalid',
    errors: [{ path: 'wished.requestedFunding.0.provider', message: /^must be one of the parties/ }],
  })
  t.match(planOf([proposed(), example('ended')], wish({ title: { en: 'X' } })), {
    outcome: 'refused',
    paths: ['wished.title'],
    refusal: { code: 'ended' },
  })
})

t.test('a wish says what it accepts where it is not one', async (t) => {
  const wrong = wish({ stage: 'agreed', links: [{ relation: 'child', other: 'x' }], parties: [{ party: 'lab' }] })
  t.match(planOf([], wrong), {
    errors: [
      { path: 'wished.parties.0.roles', message: /^must be given, unless the party has left/ },
      { path: 'wished.links.0.relation', message: /^must not be child: give `parent`/ },
      { path: 'wished.stage', message: /the stage follows from the acts/ },
    ],
  })
  for (const no of [null, [], 'x', 1]) t.match(parseWish(no), { ok: false, errors: [{ path: '' }] })
  const unsourced = { occurredOn: null, wished: {} } as Wish
  t.match(planOf([], unsourced), { errors: [{ path: 'evidence', message: /at least one piece of evidence/ }] })
})

t.test(
  'the page for integrators says of every type of event and every member of a wish what becomes of it',
  async (t) => {
    const page = readFileSync(new URL('../../../docs/keep-in-step.md', import.meta.url), 'utf8')
    const [, section = ''] = page.split('## Which events a wish records')
    const [rows = '', never = ''] = section.split('A wish never records')
    for (const [type, how] of Object.entries(plannedEvents)) {
      const isNever = typeof how === 'string'
      const named = ['agreed', 'started', 'delivered', 'closed', 'ended'].includes(type) || rows.includes(`\`${type}\``)
      t.equal(named, !isNever, type)
      t.equal(never.split('\n\n')[0]?.includes(`\`${type}\``), isNever, `never ${type}`)
    }
    for (const member of Object.keys(Wished.shape)) t.ok(rows.includes(`\`${member}\``), member)
    for (const why of Object.keys(domainVocabulary.whyNotPlanned)) t.ok(page.includes(`| \`${why}\` |`), why)
  },
)
