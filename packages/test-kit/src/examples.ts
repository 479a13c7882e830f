import type { EventBody, EventData, EventType, RecordedEvent } from '@commitments/domain'

type BodyOf<Type extends EventType> = Extract<EventBody, { type: Type }>
type Envelope = Partial<Omit<EventBody, 'type' | 'data'>>

/** The day on which examples are recorded. All of what they tell of was before it. */
export const exampleDay = '2026-11-22'

/** A proposal of the Vietnamese ministry to the Korean one, with an institute that carries it out. */
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

/** A body as the log would have it: in the first stream of a log of its own, unless `place` says otherwise. */
export function recorded(event: EventBody, place: Partial<RecordedEvent> = {}): RecordedEvent {
  const { version = 1, position = version } = place
  return {
    position,
    recordedAt: `${exampleDay}T08:00:00.000123Z`,
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
  occurredOn: string,
  envelope: Envelope,
  data: EventData[Type],
): BodyOf<Type> {
  const evidence = [{ title: 'Report on the cooperation', language: 'en', supports: 'Says so.' }]
  return { type, occurredOn, evidence, ...envelope, data } as unknown as BodyOf<Type>
}
