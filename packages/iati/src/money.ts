/** Pledges, commitments and payments as transactions, and plans of payments as planned disbursements. */
import {
  amountStatusWords,
  collecting,
  type Day,
  definitionOf,
  type EventType,
  type FinanceType,
  type LanguageMap,
  labelOf,
  lastDay,
  type Money,
  type Proposal,
  type Sliced,
  undisbursedOf,
  type When,
  type WordLanguage,
} from '@commitments/domain'
import { type Code, isCode } from './codes.ts'
import { type Course, type Step, stepsOf } from './course.ts'
import { dayOfHappening, isExact, planBounds } from './days.ts'
import type { Draft } from './draft.ts'
import { organisation } from './organisations.ts'
import { dateInWords, type PhraseName, phrase } from './words.ts'
import type { Element } from './xml.ts'

/** Figures of a programme that its parts carry: they are not counted again. */
export interface CarriedBelow {
  readonly pledged: boolean
  readonly committed: boolean
}

/** Money that moved, or was promised. */
interface Movement {
  readonly what: EventType
  readonly ref: string
  readonly out: Code<'TransactionType'>
  /** The code where the reporting party receives. */
  readonly into: Code<'TransactionType'>
  readonly amount: { readonly value: string; readonly currency: string }
  readonly provider: string
  readonly receiver: string | null
  readonly financeType?: FinanceType | undefined
  readonly event: Step['event']
  readonly valueDate?: When | null | undefined
  readonly reason?: LanguageMap | undefined
  readonly figure: keyof CarriedBelow
  /** The reference of the transaction that it reduces. */
  readonly reduces?: string
}

/** All transactions of a proposal, in the order of their events. What cannot be written is said in words, and reported. */
export function* transactions(draft: Draft, course: Course, below: CarriedBelow): Sliced<Element[]> {
  const written = new Set<string>()
  return yield* collecting(yield* movementsOf(draft, course), (movement) => {
    const found = dayOfHappening(movement.event, draft.publication.limit)
    const why = whyNot(movement, below, written) ?? ('day' in found ? null : found.why)
    if (why !== null || !('day' in found)) {
      inWords(draft, movement, why ?? 'undated')
      return []
    }
    written.add(movement.ref)
    return [transaction(draft, movement, found.day)]
  })
}

function whyNot(
  { figure, amount, reduces }: Movement,
  below: CarriedBelow,
  written: ReadonlySet<string>,
): PhraseName | null {
  if (below[figure]) return 'beside'
  if (!isCode('Currency', amount.currency)) return 'currency'
  return reduces !== undefined && !written.has(reduces) ? 'no-counterpart' : null
}

function inWords(draft: Draft, { what, amount, provider, receiver, event, ref }: Movement, why: PhraseName): void {
  sayMoney(draft, what, `${amount.value} ${amount.currency}`, [provider, receiver], why)
  draft.omit(event.version, `${what} ${ref}`, phrase(why, 'en'))
  if (why === 'beside' && !draft.warnings.some(({ id }) => id === 'double-count-risk'))
    draft.warnings.push({ id: 'double-count-risk', message: doubleCount })
}

const doubleCount =
  'It has money of its own, and its parts carry the same figure. Only that of the parts is published as transactions; its own is in words.'

function sayMoney(
  draft: Draft,
  what: EventType,
  amount: string | ((language: WordLanguage) => string),
  parties: readonly (string | null)[],
  why: PhraseName,
): void {
  draft.state((language) =>
    phrase('money', language, {
      what: definitionOf(what)?.words[language].label ?? what,
      amount: typeof amount === 'string' ? amount : amount(language),
      parties: parties.flatMap((party) => (party === null ? [] : [draft.nameOf(party, language)])).join(' → '),
      why: phrase(why, language),
    }),
  )
}

function transaction(draft: Draft, movement: Movement, day: Day): Element {
  const { ref, amount, provider, receiver, event, valueDate, financeType } = movement
  const { reportingParty } = draft.settings
  const receives = reportingParty !== undefined && reportingParty === receiver && reportingParty !== provider
  const valueDay = valueDate && isExact(valueDate) && valueDate <= draft.publication.limit ? valueDate : day
  const described = descriptionOf(draft, movement)
  const finance = financeType === 'grant' ? '110' : financeType === 'loan' ? '421' : null
  return {
    '@ref': ref,
    '@c:version': String(event.version),
    'transaction-type': { '@code': receives ? movement.into : movement.out },
    'transaction-date': { '@iso-date': day, '@c:date': event.occurredOn ?? undefined },
    value: {
      '@currency': amount.currency,
      '@value-date': valueDay,
      '@c:date': valueDate ?? undefined,
      '#text': amount.value,
    },
    description: described === null ? undefined : draft.text(described, 'reason', event.version),
    'provider-org': organisation(draft, provider),
    'receiver-org': receiver === null ? undefined : organisation(draft, receiver),
    'finance-type': finance === null ? undefined : { '@code': finance },
  }
}

/** The reason, and the date in words where it is not one day: a transaction date has no text of its own. */
function descriptionOf(draft: Draft, { event, reason }: Movement): LanguageMap | null {
  const { occurredOn } = event
  const imprecise = occurredOn !== null && !isExact(occurredOn)
  if (!imprecise) return reason ?? null
  const date = (language: WordLanguage) => dateInWords(occurredOn, language)
  return reason === undefined ? draft.sentence(date) : draft.labelled(date, reason)
}

function* movementsOf(draft: Draft, course: Course): Sliced<Movement[]> {
  const refs = refsOf(course)
  const pledged = pledgesOf(course, refs)
  const moved = yield* collecting(course.steps, (step) => ofStep(draft, step, refs))
  return [...pledged, ...moved].toSorted((a, b) => a.event.version - b.event.version)
}

interface Refs {
  /** What a line was committed as. */
  readonly lines: ReturnType<typeof linesOf>
  readonly pledge: (id: string) => string
  readonly payment: (id: string) => string
  readonly lineOfPayment: ReadonlyMap<string, string>
}

/** Ids of lines, pledges and payments are unique among themselves only; references of transactions among all of them. */
function refsOf(course: Course): Refs {
  const lines = linesOf(course)
  const pledges = new Set(stepsOf(course, 'pledged').map(({ event }) => event.data.pledge))
  const pledge = (id: string) => (lines.has(id) ? `${id}-pledge` : id)
  const payment = (id: string) => (lines.has(id) || pledges.has(id) ? `${id}-payment` : id)
  const payments = stepsOf(course, 'disbursed').map(({ event }) => [event.data.transaction, event.data.line] as const)
  return { lines, pledge, payment, lineOfPayment: new Map(payments) }
}

/** The commitment of each line: the first, if a line could be in the record twice. */
function linesOf(course: Course) {
  return new Map(
    stepsOf(course, 'funded')
      .toReversed()
      .map(({ event: { data } }) => [data.line, data] as const),
  )
}

/** The latest absolute amount of each pledge; an earlier one is not a transaction of its own. */
function pledgesOf(course: Course, refs: Refs): Movement[] {
  const steps = new Map(stepsOf(course, 'pledged').map((step) => [step.event.version, step]))
  return course.proposal.pledges.flatMap(({ pledge, provider, amount, version }): Movement[] => {
    const step = steps.get(version)
    if (step === undefined || isZero(amount)) return []
    const receiver = receiverOfPledge(course.proposal, pledge)
    const [ref, figure] = [refs.pledge(pledge), 'pledged'] as const
    return [{ what: 'pledged', ref, out: '12', into: '13', amount, provider, receiver, event: step.event, figure }]
  })
}

/** Where a line was committed from the pledge, that line says who receives. */
function receiverOfPledge({ lines }: Proposal, pledge: string): string | null {
  const receivers = new Set(lines.flatMap((line) => (line.pledge === pledge ? line.receiver : [])))
  const [only, ...others] = receivers
  return only === undefined || others.length > 0 ? null : only
}

function isZero({ value }: { readonly value: string }): boolean {
  return !/[1-9]/.test(value)
}

function ofStep(draft: Draft, { event, linesBefore }: Step, refs: Refs): Movement[] {
  if (event.type === 'funded') return commitment(draft, event)
  if (event.type === 'disbursed') return payment(event, refs)
  if (event.type === 'refunded') return refund(event, refs)
  if (event.type === 'decommitted') {
    const { line, amount, reason } = event.data
    return reduction(refs, event, line, amount, reason)
  }
  if (event.type !== 'ended' || event.data.remaining !== 'decommit') return []
  const { reason } = event.data
  return linesBefore.flatMap((line) => {
    const rest = undisbursedOf(line)
    return rest === null || isZero(rest) ? [] : reduction(refs, event, line.line, rest, reason)
  })
}

function commitment(draft: Draft, event: Step<'funded'>['event']): Movement[] {
  const { line: ref, amount, amountStatus, provider, receiver, financeType, valueDate } = event.data
  const figure = 'committed'
  if (amount !== null)
    return [
      { what: 'funded', ref, out: '2', into: '11', amount, provider, receiver, financeType, event, valueDate, figure },
    ]
  const status = (language: WordLanguage) => labelOf(amountStatusWords, amountStatus ?? 'unknown', language)
  sayMoney(draft, 'funded', status, [provider, receiver], 'amount-unknown')
  draft.omit(event.version, `funded ${ref}`, phrase('amount-unknown', 'en'))
  return []
}

function reduction(
  { lines }: Refs,
  event: Step['event'],
  line: string,
  amount: Money,
  reason: LanguageMap,
): Movement[] {
  const funded = lines.get(line)
  if (funded === undefined) return []
  const { provider, receiver, financeType } = funded
  const negative = { value: `-${amount.value}`, currency: amount.currency }
  const parts = { provider, receiver, financeType, event, reason, figure: 'committed', reduces: line } as const
  return [{ what: event.type, ref: `${line}-v${event.version}`, out: '2', into: '11', amount: negative, ...parts }]
}

function payment(event: Step<'disbursed'>['event'], refs: Refs): Movement[] {
  const { transaction: id, line, amount, valueDate } = event.data
  const funded = refs.lines.get(line)
  if (funded === undefined) return []
  const { provider, receiver, financeType } = funded
  const [ref, figure] = [refs.payment(id), 'committed'] as const
  return [
    { what: 'disbursed', ref, out: '3', into: '1', amount, provider, receiver, financeType, event, valueDate, figure },
  ]
}

function refund(event: Step<'refunded'>['event'], refs: Refs): Movement[] {
  const { transaction: id, amount, reason } = event.data
  const line = refs.lineOfPayment.get(id)
  const funded = line === undefined ? undefined : refs.lines.get(line)
  if (funded === undefined) return []
  const { provider, receiver, financeType } = funded
  const reduces = refs.payment(id)
  const negative = { value: `-${amount.value}`, currency: amount.currency }
  const parts = { provider, receiver, financeType, event, reason, figure: 'committed', reduces } as const
  return [{ what: 'refunded', ref: `${reduces}-v${event.version}`, out: '3', into: '1', amount: negative, ...parts }]
}

/** Tranches with a first possible day. What was paid of one is a transaction as well: IATI has plans beside payments. */
export function* plannedDisbursements(draft: Draft, course: Course, below: CarriedBelow): Sliced<Element[]> {
  const plans = Map.groupBy(stepsOf(course, 'tranche-planned'), ({ event }) => event.data.tranche)
  const lines = linesOf(course)
  return yield* collecting(course.proposal.tranches, ({ tranche, line, amount, when, version }): Element[] => {
    const funded = lines.get(line)
    if (funded === undefined || isZero(amount)) return []
    const { first } = planBounds(when)
    const why = below.committed
      ? 'beside'
      : !isCode('Currency', amount.currency)
        ? 'currency'
        : first === null
          ? 'undated'
          : null
    if (why !== null || first === null) {
      sayMoney(
        draft,
        'tranche-planned',
        `${amount.value} ${amount.currency}`,
        [funded.provider, funded.receiver],
        why ?? 'undated',
      )
      draft.omit(version, `tranche-planned ${tranche}`, phrase(why ?? 'undated', 'en'))
      return []
    }
    const last = lastDay(when)
    const isFirstPlan = plans.get(tranche)?.length === 1
    return [
      {
        '@type': isFirstPlan ? '1' : '2',
        '@c:version': String(version),
        'period-start': { '@iso-date': first, '@c:date': when ?? undefined },
        'period-end': last === null ? undefined : { '@iso-date': last },
        value: { '@currency': amount.currency, '@value-date': first, '#text': amount.value },
        'provider-org': organisation(draft, funded.provider),
        'receiver-org': organisation(draft, funded.receiver),
      },
    ]
  })
}
