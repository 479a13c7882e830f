import { drained, type EventBody, type EventType, eventTypes, type RecordedEvent } from '@commitments/domain'
import { agreed, delivered, example, funded, proposed, recorded } from '@commitments/test-kit/domain'
import t from 'tap'
import { writeActivity } from '../src/activity.ts'
import { expressions } from '../src/expressions.ts'
import { alone, courseOf, findings, head, portfolioSettings, publicationOf, publish } from './support.ts'

const settings = { ...portfolioSettings, sectors: { health: '12182' as const } }
const publication = publicationOf(settings)

/** A life in which every type of event occurs, in an order in which all can follow. */
const life: readonly EventBody[] = [
  proposed({
    kind: 'committee-session',
    fields: ['health'],
    planned: { start: '2024', end: '2027-06' },
    requestedFunding: [
      { provider: 'msit-kr', amount: { value: '5000000', currency: 'USD' } },
      { amountStatus: 'unknown', amount: null },
    ],
  }),
  agreed({ instrument: { title: { en: 'Agreement' }, number: 'No. 7/2024' } }),
  example('consented'),
  example('updated'),
  example('pledged', {}, { occurredOn: '2024-07' }),
  funded({ agreementNumber: 'KR-1', pledge: 'kr-pledge' }),
  funded({ line: 'secret', amount: null, amountStatus: 'undisclosed' }),
  example('party-joined'),
  example('party-renamed'),
  example('tranche-planned'),
  example('tranche-planned', { amount: { value: '900000', currency: 'USD' } }),
  example('started'),
  example('disbursed', { valueDate: '2025-03-31' }, { occurredOn: '2025-03' }),
  example('refunded'),
  example('decommitted'),
  example('contributed-in-kind', {
    quantity: '2',
    unit: { en: 'floors' },
    valuation: { amount: { value: '1', currency: 'USD' }, method: { en: 'As bought' } },
  }),
  example('milestone-planned'),
  example('milestone-reached'),
  example('milestone-reached', {
    milestone: 'unplanned',
    title: { vi: 'Khác' },
    outcome: 'missed',
    reason: { vi: 'Muộn' },
  }),
  example('rescheduled'),
  example('indicator-reported', {
    baseline: '1',
    actual: '2.5',
    unit: { en: '% of the budget' },
    period: '2025',
    direction: 'at-least',
  }),
  example('indicator-reported', { indicator: 'undated' }),
  example('amended'),
  example('risk-flagged'),
  example('risk-cleared'),
  example('agenda-set'),
  example('agenda-item-resolved'),
  example('linked'),
  example('linked', { relation: 'precedes' }),
  example('unlinked'),
  example('confirmed'),
  example('assessed'),
  example(
    'evidence-attached',
    {},
    {
      evidence: [
        {
          title: 'A paper',
          supports: 'It says so',
          url: 'https://example.org/a[1].pdf?q=ü',
          publishedOn: '2025-01-02',
          language: 'zh-Hant',
        },
      ],
    },
  ),
  example('contested'),
  example('contest-resolved'),
  example('suspended'),
  example('resumed'),
  delivered({ complete: false }),
  delivered(),
  example('closed'),
  example('reopened'),
  example('party-left'),
  example('ended', { ending: 'superseded', remaining: 'decommit' }),
  example('corrected', { corrections: [{ event: 1, occurredOn: '2024-02' }] }),
  example('retracted', { events: [3] }),
]

const stream: readonly RecordedEvent[] = life.map((body, index) =>
  recorded(body, { version: index + 1, position: index + 1 }),
)

const file = (events: readonly RecordedEvent[]) => publish(new Map([['joint-laboratory', events]]), publication)

t.test('every type of event decides what becomes of it', async (t) => {
  t.same(Object.keys(expressions).toSorted(), [...eventTypes])
  t.same([...new Set(stream.map(({ type }) => type))].toSorted(), [...eventTypes], 'and each is in this life')
})

t.test('after every event of every type the file is valid in all three layers', async (t) => {
  for (let length = 1; length <= stream.length; length += 1) {
    const { xml, exported } = file(stream.slice(0, length))
    t.same(exported, ['joint-laboratory'], `${length}`)
    t.same(findings(xml), [], `after ${stream[length - 1]?.type}`)
  }
})

t.test('what cannot be expressed is counted, and nothing else is', async (t) => {
  const { drafts } = file(stream)
  const counted = Object.fromEntries(drafts.get('joint-laboratory')?.notExpressible ?? [])
  const not = (Object.keys(expressions) as EventType[]).filter((type) => expressions[type].fate === 'not')
  for (const type of not) if (type !== 'consented') t.ok((counted[type] ?? 0) > 0, type)
  t.equal(counted['consented'], undefined, 'a retracted event is not there')
  t.equal(counted['relation'], 1)
  t.ok((counted['evidence-without-url'] ?? 0) > 0)
})

t.test('money: signs, codes, references and dates', async (t) => {
  const { xml } = file(stream)
  const of = (ref: string) => new RegExp(`<transaction ref="${ref}".*?</transaction>`).exec(xml)?.[0] ?? ''
  t.match(
    of('kr-grant'),
    /<transaction-type code="11"\/><transaction-date iso-date="2024-09-30" c:date="2024-09"\/><value currency="USD" value-date="2024-09-30">2000000</,
  )
  t.match(
    of('payment-1'),
    /code="1"\/><transaction-date iso-date="2025-03-31" c:date="2025-03"\/><value currency="USD" value-date="2025-03-31" c:date="2025-03-31">1000000</,
  )
  t.match(of('payment-1-v14'), /code="1"\/>.*>-250000</)
  t.match(of('kr-grant-v15'), /code="11"\/>.*>-500000<.*As the report says/)
  t.match(of('kr-grant-v43'), /code="11"\/>.*>-750000</, 'the rest that the ending took off')
  t.match(of('kr-pledge'), /code="13"\/>.*>3000000</)
  t.equal(of('secret'), '')
  t.match(
    xml,
    /Funded: Not disclosed \(Ministry of Science → Ministry of Science and Technology\)\. The amount is not in the record\./,
  )
  t.match(
    xml,
    /<planned-disbursement type="2" c:version="11"><period-start iso-date="2027-01-01" c:date="2027"\/><period-end iso-date="2027-12-31"\/>/,
  )
  t.match(file(stream.slice(0, 10)).xml, /<planned-disbursement type="1"/)
  for (const party of [undefined, 'msit-kr', 'kist-kr']) {
    const { reportingParty: _, ...others } = settings
    const other = publish(
      new Map([['joint-laboratory', stream]]),
      publicationOf(party === undefined ? others : { ...settings, reportingParty: party }),
    )
    t.same(
      [...other.xml.matchAll(/<transaction-type code="(\d+)"/g)].map(([, code]) => code),
      ['12', '2', '3', '3', '2', '2'],
      party ?? 'none',
    )
  }
})

t.test('the parts of a programme carry its figures: its own are said in words, and reported', async (t) => {
  const course = courseOf(stream)
  if (course === null) throw new Error('there is no course')
  const { xml, draft } = drained(
    writeActivity(course, publication, { ...alone, below: { pledged: false, committed: true } }),
  )
  t.same(
    [...xml.matchAll(/<transaction-type code="(\d+)"/g)].map(([, code]) => code),
    ['13'],
  )
  t.notMatch(xml, '<planned-disbursement')
  t.match(xml, /2000000 USD .*Its parts carry this figure/)
  t.match(draft.warnings, [{ id: 'double-count-risk' }])
  t.equal(draft.omissions.filter(({ why }) => why.startsWith('Its parts carry')).length, 6)
})

t.test('as of a day the file shows what counted then', async (t) => {
  const course = courseOf(stream, '2024-10-01')
  if (course === null) throw new Error('there is no course')
  const { xml } = drained(writeActivity(course, publicationOf(settings, '2024-10-01'), alone))
  t.match(xml, '<transaction ref="kr-grant"')
  t.notMatch(xml, 'payment-1')
  t.match(xml, '<activity-status code="1"/>')
  t.equal(courseOf(stream, '2024-01-31'), null)
})

t.test(
  'documents: once for each address, encoded, with a language of their own and the day of publication',
  async (t) => {
    const { xml } = file(stream)
    t.match(
      xml,
      '<document-link url="https://example.org/a%5B1%5D.pdf?q=%C3%BC" format="application/pdf"><title><narrative>A paper</narrative></title><description><narrative>It says so</narrative></description><category code="A12"/><language code="zh"/><document-date iso-date="2025-01-02"/></document-link>',
    )
  },
)

t.test('results: values with a period in it, others in words; milestones have no values', async (t) => {
  const { xml } = file(stream)
  t.match(xml, '<indicator measure="2" ascending="true"><title><narrative>Papers</narrative></title>')
  t.match(
    xml,
    '<baseline year="2025" value="1"/><period c:version="21"><period-start iso-date="2025-01-01" c:date="2025"/><period-end iso-date="2025-12-31"/><target value="10"/><actual value="2.5"/></period>',
  )
  t.match(xml, 'Target: 10 papers a year')
  t.match(
    xml,
    /<indicator measure="5"><title><narrative>Opening<\/narrative><\/title><period .*<target><comment><narrative>Planned for some day in 2027-06</,
  )
  t.match(xml, /<indicator measure="5"><title><narrative xml:lang="vi">Khác<\/narrative><\/title><description>.*Muộn/)
})

t.test('the record of our own leads from each transaction to its event', async (t) => {
  const { xml } = file(stream)
  for (const [, version = '', value = ''] of xml.matchAll(
    /<transaction ref="[^"]*" c:version="(\d+)">.*?<value [^>]*>-?([^<]*)</g,
  )) {
    const { data, type } = stream[Number(version) - 1] as RecordedEvent
    if (type !== 'ended') t.equal((data as { amount: { value: string } }).amount.value, value)
  }
  t.match(xml, `<c:record c:log-id="${head.logId}" c:position="${stream.length}"/></iati-activity>`)
})
