import type { EventBody, EventData, EventType, RecordedEvent } from '@commitments/domain'

type BodyOf<Type extends EventType> = Extract<EventBody, { type: Type }>
type Envelope = Partial<Omit<EventBody, 'type' | 'data'>>

/** The day on which examples are recorded. Everything in them happened before. */
export const exampleDay = '2026-11-22'

/** The instant at which examples are recorded, and what comes next. */
export const exampleNow = `${exampleDay}T08:00:00.000123Z`

/** The time zone of the examples' ledger. */
export const exampleZone = 'Asia/Ho_Chi_Minh'

/** A proposal by the Vietnamese ministry to the Korean one, with an institute as the implementer. */
export function proposed(data: Partial<EventData['proposed']> = {}, envelope: Envelope = {}): BodyOf<'proposed'> {
  return body('proposed', '2024-03', envelope, {
    title: { en: 'Joint laboratory', vi: 'Phòng thí nghiệm chung', ko: '공동 연구실' },
    kind: 'joint-research',
    parties: [
      {
        party: 'most-vn',
        name: { en: 'Ministry of Science and Technology' },
        country: 'VN',
        roles: ['proposer', 'beneficiary'],
      },
      { party: 'msit-kr', name: { en: 'Ministry of Science and ICT' }, country: 'KR', roles: ['funder'] },
      { party: 'lab', roles: ['implementer'] },
    ],
    ...data,
  })
}

/** Agreed by the two ministries in an agreement with terms: enough for every kind. */
export function agreed(data: Partial<EventData['agreed']> = {}, envelope: Envelope = {}): BodyOf<'agreed'> {
  return body('agreed', '2024-06-22', envelope, {
    form: 'agreement',
    parties: ['most-vn', 'msit-kr'],
    instrument: { title: { en: 'Agreement on a joint laboratory' }, signedOn: '2024-06-22' },
    terms: { objectives: { en: 'A laboratory for new materials' } },
    ...data,
  })
}

/** One line of two million dollars from the Korean ministry to the Vietnamese one. */
export function funded(data: Partial<EventData['funded']> = {}, envelope: Envelope = {}): BodyOf<'funded'> {
  return body('funded', '2024-09', envelope, {
    line: 'kr-grant',
    provider: 'msit-kr',
    receiver: 'most-vn',
    amount: { value: '2000000', currency: 'USD' },
    financeType: 'grant',
    ...data,
  })
}

/** The whole laboratory, accepted by the Vietnamese ministry. */
export function delivered(data: Partial<EventData['delivered']> = {}, envelope: Envelope = {}): BodyOf<'delivered'> {
  return body('delivered', '2026-05', envelope, {
    deliverables: [{ en: 'The laboratory', vi: 'Phòng thí nghiệm' }],
    acceptedBy: ['most-vn'],
    ...data,
  })
}

/**
 * The shortest body of any type. References lead to what the other examples bring: the line `kr-grant`, the pledge `kr-pledge`, the tranche
 * `first`, the transaction `payment-1`, the milestone `opening`, the agenda item 1, and event 1.
 */
export function example<Type extends EventType>(
  type: Type,
  data: Partial<EventData[Type]> = {},
  envelope: Envelope = {},
): BodyOf<Type> {
  const { data: usual, occurredOn = '2025' } = shortest[type]
  return body(type, occurredOn, envelope, { ...usual, ...data })
}

const reason = { en: 'As the report says.' }
const usd = (value: string) => ({ value, currency: 'USD' })

const shortest: { readonly [Type in EventType]: { data: EventData[Type]; occurredOn?: string | null } } = {
  proposed: proposed(),
  agreed: agreed(),
  funded: funded(),
  delivered: delivered(),
  consented: { data: { party: 'most-vn', act: 'approval' } },
  updated: { data: { title: { fr: 'Laboratoire commun' } } },
  amended: {
    data: {
      decision: reason,
      rationale: reason,
      changes: { terms: { objectives: { en: 'A laboratory for polymers' } } },
    },
  },
  suspended: { data: { reason } },
  resumed: { data: { reason } },
  ended: { data: { ending: 'cancelled', by: ['most-vn'], reason, remaining: 'keep' } },
  reopened: { data: { reason } },
  closed: { data: {} },
  pledged: { data: { pledge: 'kr-pledge', provider: 'msit-kr', amount: usd('3000000') } },
  decommitted: { data: { line: 'kr-grant', amount: usd('500000'), reason } },
  'tranche-planned': { data: { tranche: 'first', line: 'kr-grant', amount: usd('1000000'), when: '2027' } },
  disbursed: { data: { transaction: 'payment-1', line: 'kr-grant', amount: usd('1000000') } },
  refunded: { data: { transaction: 'payment-1', amount: usd('250000'), reason } },
  'contributed-in-kind': { data: { item: { en: 'A building' }, provider: 'most-vn' } },
  started: { data: {} },
  'milestone-planned': { data: { milestone: 'opening', title: { en: 'Opening' }, due: '2027-06' } },
  'milestone-reached': { data: { milestone: 'opening', outcome: 'met' } },
  rescheduled: { data: { which: 'end', to: '2028', reason } },
  'indicator-reported': {
    data: { indicator: 'papers', title: { en: 'Papers' }, unit: { en: 'papers a year' }, target: '10' },
  },
  'risk-flagged': { data: { reason, severity: 'high' } },
  'risk-cleared': { data: { reason } },
  'agenda-set': { data: { items: [{ item: 1, title: { en: 'The laboratory' } }] } },
  'agenda-item-resolved': { data: { item: 1, outcome: 'adopted' } },
  'party-joined': { data: { party: 'kist-kr', country: 'KR', roles: ['technical-partner'] } },
  'party-renamed': { data: { party: 'msit-kr', name: { en: 'Ministry of Science' } } },
  'party-left': { data: { party: 'lab', reason } },
  linked: { data: { relation: 'sibling', other: 'other' } },
  unlinked: { data: { relation: 'sibling', other: 'other' } },
  confirmed: { data: { asOf: '2026-11-20' } },
  assessed: { data: { assessor: 'irm', scale: { en: 'OGP completion' }, score: 'substantial' } },
  'evidence-attached': { data: { event: 1 } },
  contested: { data: { event: 1, claim: { en: 'Others say that it was proposed later.' } } },
  'contest-resolved': { data: { event: 1, chosen: { en: 'It was proposed later.' } } },
  corrected: { data: { reason, corrections: [{ event: 1, occurredOn: '2024-02' }] }, occurredOn: null },
  retracted: { data: { events: [2], reason } },
}

/** A body as the log would have it: in the first stream of its own log, unless `place` says otherwise. */
export function recorded(event: EventBody, place: Partial<RecordedEvent> = {}): RecordedEvent {
  const { version = 1, position = version } = place
  return {
    position,
    recordedAt: exampleNow,
    eventId: `01935000-0000-7000-8000-${String(position).padStart(12, '0')}`,
    nonce: 'AAAAAAAAAAAAAAAAAAAAAA',
    proposalId: 'joint-laboratory',
    version,
    schemaVersion: 1,
    recordedBy: 'key:example',
    ...event,
    ...place,
  } as RecordedEvent
}

function body<Type extends EventType>(
  type: Type,
  occurredOn: string | null,
  envelope: Envelope,
  data: EventData[Type],
): BodyOf<Type> {
  const evidence = [{ title: 'Report on the cooperation', language: 'en', supports: 'Says so.' }]
  return { type, occurredOn, evidence, ...envelope, data } as unknown as BodyOf<Type>
}
