import {
  drained,
  type EventBody,
  eventDefinitions,
  futureBegins,
  keepingActs,
  maySpeak,
  type Permission,
} from '@commitments/domain'
import {
  agreed,
  delivered,
  example,
  exampleDay,
  exampleNow,
  exampleZone,
  funded,
  proposed,
  recorded,
  stateAfter,
} from '@commitments/test-kit/domain'
import t from 'tap'

const { evidence } = proposed()
const usd = { value: '100', currency: 'USD' }
const reason = { en: 'As the report says.' }

/**
 * The answer to a key of the Vietnamese ministry, after this history, whose first event was recorded by somebody else unless it says
 * otherwise.
 */
function asked(event: EventBody, history: readonly EventBody[], options: Asked = {}): Permission {
  const { party = 'most-vn', correctsAnything = false, recordedBy = [] } = options
  const events = history.map((body, index) =>
    recorded(body, { version: index + 1, recordedBy: recordedBy[index] ?? 'key:registry' }),
  )
  const proposal = history.length === 0 ? null : stateAfter(...history)
  const speaker = { recordedBy: 'key:vn', party, correctsAnything }
  return maySpeak(speaker, proposal, { ...event, proposalId: 'joint-laboratory' }, () => events)
}

function correcting(event: number, right: object): EventBody {
  return example('corrected', { reason, corrections: [{ event, ...right }] })
}

/** The answer of the other half of the rule to the same key, on a history of its own. */
function kept(event: EventBody, history: readonly EventBody[], options: Asked = {}): Permission {
  const { party = 'most-vn', correctsAnything = false } = options
  const events = history.map((body, index) => recorded(body, { version: index + 1, recordedBy: 'key:vn' }))
  const world = {
    now: exampleNow,
    futureBegins: futureBegins(new Date(exampleNow)),
    timeZone: exampleZone,
    find: () => null,
    history: () => events,
  }
  const speaker = { recordedBy: 'key:vn', party, correctsAnything }
  return drained(keepingActs(speaker, { ...event, proposalId: 'joint-laboratory' }, world))
}

interface Asked {
  readonly party?: string | null
  readonly correctsAnything?: boolean
  /** Who recorded each event of the history, in order. */
  readonly recordedBy?: readonly string[]
}

const allowed = { outcome: 'accepted' }
const notYourParty = { outcome: 'not-allowed', code: 'not-your-party' }
const notYourEvent = { outcome: 'not-allowed', code: 'not-your-event' }
const needsEvidence = { outcome: 'refused', code: 'needs-evidence' }
const open = [proposed(), agreed(), funded()]

t.test('every type of event says who acts in it', async (t) => {
  for (const { type, acts } of eventDefinitions) {
    if (typeof acts !== 'string') t.match(acts.who, /^(?:the|those) /, type)
    else t.ok(['anybody', 'a-party', 'whose-events'].includes(acts), type)
  }
})

t.test('a key that is bound to a party cannot assert for another party', async (t) => {
  t.match(asked(agreed({}, { assertedBy: 'msit-kr' }), open), { ...notYourParty, acts: ['msit-kr'] })
  t.match(asked(agreed({}, { assertedBy: 'most-vn' }), open), allowed)
})

t.test('a key that is bound to no party can speak for any', async (t) => {
  const anybody = { party: null }
  t.match(asked(example('pledged', {}, { assertedBy: 'msit-kr' }), open, anybody), allowed)
  t.match(asked(example('retracted'), open, anybody), allowed)
})

t.test('an act that names who acts is recorded for that party only', async (t) => {
  t.match(asked(example('pledged', { provider: 'msit-kr' }), open), { ...notYourParty, acts: ['msit-kr'] })
  t.match(asked(example('pledged', { provider: 'most-vn' }), open), allowed)
  t.match(asked(example('consented', { party: 'msit-kr' }), open), notYourParty)
  t.match(asked(example('party-left', { party: 'lab' }), open), notYourParty)
  t.match(asked(example('assessed'), open), notYourParty)
  t.match(asked(example('assessed', { assessor: 'most-vn' }), open), allowed)
})

t.test('events of a funding line are acts of its provider; a refund is an act of its receiver', async (t) => {
  const spent = [...open, example('disbursed')]
  t.match(asked(example('disbursed'), open), { ...notYourParty, acts: ['msit-kr'] })
  t.match(asked(example('disbursed'), open, { party: 'msit-kr' }), allowed)
  t.match(asked(example('decommitted'), open), notYourParty)
  t.match(asked(example('tranche-planned'), open), notYourParty)
  t.match(asked(example('refunded'), spent), allowed)
  t.match(asked(example('refunded'), spent, { party: 'msit-kr' }), notYourParty)
})

t.test('any of several actors can record their act, with evidence', async (t) => {
  const ofTwo = agreed({ parties: ['most-vn', 'msit-kr'] })
  t.match(asked(ofTwo, [proposed()]), allowed)
  t.match(asked({ ...ofTwo, evidence: [], assertedBy: 'most-vn' }, [proposed()]), needsEvidence)
  t.match(asked(agreed({ parties: ['msit-kr', 'lab'] }), [proposed()]), notYourParty)
  t.match(asked(delivered({ acceptedBy: ['msit-kr'] }), open), notYourParty)
  t.match(asked(example('amended'), open), allowed)
  t.match(asked(example('amended'), open, { party: 'lab' }), { ...notYourParty, acts: ['most-vn', 'msit-kr'] })
})

t.test('an act that names nobody is recorded by a party of the proposal', async (t) => {
  t.match(asked(example('suspended'), open), allowed)
  t.match(asked(example('suspended'), open, { party: 'elsewhere' }), notYourParty)
  t.match(asked(example('ended', { by: [] }), open, { party: 'elsewhere' }), notYourParty)
})

t.test('the proposer is named, and proposes only for itself', async (t) => {
  t.match(asked(proposed(), []), allowed)
  t.match(asked(proposed(), [], { party: 'msit-kr' }), notYourParty)
  const byNobody = proposed({ parties: [{ party: 'msit-kr', roles: ['funder'] }] })
  t.match(asked(byNobody, [], { party: 'msit-kr' }), allowed, 'where nobody is named, one of the parties')
  t.match(asked(byNobody, []), { ...notYourParty, acts: ['msit-kr'] })
})

t.test('anybody can contest, confirm and attach evidence', async (t) => {
  for (const type of ['contested', 'confirmed', 'evidence-attached'] as const) {
    t.match(asked(example(type), open, { party: 'elsewhere' }), allowed, type)
  }
})

t.test('only those who contest an event can resolve the contest', async (t) => {
  const contested = [proposed(), example('contested', {}, { assertedBy: 'msit-kr' })]
  t.match(asked(example('contest-resolved'), contested), { ...notYourParty, acts: ['msit-kr'] })
  t.match(asked(example('contest-resolved'), contested, { party: 'msit-kr' }), allowed)
  const byBoth = [...contested, example('contested', {}, { assertedBy: 'most-vn' })]
  t.match(
    asked(example('contest-resolved'), byBoth),
    { ...notYourParty, acts: ['msit-kr', 'most-vn'] },
    'nor by a claim',
  )
  t.match(asked(example('contest-resolved'), byBoth, { party: null }), allowed, 'a registry may')
  const byNobody = [proposed(), example('contested')]
  t.match(asked(example('contest-resolved'), byNobody), notYourParty, 'whoever claims it without a name is somebody')
})

t.test('a new party is admitted by a party, and cannot admit itself', async (t) => {
  const joining = example('party-joined', { party: 'elsewhere', roles: ['funder'] })
  t.match(asked(joining, open, { party: 'elsewhere' }), notYourParty)
  t.match(asked(joining, open), allowed)
  t.match(asked({ ...joining, evidence: [], assertedBy: 'most-vn' }, open), needsEvidence)
  t.match(
    asked(example('party-joined', { party: 'msit-kr', roles: ['host'] }), open),
    notYourParty,
    'its roles are its own',
  )
  t.match(asked(example('party-joined', { party: 'most-vn', roles: ['host'] }), open), allowed)
})

t.test('a key that is bound to a party corrects and retracts what it recorded or its party asserted', async (t) => {
  const correction = example('corrected')
  t.match(asked(correction, open), { ...notYourEvent, party: 'most-vn', events: [1] })
  t.match(asked(correction, open, { recordedBy: ['key:vn'] }), allowed)
  t.match(asked(correction, [proposed({}, { assertedBy: 'most-vn' }), agreed()]), allowed)
  t.match(asked(example('retracted', { events: [2, 3] }), open, { recordedBy: ['', 'key:vn'] }), {
    ...notYourEvent,
    events: [3],
  })
})

t.test('with the scope correct, a bound key can correct and retract any event', async (t) => {
  t.match(asked(example('corrected'), open, { correctsAnything: true }), allowed)
  t.match(asked(example('retracted', { events: [3] }), open, { correctsAnything: true }), allowed)
  t.match(asked(example('pledged'), open, { correctsAnything: true }), notYourParty, 'and nothing else')
})

t.test('a correction cannot make an event the act of somebody else', async (t) => {
  const own = [proposed(), example('pledged', { provider: 'most-vn' })]
  const to = (data: object, more: object = {}) => correcting(2, { data, ...more })
  const pledge = { pledge: 'kr-pledge', amount: usd }
  t.match(kept(to({ ...pledge, provider: 'msit-kr' }, { evidence }), own), { ...notYourParty, acts: ['msit-kr'] })
  t.match(kept(to({ ...pledge, provider: 'most-vn' }), own), allowed)
  const theirs = [proposed(), example('pledged', { provider: 'msit-kr' }, { assertedBy: 'most-vn' })]
  t.match(kept(to({ ...pledge, provider: 'msit-kr' }), theirs), allowed, 'it was their act before')
})

t.test('events that depend on a corrected event do not become the act of somebody else either', async (t) => {
  const line = { line: 'vn-grant', provider: 'most-vn', amount: usd, financeType: 'grant' } as const
  const spent = [
    proposed(),
    agreed(),
    funded({ ...line, receiver: 'most-vn' }),
    example('disbursed', { line: 'vn-grant', transaction: 'vn-1', amount: usd }),
    example('refunded', { transaction: 'vn-1', amount: usd }),
  ]
  t.match(kept(correcting(3, { data: { ...line, receiver: 'msit-kr' } }), spent), notYourParty)
  t.match(kept(correcting(3, { data: { ...line, receiver: 'msit-kr' } }), spent.slice(0, 4)), allowed)
})

t.test('an act of several parties keeps its evidence when one of them corrects it', async (t) => {
  const joint = [proposed(), agreed({ parties: ['most-vn', 'msit-kr'] })]
  t.match(kept(correcting(2, { evidence: [] }), joint), needsEvidence)
  t.match(kept(correcting(2, { evidence: evidence ?? [] }), joint), allowed)
  t.match(kept(correcting(2, { evidence: [] }), joint, { correctsAnything: true }), allowed)
})

t.test('a reference to an unknown event is refused by its own rule', async (t) => {
  t.match(asked(example('retracted', { events: [9] }), open), allowed)
  t.match(asked(example('confirmed', { asOf: exampleDay }), []), allowed, 'nor is the proposal')
})
