const pressRelease = {
  title: 'Press release on the ninth session of the joint committee for science and technology cooperation',
  publisher: 'most.gov.vn',
  language: 'vi',
  url: 'https://www.most.gov.vn/vn/tin-tuc/24128/khoa-hop-lan-thu-chin-uy-ban-hon-hop.aspx',
  digest: 'sha256:4fe0964fd3e910a4d6d285bda77285ac08ef95bc122ee57c5da2cee64d1e0073',
}

/**
 * The four events of one proposal, as JSON bodies, in the order in which they are recorded: proposed, agreed, funded, delivered. In length
 * and content they resemble those of the real portfolio (1,200, 740, 840 and 630 bytes on average), in three scripts.
 */
export const bodies: readonly string[] = [proposed(), agreed(), funded(), delivered()].map((body) =>
  JSON.stringify(body),
)

/** The types of `bodies`, in their order. */
export const bodyTypes: readonly string[] = ['proposed', 'agreed', 'funded', 'delivered']

/** A further funding line, which any proposal with these four events accepts: an append to an existing stream. */
export const furtherLine: string = JSON.stringify({ ...funded(), data: { ...funded().data, line: '{turn}' } })

/** In a loaded log: the proposal with the events from position 4 × `number` + 1 on. */
export function preloadedProposal(number: number): string {
  return `loaded-${number}`
}

function proposed() {
  return {
    type: 'proposed',
    occurredOn: '2023-06-22',
    confidence: 'reported',
    evidence: [
      { ...pressRelease, supports: 'The Vietnamese side asked for grant aid to a second phase of the institute.' },
    ],
    note: { en: 'The source gives the day of the session, not the day on which the paper was handed over.' },
    data: {
      title: {
        en: 'Research centre for smart materials, second phase',
        vi: 'Trung tâm nghiên cứu vật liệu thông minh, giai đoạn 2',
        ko: '스마트 소재 연구센터 2단계',
      },
      kind: 'rnd-centre',
      parties: [
        {
          party: 'most-vn',
          name: { en: 'Ministry of Science and Technology' },
          country: 'VN',
          roles: ['proposer', 'beneficiary'],
        },
        {
          party: 'koica',
          name: { en: 'Korea International Cooperation Agency' },
          country: 'KR',
          roles: ['counterpart', 'funder'],
        },
      ],
      fields: ['materials'],
      planned: { start: '2024', end: '2028' },
    },
  }
}

function agreed() {
  return {
    type: 'agreed',
    occurredOn: '2024-03-11',
    confidence: 'reported',
    evidence: [{ ...pressRelease, supports: 'Both sides signed the record of discussions in Ha Noi.' }],
    data: {
      form: 'record-of-discussions',
      parties: ['most-vn', 'koica'],
      instrument: { title: { en: 'Record of discussions on the second phase' }, signedOn: '2024-03-11', binding: true },
      terms: { objectives: { en: 'A pilot line and forty trained engineers' }, start: '2024-06', end: '2028-12' },
    },
  }
}

function funded() {
  return {
    type: 'funded',
    occurredOn: '2024-06',
    confidence: 'reported',
    evidence: [
      { ...pressRelease, supports: 'The agency committed ten million dollars over four years to the second phase.' },
    ],
    note: { en: 'The amount is the whole of four years; the source has no tranches.' },
    data: {
      line: 'grant',
      provider: 'koica',
      receiver: 'most-vn',
      amount: { value: '10000000.00', currency: 'USD' },
      financeType: 'grant',
      agreementNumber: 'KOICA-2024-117',
    },
  }
}

function delivered() {
  return {
    type: 'delivered',
    occurredOn: '2025-12',
    confidence: 'reported',
    evidence: [{ ...pressRelease, supports: 'The centre was handed over to the ministry and has begun to work.' }],
    data: { acceptedBy: ['most-vn'], complete: true },
  }
}

/** A judgement that any proposal accepts as often as it comes. */
export const yearlyAssessment: string = JSON.stringify({
  type: 'assessed',
  occurredOn: '2025',
  confidence: 'reported',
  evidence: [{ ...pressRelease, supports: 'The reviewers rated the year.' }],
  data: { assessor: 'irm', scale: { en: 'OGP completion' }, score: 'substantial' },
})

/** Short enough for ten thousand of them to fit into one atomic import (8 MiB). */
export const smallProposal: string = JSON.stringify({
  type: 'proposed',
  occurredOn: '2024',
  confidence: 'reported',
  evidence: [
    {
      title: 'Minutes',
      publisher: 'most.gov.vn',
      supports: 'It was proposed.',
      url: 'https://www.most.gov.vn/minutes',
    },
  ],
  data: {
    title: { en: 'A proposal of a large import' },
    kind: 'system',
    parties: [{ party: 'most-vn', name: { en: 'Ministry' }, country: 'VN', roles: ['proposer'] }],
  },
})
