import { type EventBody, Status, statusOf } from '@commitments/domain'
import { agreed, delivered, example, exampleDay, funded, proposed, stateAfter } from '@commitments/test-kit/domain'
import t from 'tap'

const statusAfter = (...history: EventBody[]) => statusOf(stateAfter(...history), exampleDay, 'Asia/Ho_Chi_Minh')

t.test('the status has the members that the design shows, in that order, and others after them', async (t) => {
  const shown =
    'proposalId title kind stage ending suspended condition parties fields parent planned requested money delivery milestones history ' +
    'evidenceCount contested version position lastEventAt lastConfirmedOn'
  const status = statusAfter(proposed())
  t.same(Object.keys(status).slice(0, 22), shown.split(' '))
  t.same(Object.keys(status.money).slice(0, 4), ['pledged', 'committed', 'disbursed', 'undisbursed'])
  t.same(Object.keys(status.history), ['proposed', 'agreed', 'funded', 'delivered'])
  t.same(Object.keys(Status.shape), Object.keys(status))
})

t.test('the status of every stage fits the schema that the API documents', async (t) => {
  const histories = [
    [proposed()],
    [proposed(), agreed()],
    [proposed(), agreed(), funded({ amount: null, amountStatus: 'unknown' })],
    [proposed(), agreed(), funded(), delivered({ complete: false })],
    [proposed(), agreed(), funded(), delivered()],
    [proposed({ kind: 'forum', agenda: { declaredCount: 6 } }), delivered(), agreed({}, { occurredOn: '1999' })],
  ]
  for (const history of histories) {
    const status = statusAfter(...history)
    t.same(Status.parse(status), status)
  }
})

t.test('all pieces of evidence are counted', async (t) => {
  const piece = { title: 'Report', supports: 'Says so.' }
  const onWord = { evidence: [], assertedBy: 'most-vn' }
  t.equal(statusAfter(proposed({}, { evidence: [piece, piece] }), agreed({}, onWord), funded()).evidenceCount, 3)
})

t.test('acts whose dates are certainly in the wrong order are flagged', async (t) => {
  t.same(statusAfter(proposed(), agreed(), funded(), delivered()).flags, [])
  t.same(statusAfter(proposed(), agreed({}, { occurredOn: '2023' })).flags, [
    { flag: 'acts-out-of-order', act: 'agreed', follows: 'proposed' },
  ])
  t.same(statusAfter(proposed(), agreed({}, { occurredOn: '2024' })).flags, [], 'it may be in order')
  t.same(statusAfter(proposed({}, { occurredOn: null }), agreed({}, { occurredOn: '1990' })).flags, [])
  const { flags } = statusAfter(proposed(), agreed(), funded({}, { occurredOn: '2020' }))
  t.same(
    flags.map((flag) => (flag.flag === 'acts-out-of-order' ? `${flag.act} before ${flag.follows}` : flag.flag)),
    ['funded before proposed', 'funded before agreed'],
  )
})

t.test('no language of a title, summary, name or objective is lost', async (t) => {
  const title = { vi: 'Đề xuất'.normalize('NFD'), ko: '제안', en: 'Proposal', 'zh-Hant': '提案' }
  const summary = { fr: 'Résumé', en: 'Summary' }
  const objectives = { vi: 'Mục tiêu', en: 'Objectives' }
  const status = statusAfter(proposed({ title, summary }), agreed({ terms: { objectives } }))
  t.equal(JSON.stringify(status.title), JSON.stringify(title))
  t.equal(JSON.stringify(status.summary), JSON.stringify(summary))
  t.equal(JSON.stringify(status.agreement?.terms?.objectives), JSON.stringify(objectives))
})

t.test('the history of the stage includes endings and reopenings', async (t) => {
  const { stageHistory, end } = statusAfter(
    proposed(),
    agreed(),
    example('ended', { ending: 'withdrawn' }),
    example('reopened'),
    funded({}, { occurredOn: '2026-07' }),
    example('started', {}, { occurredOn: '2026-07' }),
  )
  t.match(
    stageHistory.map(({ stage, ending, version }) => [stage, ending, version]),
    [
      ['proposed', null, 1],
      ['agreed', null, 2],
      ['agreed', 'withdrawn', 3],
      ['agreed', null, 4],
      ['funded', null, 5],
    ],
  )
  t.match(stageHistory.at(-1), { occurredOn: '2026-07', recordedAt: '2026-11-22T08:00:00.000123Z' })
  t.equal(end, null)
})

t.test('requested, pledged, committed, disbursed and undisbursed are five sums, each by currency', async (t) => {
  const krw = { value: '9000', currency: 'KRW' }
  const { money } = statusAfter(
    proposed({
      requestedFunding: [{ amount: krw }, { amount: null, amountStatus: 'unknown' }, { provider: 'msit-kr' }],
    }),
    agreed(),
    example('pledged'),
    funded({ pledge: 'kr-pledge' }),
    funded({ line: 'kr-won', amount: krw }),
    example('disbursed'),
    example('decommitted'),
    example('contributed-in-kind'),
  )
  t.match(money, {
    requested: { KRW: '9000' },
    pledged: { USD: '3000000' },
    committed: { USD: '1500000', KRW: '9000' },
    disbursed: { USD: '1000000' },
    undisbursed: { USD: '500000', KRW: '9000' },
    undisclosed: [],
  })
  t.equal(money.inKind.length, 1)
})

t.test('committing more than was pledged is recorded and flagged, in either order', async (t) => {
  const pledged = (value: string) => example('pledged', { amount: { value, currency: 'USD' } })
  const line = (id: string, value: string) =>
    funded({ line: id, pledge: 'kr-pledge', amount: { value, currency: 'USD' } })
  const flagsAfter = (...history: Parameters<typeof statusAfter>) => statusAfter(...history).flags
  const over = (announced: string, committed: string) => [
    {
      flag: 'over-pledge',
      pledge: 'kr-pledge',
      pledged: { value: announced, currency: 'USD' },
      committed: { value: committed, currency: 'USD' },
    },
  ]
  const begun = [proposed(), agreed()]
  t.same(flagsAfter(...begun, pledged('100'), line('a', '100')), [], 'as much as was pledged')
  t.same(flagsAfter(...begun, pledged('100'), line('a', '100.01')), over('100', '100.01'))
  t.same(flagsAfter(...begun, pledged('100'), line('a', '60'), line('b', '60')), over('100', '120'))
  t.same(flagsAfter(...begun, pledged('100'), line('a', '100'), pledged('80')), over('80', '100'))
  t.same(flagsAfter(...begun, pledged('100'), line('a', '100'), pledged('0')), over('0', '100'), 'withdrawn')
  const less = example('decommitted', { line: 'a', amount: { value: '20', currency: 'USD' } })
  t.same(flagsAfter(...begun, pledged('100'), line('a', '100'), pledged('80'), less), [])
  const unknown = funded({ pledge: 'kr-pledge', amount: null, amountStatus: 'unknown' })
  t.same(flagsAfter(...begun, pledged('100'), unknown), [], 'an unknown amount is not more')
})
