/** Each amount in a row of its own, with the figure that it belongs to, so that it can be added up. */
import {
  committedOf,
  difference,
  domainVocabulary,
  type FigureName,
  figures,
  isLapsed,
  type Proposal,
  type RecordedEvent,
  type Sliced,
  undisbursedOf,
  type WordTable,
} from '@commitments/domain'
import {
  code,
  countryOf,
  dates,
  decimal,
  integer,
  inWords,
  partyAndName,
  type Texts,
  text,
  yesOrNo,
} from './columns.ts'
import { inCountingOrder, positionOf } from './known-events.ts'
import { defineTable, fromEvent, ofProposal, partyIn, type Subject } from './table.ts'

/** The first six are those of the totals; `planned` is in none. */
export const amountFigureWords = {
  requested: {
    en: { label: 'Requested', description: 'Asked for by a party.' },
    vi: { label: 'Vốn đề nghị', description: 'Do một bên đề nghị.' },
    ko: { label: '요청', description: '당사자가 요청한 금액이다.' },
  },
  pledged: {
    en: { label: 'Pledged', description: 'Announced, and not binding.' },
    vi: { label: 'Cam kết chưa ràng buộc', description: 'Đã công bố, chưa ràng buộc.' },
    ko: { label: '공여 의사', description: '표명되었으나 구속력이 없는 금액이다.' },
  },
  committed: {
    en: { label: 'Committed', description: 'Firmly promised in writing, without what was decommitted.' },
    vi: { label: 'Vốn cam kết', description: 'Đã cam kết chắc chắn bằng văn bản, trừ phần đã hủy.' },
    ko: { label: '약정', description: '서면으로 확정된 금액으로, 취소된 것은 뺀다.' },
  },
  disbursed: {
    en: { label: 'Disbursed', description: 'Paid, without what was refunded.' },
    vi: { label: 'Giải ngân', description: 'Đã giải ngân, trừ phần đã hoàn trả.' },
    ko: { label: '집행', description: '지급된 금액으로, 환급된 것은 뺀다.' },
  },
  undisbursed: {
    en: { label: 'Still to come', description: 'Committed and not disbursed, of proposals that are not over.' },
    vi: { label: 'Chưa giải ngân', description: 'Đã cam kết mà chưa giải ngân, của đề xuất chưa kết thúc.' },
    ko: { label: '미집행', description: '끝나지 않은 제안에서 약정되고 아직 집행되지 않은 금액이다.' },
  },
  'lapsed-requested': {
    en: { label: 'Lapsed request', description: 'Asked for by a proposal that then came to nothing.' },
    vi: { label: 'Đề nghị hết hiệu lực', description: 'Đề nghị của đề xuất không thành.' },
    ko: { label: '효력 없는 요청', description: '성사되지 않은 제안의 요청 금액이다.' },
  },
  'lapsed-pledged': {
    en: { label: 'Lapsed pledge', description: 'Announced for a proposal that then came to nothing.' },
    vi: { label: 'Cam kết hết hiệu lực', description: 'Cam kết cho đề xuất không thành.' },
    ko: { label: '효력 없는 공여 의사', description: '성사되지 않은 제안에 표명된 금액이다.' },
  },
  'in-kind': {
    en: { label: 'In kind', description: 'Given in kind, with its value if it has one. Never added to money.' },
    vi: { label: 'Hiện vật', description: 'Đóng góp hiện vật và giá trị nếu có. Không cộng vào tiền.' },
    ko: { label: '현물', description: '현물 제공과 그 가치이다. 돈에 더하지 않는다.' },
  },
  planned: {
    en: { label: 'Planned tranche', description: 'A planned transfer of committed money. It is in no total.' },
    vi: { label: 'Đợt dự kiến', description: 'Đợt giải ngân dự kiến của vốn cam kết. Không tính vào tổng nào.' },
    ko: { label: '예정 지급분', description: '약정된 자금의 예정된 지급으로, 어느 합계에도 들어가지 않는다.' },
  },
} as const satisfies WordTable

type AmountFigure = keyof typeof amountFigureWords

/** The figures of the domain that count, or do not count, together. Null: counts always. */
const figureOf: Readonly<Record<Exclude<AmountFigure, 'planned'>, FigureName | null>> = {
  requested: 'requested',
  pledged: 'pledged',
  committed: 'committed',
  disbursed: 'committed',
  undisbursed: 'committed',
  'lapsed-requested': 'lapsedRequested',
  'lapsed-pledged': 'lapsedPledged',
  'in-kind': null,
}

interface AmountRow {
  readonly subject: Subject
  readonly figure: AmountFigure
  readonly item: string
  readonly amount?: string | null | undefined
  readonly currency?: string | null | undefined
  readonly amountStatus?: string | null | undefined
  /** What was taken off the amount. */
  readonly reduction?: string
  readonly provider?: string | undefined
  readonly receiver?: string | undefined
  readonly financeType?: string | undefined
  readonly agreementNumber?: string | undefined
  readonly line?: string
  readonly pledge?: string | undefined
  readonly tranche?: string | null
  readonly occurredOn?: string | null
  readonly date?: string | null | undefined
  readonly given?: { readonly item: Texts; readonly quantity?: string; readonly unit?: Texts; readonly method?: Texts }
  readonly version: number | null
}

export const moneyTable = defineTable<AmountRow>({
  name: 'money',
  words: {
    en: { label: 'Money', description: 'One row for each amount: its figure, its value and its currency.' },
    vi: { label: 'Vốn', description: 'Mỗi số tiền một dòng: chỉ tiêu, giá trị và loại tiền.' },
    ko: { label: '자금', description: '금액마다 한 행으로, 수치 구분과 값과 통화를 담는다.' },
  },
  scope: 'read',
  key: ['proposalId', 'figure', 'item'],
  foreignKeys: [ofProposal, fromEvent],
  columns: [
    text('proposalId', ({ subject }) => subject.status.proposalId),
    ...code<AmountRow>('figure', amountFigureWords, ({ figure }) => figure),
    text('item', ({ item }) => item, 'itemOf'),
    yesOrNo('counted', isCounted),
    decimal('amount', ({ amount }) => amount),
    text('currency', ({ currency }) => currency),
    ...code<AmountRow>('amountStatus', domainVocabulary.amountStatuses, ({ amountStatus }) => amountStatus),
    decimal('reduction', ({ reduction }) => reduction),
    ...partyAndName<AmountRow>('provider', ({ provider }) => provider, nameOf),
    countryOf('provider', ({ subject, provider }) => partyIn(subject, provider)?.country),
    ...partyAndName<AmountRow>('receiver', ({ receiver }) => receiver, nameOf),
    countryOf('receiver', ({ subject, receiver }) => partyIn(subject, receiver)?.country),
    ...code<AmountRow>('financeType', domainVocabulary.financeTypes, ({ financeType }) => financeType),
    text('agreementNumber', ({ agreementNumber }) => agreementNumber),
    text('line', ({ line }) => line),
    text('pledge', ({ pledge }) => pledge),
    text('tranche', ({ tranche }) => tranche),
    ...dates<AmountRow>('occurredOn', ({ occurredOn }) => occurredOn),
    ...dates<AmountRow>('date', ({ date }) => date, 'moneyDate'),
    inWords('given', ({ given }) => given?.item),
    decimal('quantity', ({ given }) => given?.quantity),
    inWords('unit', ({ given }) => given?.unit),
    inWords('method', ({ given }) => given?.method),
    integer('version', ({ version }) => version, 'eventOf'),
    integer('position', ({ subject, version }) => positionOf(subject.events, version), 'positionOf'),
  ],
  needsEvents: ({ requested, pledges, lines, inKind }) =>
    [requested, pledges, lines, inKind].some(({ length }) => length > 0),
  *rows(subject) {
    const { proposal } = subject
    const lapsed = isLapsed(proposal)
    return [
      ...(yield* requests(subject, lapsed ? 'lapsed-requested' : 'requested')),
      ...proposal.pledges.map(
        ({ pledge, provider, amount, occurredOn, version }): AmountRow => ({
          subject,
          figure: lapsed ? 'lapsed-pledged' : 'pledged',
          item: pledge,
          amount: amount.value,
          currency: amount.currency,
          provider,
          pledge,
          occurredOn,
          version,
        }),
      ),
      ...proposal.lines.flatMap((line) => amountsOfLine(subject, line)),
      ...proposal.tranches.map((tranche) => plannedAmount(subject, tranche)),
      ...proposal.inKind.map((given, index) => inKindAmount(subject, given, index)),
    ]
  },
})

/** Whether the row is in the totals of the view: as docs/domain.md says, Totals. */
function isCounted({ subject, figure }: AmountRow): boolean {
  if (figure === 'planned' || subject.proposal.ending === 'void') return false
  const name = figureOf[figure]
  return name === null || !figures[name].members.some((member) => subject.beside.has(member))
}

function nameOf({ subject }: AmountRow, party: string): Texts | undefined {
  return partyIn(subject, party)?.name
}

const withRequests: ReadonlySet<string> = new Set<RecordedEvent['type']>(['proposed', 'updated'])

/** Requests come from the last event that names any. */
function* requests(subject: Subject, figure: AmountFigure): Sliced<AmountRow[]> {
  const { requested } = subject.proposal
  if (requested.length === 0) return []
  const told = (yield* inCountingOrder(subject.events, withRequests)).findLast(
    (event) => (event.type === 'proposed' || event.type === 'updated') && event.data.requestedFunding !== undefined,
  )
  return requested.map(
    ({ provider, amount, amountStatus, financeType }, index): AmountRow => ({
      subject,
      figure,
      item: String(index + 1),
      amount: amount?.value,
      currency: amount?.currency,
      amountStatus,
      provider,
      financeType,
      occurredOn: told?.occurredOn ?? null,
      version: told?.version ?? null,
    }),
  )
}

/** What is committed on the line, what was paid on it, and what is still to come. */
function amountsOfLine(subject: Subject, of: Proposal['lines'][number]): AmountRow[] {
  const { line, provider, receiver, financeType, currency, occurredOn, version } = of
  const common = { subject, line, provider, receiver, financeType, currency }
  const { ending, stage, transactions } = subject.proposal
  const rest = ending !== null || stage === 'closed' ? null : undisbursedOf(of)
  return [
    {
      ...common,
      figure: 'committed',
      item: line,
      amount: committedOf(of)?.value,
      amountStatus: of.amountStatus,
      reduction: of.decommitted,
      agreementNumber: of.agreementNumber,
      pledge: of.pledge,
      occurredOn,
      date: of.valueDate,
      version,
    },
    ...transactions.filter((paid) => paid.line === line).map((paid) => paidAmount(common, paid)),
    ...(rest === null ? [] : [{ ...common, figure: 'undisbursed' as const, item: line, amount: rest.value, version }]),
  ]
}

type OfLine = Pick<AmountRow, 'subject' | 'line' | 'provider' | 'receiver' | 'financeType'>

function paidAmount(common: OfLine, paid: Proposal['transactions'][number]): AmountRow {
  const { transaction, tranche, amount, refunded, occurredOn, valueDate, version } = paid
  const { currency } = amount
  return {
    ...common,
    figure: 'disbursed',
    item: transaction,
    amount: difference(amount.value, refunded, currency),
    currency,
    reduction: refunded,
    tranche,
    occurredOn,
    date: valueDate,
    version,
  }
}

function plannedAmount(subject: Subject, planned: Proposal['tranches'][number]): AmountRow {
  const { tranche, line, amount, when, occurredOn, version } = planned
  const { provider, receiver, financeType } = subject.proposal.lines.find((one) => one.line === line) ?? {}
  return {
    subject,
    figure: 'planned',
    item: tranche,
    amount: amount.value,
    currency: amount.currency,
    provider,
    receiver,
    financeType,
    line,
    tranche,
    occurredOn,
    date: when,
    version,
  }
}

function inKindAmount(subject: Subject, of: Proposal['inKind'][number], index: number): AmountRow {
  const { item, quantity, unit, provider, valuation, occurredOn, version } = of
  return {
    subject,
    figure: 'in-kind',
    item: String(index + 1),
    amount: valuation?.amount.value,
    currency: valuation?.amount.currency,
    provider,
    occurredOn,
    given: {
      item,
      ...(quantity === undefined ? {} : { quantity }),
      ...(unit === undefined ? {} : { unit }),
      ...(valuation === undefined ? {} : { method: valuation.method }),
    },
    version,
  }
}
